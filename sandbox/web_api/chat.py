"""chat.*: posting, changing and deleting messages."""

import re
from dataclasses import replace

from sandbox import events
from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.message import Message
from sandbox.rates import SPECIAL, T3, T4
from sandbox.web_api import content
from sandbox.web_api.automatic import linked
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused

_TS = re.compile(r"\d+\.\d+")


def target(call: Call, name: str = "channel", *, by_id: bool = False) -> Channel:
    """Where to post: a channel's id or name, or a person's id for direct messages.

    Args:
        by_id: only a channel's id will do, as for files.
    """
    workspace, where = call.workspace, call.args.need(name)
    channel = workspace.channels.get(where)
    if channel is None and not by_id:
        channel = workspace.direct(where) if where in workspace.people else workspace.named(where)
    if channel is None:
        raise Refused("channel_not_found")
    if workspace.bot.id not in channel.members:
        if channel.kind != "public_channel":
            raise Refused("channel_not_found")
        if "chat:write.public" not in call.scopes:
            raise Refused("not_in_channel")
    if channel.is_im and not call.slack.seed.manifest.messages_tab:
        raise Refused("messages_tab_disabled")
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def thread_of(channel: Channel, ts: str) -> str | None:
    """The thread a reply belongs to; a reply's own ts leads to its thread.

    If there is no such message (any more), the reply goes to the channel without a word; only the missing `thread_ts`
    in the answer tells (slack-go/slack#1571).
    """
    if not ts:
        return None
    if not _TS.fullmatch(ts):
        sentence = f"[ERROR] {ts[:100]} is not a valid thread_ts"
        raise Refused("invalid_thread_ts", response_metadata={"messages": [sentence]})
    parent = channel.find(ts)
    if parent is None:
        return None
    return parent.thread_ts if parent.is_reply else parent.ts


def written(call: Call, *, parse: str = "none", text_limit: int = 0) -> content.Content:
    """The content of a call, names in its text linked as `parse` and `link_names` say. `parse` is the default."""
    given = content.read(call.args, text_limit=text_limit, file_ready=call.slack.files.ready)
    mode = call.args.text("parse") or parse
    if mode not in ("none", "client", "full"):
        raise Refused.argument("must be a valid enum value: none, full, client [json-pointer:/parse]")
    people = call.args.flag("link_names") or mode == "full"
    if mode == "none" and not people:
        return given
    return replace(given, text=linked(call.workspace, given.text, people=people))


def make(call: Call, channel: Channel, given: content.Content) -> Message:
    thread = thread_of(channel, call.args.text("thread_ts"))
    return Message(
        ts=call.slack.clock.ts(),
        author=call.workspace.bot_author,
        text=given.text,
        blocks=given.blocks,
        attachments=given.attachments,
        metadata=given.metadata,
        thread_ts=thread,
        subtype="thread_broadcast" if thread and call.args.flag("reply_broadcast") else None,
    )


async def post_message(call: Call) -> Json:
    channel = target(call)
    given = written(call)
    if given.empty:
        raise Refused("no_text")
    message = make(call, channel, given)
    if wait := call.slack.rates.message(channel.id):
        raise Refused("ratelimited", retry_after=wait)
    call.workspace.post(channel, message)
    events.posted(call.slack, channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": message.web(metadata=True)}


async def post_ephemeral(call: Call) -> Json:
    channel = target(call)
    user = call.args.need("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    given = written(call)
    if given.empty:
        raise Refused("no_text")
    message = make(call, channel, given)
    message.ephemeral_for, message.subtype = user, None
    call.workspace.post(channel, message)
    return {"message_ts": message.ts}


def own(call: Call, channel: Channel, refusal: str) -> Message:
    message = call.message(channel, "ts")
    if message.author.bot_id != call.slack.seed.bot_id:
        raise Refused(refusal)
    return message


async def update(call: Call) -> Json:
    """With blocks no "(edited)" is shown. Metadata that is not given stays; blocks that are not given go."""
    channel = call.channel()
    if channel.is_archived:
        raise Refused("is_archived")
    message = own(call, channel, "cant_update_message")
    given = written(call, parse="client", text_limit=content.UPDATE_TEXT)
    if given.empty:
        raise Refused("no_text")
    before = message.web(metadata=True)
    message.text, message.blocks, message.attachments = given.text, given.blocks, given.attachments
    message.metadata = given.metadata or message.metadata
    message.updated += 1
    if not given.blocks:
        message.edited = {"user": call.workspace.bot.id, "ts": call.slack.clock.ts()}
    call.workspace.changed(channel, message)
    events.edited(call.slack, channel, before, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.web(metadata=True)}


async def delete(call: Call) -> Json:
    channel = call.channel()
    message = own(call, channel, "cant_delete_message")
    before = message.web(metadata=True)
    call.workspace.delete(channel, message)
    events.deleted(call.slack, channel, before)
    return {"channel": channel.id, "ts": before["ts"]}


async def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    link = f"{call.slack.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


WRITE = ("chat:write",)
METHODS = {
    "chat.postMessage": Method(post_message, WRITE, SPECIAL),
    "chat.postEphemeral": Method(post_ephemeral, WRITE, T4),
    "chat.update": Method(update, WRITE, T3),
    "chat.delete": Method(delete, WRITE, T3),
    "chat.getPermalink": Method(get_permalink, (), SPECIAL),
}
