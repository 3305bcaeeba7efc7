"""Channels that cannot be posted to, and what to do about each: for whoever reads it without any other page."""

from __future__ import annotations

_AND_THEN = "What waits is posted within a minute then, by itself."

_WHAT_TO_DO = {
    "channel_not_found": (
        "Slack shows Rounds no such channel.",
        "If it exists, it is private: say `/invite @rounds` in it. Or it is archived: unarchive it.",
        "If it does not exist yet, create it; Rounds joins public channels by itself.",
        "If another one was meant, correct `channel:` in the configuration; that needs no restart.",
    ),
    "not_in_channel": ("Rounds is not in it.", "Say `/invite @rounds` in it."),
    "is_archived": (
        "It is archived.",
        "Unarchive it, or name another one after `channel:` in the configuration; that needs no restart.",
    ),
    "restricted_action": (
        "Your workspace lets only some people post there.",
        "Have an administrator allow @rounds to post in it, or name another one after `channel:` in the configuration.",
    ),
    "missing_scope": (
        "Rounds may not join it.",
        "Say `/invite @rounds` in it. Or give the app the scopes of manifest.yml and install it again.",
    ),
}


def why_and_what(error: str) -> tuple[str, ...]:
    """Why a channel cannot be posted to and what to do, as sentences, by Slack's word for it; empty for other words."""
    for code, sentences in _WHAT_TO_DO.items():
        if code in error:
            return (*sentences, _AND_THEN)
    return ()


def call_for_help(channel: str, error: str) -> str:
    """What whoever would be called is told when Rounds has no channel to call them in; a headline and lines."""
    why, *what = why_and_what(error)
    lines = [
        f"Rounds cannot post to {channel}. {why}",
        "Until it can, what it has to say waits, and calls nobody.",
        "",
        *(f"• {sentence}" for sentence in what),
        "",
        "Until then, `/rounds status` tells what is wrong, here and everywhere.",
    ]
    return "\n".join(lines).replace("`", "")
