"""Shortcuts: on a message, or from anywhere."""

from sandbox.interactions import parts
from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack


async def run(slack: LocalSlack, *, who: str, callback_id: str, channel: str, ts: str) -> Json:
    """With `ts` it is a message shortcut; those also work in threads. For a global one, `channel` is what is open."""
    person = parts.person(slack, who)
    known = slack.seed.manifest.shortcut(callback_id)
    if known is None:
        raise Impossible(f"The app has no shortcut {callback_id!r}.", 404)
    if "commands" not in slack.seed.manifest.scopes:
        raise Impossible("The app has no scope for shortcuts, which is commands.", 403)
    if (known.type == "message") is not bool(ts):
        raise Impossible(f"{callback_id} is a {known.type} shortcut.")
    kind = "message_action" if ts else "shortcut"
    payload = parts.envelope(slack, kind, person) | {
        "callback_id": callback_id,
        "action_ts": slack.clock.ts(),
        "trigger_id": slack.triggers.make(who, channel=parts.seen_channel(slack, who, channel).id if channel else ""),
    }
    if ts:
        where = parts.seen_channel(slack, who, channel)
        message = parts.seen_message(where, who, ts)
        if message.ephemeral_for is not None:
            raise Impossible("Shortcuts do not work on messages that only you can see.")
        payload |= {
            "channel": parts.place(where),
            "response_url": parts.response_url(slack, where, who),
            "message_ts": message.ts,
            "message": message.web(metadata=True),
        }
    ack = await parts.deliver(slack, payload)
    parts.complain(slack, who, ack, known.name)
    return parts.told(ack)
