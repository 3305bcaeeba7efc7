"""chat.scheduleMessage and its list."""

from sandbox import events
from sandbox.json_types import Json
from sandbox.message import Message
from sandbox.rates import T3
from sandbox.web_api.call import Call, Method
from sandbox.web_api.chat import make, target, written
from sandbox.web_api.paging import page
from sandbox.web_api.refusal import Refused

FURTHEST = 120 * 86_400
"""Seconds ahead (docs.slack.dev/reference/methods/chat.scheduleMessage: 120 days)."""


async def schedule(call: Call) -> Json:
    slack, channel = call.slack, target(call)
    at = call.args.number("post_at", 0, least=0, most=2**53)
    wait = at - slack.clock.now()
    if wait <= 0:
        raise Refused("time_in_past")
    if wait > FURTHEST:
        raise Refused("time_too_far")
    given = written(call)
    if given.empty:
        raise Refused("no_text")
    message = make(call, channel, given)
    number = call.workspace.new_id("Q")

    def post() -> None:
        slack.scheduled.pop(number, None)
        if channel.id in call.workspace.channels and not channel.is_archived:
            message.ts = slack.clock.ts()
            call.workspace.post(channel, message)
            events.posted(slack, channel, message)

    slack.scheduled[number] = {
        "id": number,
        "channel_id": channel.id,
        "post_at": at,
        "date_created": int(slack.clock.now()),
        "text": message.text,
        "timer": slack.timers.after(wait, post),
    }
    return {"channel": channel.id, "scheduled_message_id": number, "post_at": at, "message": _told(message)}


def _told(message: Message) -> Json:
    told = message.web(metadata=True)
    del told["ts"]
    return told


async def list_(call: Call) -> Json:
    only = call.args.text("channel")
    found = [one for one in call.slack.scheduled.values() if only in ("", one["channel_id"])]
    part, metadata = page(found, call.args, default=100)
    told = [{name: value for name, value in one.items() if name != "timer"} for one in part]
    return {"scheduled_messages": told, "response_metadata": metadata}


async def delete(call: Call) -> Json:
    found = call.slack.scheduled.get(call.args.need("scheduled_message_id"))
    if found is None or found["channel_id"] != call.channel().id:
        raise Refused("invalid_scheduled_message_id")
    call.slack.timers.cancel(found["timer"])
    del call.slack.scheduled[found["id"]]
    return {}


WRITE = ("chat:write",)
METHODS = {
    "chat.scheduleMessage": Method(schedule, WRITE, T3),
    "chat.scheduledMessages.list": Method(list_, (), T3),
    "chat.deleteScheduledMessage": Method(delete, WRITE, T3),
}
