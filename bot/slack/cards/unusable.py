"""A channel that cannot be posted to: what Slack's word for it means, what to do, and why a message is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notifications import Detour
from bot.slack.cards.card import channel_named
from bot.slack.parts import Block, context, cut, escape


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Of one of Slack's words: what is so with that channel, and what to do about it."""

    so: str
    do: str


_MEANINGS = {
    "channel_not_found": _Meaning(
        "Slack shows Rounds no such channel: it was deleted or renamed, or it is private",
        "create it, or, if it is private, say `/invite @rounds` in it",
    ),
    "not_in_channel": _Meaning("Rounds is not in it", "say `/invite @rounds` in it"),
    "is_archived": _Meaning("it is archived", "unarchive it, or name another one in the configuration"),
    "restricted_action": _Meaning(
        "Rounds may not post in it", "allow it in the channel's settings, or name another one in the configuration"
    ),
    "missing_scope": _Meaning(
        "Rounds lacks a scope for that",
        "say `/invite @rounds` in it, or give the app the scopes of manifest.yml and install it again",
    ),
}
"""By the beginning of Slack's error (docs.slack.dev/reference/methods/chat.postMessage)."""


def explained(error: str) -> str:
    """Why messages wait for such a channel, and what to do about it; Slack's word where nobody knows."""
    if (meaning := _meaning(error)) is None:
        return f"{cut(escape(error), 300)}."
    return f"{meaning.so}. To get them there, {meaning.do}; within a minute they are posted by themselves."


def call_for_help(channel: str, error: str) -> str:
    """What those are told by direct message who would be called in a channel that Rounds has not; the first line is
    a headline."""
    meaning = _meaning(error) or _Meaning(f"Slack says {error}", "see what `rounds doctor` says of it")
    lines = [
        f"Rounds cannot post to {channel}: {meaning.so}.",
        "Until it can, what it has to say waits, and calls nobody.",
        "",
        f"• To mend it, {meaning.do}.",
        "• A public channel Rounds joins by itself. If another one was meant, correct `channel:` in the configuration.",
        "• What waits is posted within a minute then; nothing needs a restart.",
        "",
        "Until then, `/rounds status` tells what is wrong, here and everywhere.",
    ]
    return "\n".join(lines).replace("`", "")


def detoured(detour: Detour | None) -> list[Block]:
    """The line on a card that says why it stands where it does; nothing if it stands where it should."""
    return [context(f":warning: {_sentence(detour)}")] if detour is not None else []


def spoken_detour(detour: Detour | None) -> str:
    """The same, to go behind a text."""
    return f" · {_sentence(detour).replace('`', '')}" if detour is not None else ""


def _sentence(detour: Detour) -> str:
    meaning, channel = _meaning(detour.error), channel_named(detour.meant_for)
    so = meaning.so if meaning is not None else f"Slack says: {cut(escape(detour.error), 200) or 'nothing'}"
    do = meaning.do if meaning is not None else "see what `rounds doctor` says of it"
    return f"This was meant for {channel}, but {so}. To get the next one there, {do}."


def _meaning(error: str) -> _Meaning | None:
    return next((meaning for word, meaning in _MEANINGS.items() if word in error), None)
