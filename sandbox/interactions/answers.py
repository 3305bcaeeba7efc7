"""What the bot says without a token: in the acknowledgement of a command, and to a response URL."""

from sandbox import events
from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message
from sandbox.response_urls import ResponseUrl
from sandbox.web_api import content
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.refusal import Refused


def say(slack: LocalSlack, where: Channel, who: str, given: Json) -> Message:
    """Post it: only for that person, unless it asks for `in_channel`."""
    args = Arguments(given)
    parts = content.read(args, file_ready=slack.files.ready)
    if parts.empty:
        raise Refused("no_text")
    thread = args.text("thread_ts") or None
    if thread is not None and where.find(thread) is None:
        thread = None
    open_to_all = args.text("response_type") == "in_channel"
    message = Message(
        ts=slack.clock.ts(),
        author=slack.workspace.bot_author,
        text=parts.text,
        blocks=parts.blocks,
        attachments=parts.attachments,
        metadata=parts.metadata if open_to_all else None,
        thread_ts=thread,
        ephemeral_for=None if open_to_all else who,
    )
    slack.workspace.post(where, message)
    events.posted(slack, where, message)
    return message


def respond(slack: LocalSlack, url: ResponseUrl, given: Json) -> None:
    """A post to a response URL: a new message, or another face for the one it came from, or its end."""
    args = Arguments(given)
    where = slack.workspace.channels.get(url.channel)
    if where is None:
        raise Refused("channel_not_found")
    # What the address itself has said is the original of a slash command, which comes from no message.
    source = where.messages.get(url.source or url.said or "")
    if args.flag("delete_original"):
        if source is None:
            raise Refused("cant_delete_message")
        slack.workspace.delete(where, source)
        return
    # A message is replaced unless the bot says no; but only by one of the same visibility.
    replace = args.flag("replace_original", default=url.source is not None and not args.text("response_type"))
    if source is None or not replace:
        url.said = say(slack, where, url.user, given).ts
        return
    parts = content.read(args, file_ready=slack.files.ready)
    if parts.empty:
        raise Refused("no_text")
    source.text, source.blocks, source.attachments = parts.text, parts.blocks, parts.attachments
    source.updated += 1
    slack.workspace.changed(where, source)
