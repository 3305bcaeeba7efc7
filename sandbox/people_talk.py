"""People write messages. What they type becomes rich text, as Slack's own client makes it."""

import re
import uuid
from collections.abc import Sequence

from sandbox import events
from sandbox.files import File
from sandbox.interactions import parts
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Author, Message

LONGEST = 12_000
"""Characters a person can send at once."""
_PART = re.compile(
    r"<@(?P<user>\w+)(?:\|[^>]*)?>|<#(?P<channel>\w+)(?:\|[^>]*)?>|<!subteam\^(?P<group>\w+)(?:\|[^>]*)?>"
    r"|<!(?P<range>here|channel|everyone)(?:\|[^>]*)?>|<(?P<link>https?://[^|>]+)(?:\|(?P<label>[^>]*))?>"
)


def say(
    slack: LocalSlack, *, who: str, channel: str, text: str, thread_ts: str = "", files: Sequence[object] = ()
) -> Json:
    """Post as that person; mentions and direct messages reach the bot as events. `files` are ids of their uploads."""
    person = parts.person(slack, who)
    where = parts.seen_channel(slack, who, channel)
    if len(text) > LONGEST:
        raise parts.Impossible(f"A message has at most {LONGEST} characters.")
    if not text and not files:
        raise parts.Impossible("text is missing.")
    sent = [_upload(slack, who, file) for file in files]
    if where.is_im and not slack.seed.manifest.messages_open:
        raise parts.Impossible("Sending messages to this app has been turned off.", 403)
    if where.is_archived:
        raise parts.Impossible(f"{channel} is archived.")
    thread = where.find(thread_ts) if thread_ts else None
    if thread_ts and thread is None:
        raise parts.Impossible(f"There is no message {thread_ts!r} in {channel}.", 404)
    if who not in where.members:
        where.members.append(who)
        slack.workspace.told(where)
        events.member(slack, where, who, joined=True)
    message = Message(
        ts=slack.clock.ts(),
        author=Author(person.id, slack.seed.team),
        text=text,
        blocks=[rich_text(text)] if text else [],
        subtype="file_share" if sent else None,
        thread_ts=(thread.thread_ts if thread.is_reply else thread.ts) if thread else None,
        client_msg_id=str(uuid.uuid4()),
    )
    for file in sent:
        file.shares.setdefault(where.id, []).append(message.ts)
    message.files = [slack.files.web(file) for file in sent]
    slack.workspace.post(where, message)
    events.posted(slack, where, message)
    for file in sent:
        events.file_shared(slack, where, file.id, who)
    return {"ok": True, "ts": message.ts}


def _upload(slack: LocalSlack, who: str, file_id: object) -> File:
    file = slack.files.own(who, file_id)
    if file is None:
        raise parts.Impossible(f"There is no file {file_id!r} of {who}.", 404)
    return file


def rich_text(text: str) -> Json:
    """The block Slack's client sends for typed text: references apart, everything else literal."""
    elements: list[Json] = []
    end = 0
    for found in _PART.finditer(text):
        _literal(elements, text[end : found.start()])
        elements.append(_reference(found))
        end = found.end()
    _literal(elements, text[end:])
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": [section]}


def _literal(elements: list[Json], text: str) -> None:
    if text:
        plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        elements.append({"type": "text", "text": plain})


def _reference(found: re.Match[str]) -> Json:
    if found["user"]:
        return {"type": "user", "user_id": found["user"]}
    if found["channel"]:
        return {"type": "channel", "channel_id": found["channel"]}
    if found["group"]:
        return {"type": "usergroup", "usergroup_id": found["group"]}
    if found["range"]:
        return {"type": "broadcast", "range": found["range"]}
    label = {"text": found["label"]} if found["label"] else {}
    return {"type": "link", "url": found["link"], **label}
