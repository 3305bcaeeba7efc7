"""The operations log: what people write down beside what Rounds sees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.incidents import Refused

LONGEST = 3_000
"""Characters of one entry; what a Slack input takes."""


class Kind(StrEnum):
    """What an entry is: something wrong, something done, or something worth knowing."""

    ISSUE = "issue"
    ACTION = "action"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line that somebody wrote. `id` is 0 until it is stored.

    Args:
        via: the surface that it came through.
        channel: where it was written.
        incident_id: the incident that it is about, if it is about one.
        link: the message that it was made from.
    """

    at: datetime
    by: str
    via: str
    kind: Kind
    text: str
    channel: str | None = None
    incident_id: int | None = None
    link: str | None = None
    id: int = 0


def read_entry(text: str, kind: Kind | None = None) -> tuple[Kind, str]:
    """The kind and the words of an entry: `issue the queue is stuck`, `Action: restarted it`, or just a note.

    Args:
        kind: what it is, where that was said in another way; then the first word belongs to the text.

    Raises:
        Refused: nothing is said, or too much.
    """
    words = text.strip()
    if kind is None:
        led = re.match(r"(issue|action|note)\b\s*[:,\-–—]?\s*", words, re.IGNORECASE)
        kind = Kind(led[1].lower()) if led else Kind.NOTE
        words = words[led.end() :] if led else words
    if not words:
        example = f"`/rounds log {kind.value} the queue is stuck`"
        raise Refused(f"The {kind.value} is empty. Write for example {example}.", blames="text")
    if len(words) > LONGEST:
        raise Refused(f"That is {len(words)} characters; an entry of the log has {LONGEST} at most.", blames="text")
    return kind, words
