"""People write messages."""

import uuid
from collections.abc import Sequence

from sandbox import events
from sandbox.files import File
from sandbox.interactions import parts
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Author, Message
from sandbox.typed_text import rich_text

LONGEST = 12_000
"""Characters a person can send at once."""


def say(
    slack: LocalSlack, *, who: str, channel: str, text: str, thread_ts: str = "", files: Sequence[object] = ()
) -> Json:
    """Post as that person; mentions and direct messages reach the bot as events. `files` are ids of their uploads."""
    person = parts.person(slack, who)
    where = parts.seen_channel(slack, who, channel)
    if len(text) > LONGEST:
        raise parts.Impossible(f"A message has at most {LONGEST} characters.")
    if not text.strip() and not files:
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
