"""The story of something: the answer in one sentence, and the rows on which it rests, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from bot.domain.accounts import Card, Delivery
from bot.domain.incidents import Incident
from bot.domain.watching import Streak, Watch


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or is so. `facts` are the same for a program: ids, states, counts."""

    text: str
    at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chapter:
    """Lines about one side of it."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """What was asked about, the answer in one sentence, and what it rests on."""

    about: str
    answer: str
    chapters: tuple[Chapter, ...]


def chapters(*parts: tuple[str, Iterable[Line]]) -> tuple[Chapter, ...]:
    """Those that have something to say."""
    told = [Chapter(title, tuple(lines)) for title, lines in parts]
    return tuple(chapter for chapter in told if chapter.lines)


def called(incident: Incident) -> str:
    """As people call it."""
    return f"#{incident.id}"


def by(who: str | None) -> str:
    """Who, if anybody."""
    return f" by {who}" if who else ""


def many(count: int, word: str) -> str:
    """ "1 look", "2 looks"."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def counters(watch: Watch) -> Iterator[Line]:
    """How many looks in a row came out how."""
    names = {
        "bad": "warning or worse",
        "critical": "critical",
        "good": "ok or info",
        "eased": "anything but critical",
        "unknown": "could not look",
    }
    for name, words in names.items():
        streak: Streak = getattr(watch, name)
        if streak.count:
            first = "one look" if streak.count == 1 else f"the first of {streak.count} looks in a row"
            yield Line(f"{first} that came out so: {words}", streak.since, {name: streak.count})


def message(card: Card | None) -> Iterator[Line]:
    """Where the message about it stands, and which version."""
    if card is None:
        return
    facts: dict[str, Any] = {"channel": card.channel, "channel_id": card.channel_id, "ts": card.ts}
    facts |= {"wanted": card.wanted, "shown": card.shown}
    trouble = f"; {card.attempts} attempts to redraw it failed: {card.error}" if card.error else ""
    if card.error and not card.attempts:
        trouble = f"; it shows an older state, because Slack refused the newest: {card.error}"
    if card.ts is None:
        yield Line(f"its message is to stand in {card.channel}, and does not stand there yet{trouble}", facts=facts)
        return
    behind = f"version {card.shown} of {card.wanted}; it will be redrawn" if card.wanted > card.shown else "up to date"
    yield Line(f"its message stands in {card.channel} ({card.channel_id}, {card.ts}), {behind}{trouble}", facts=facts)


def deliveries(rows: Iterable[Delivery], zone: tzinfo) -> Iterator[Line]:
    """What was decided to be told, and what became of it; `zone` is the reader's."""
    for one in rows:
        attempts, again = many(one.attempts, "attempt"), one.not_before.astimezone(zone)
        became = {
            "sent": f"sent as {one.ts} ({attempts})",
            "pending": f"waits ({attempts} so far; the next not before {again:%Y-%m-%d %H:%M:%S %Z})",
            "sending": f"is being sent ({attempts})",
            "quiet": "not sent, because it was quiet then",
            "failed": f"given up ({attempts})",
            "dropped": "not sent, because what it belonged to is gone",
            "moved": f"its message could not stand in {one.key.partition(':moved:')[2]}",
        }
        perhaps = "; it may have arrived, so it is looked for first" if one.uncertain and one.state != "sent" else ""
        said = f"; {one.error}" if one.error else ""
        facts = {"key": one.key, "reason": one.reason, "state": one.state, "attempts": one.attempts, "ts": one.ts}
        yield Line(
            f"{one.reason}: {became.get(one.state, one.state)}{perhaps}{said}",
            one.sent_at or (one.not_before if one.state == "failed" else one.created_at),
            {**facts, "error": one.error, "uncertain": one.uncertain, "not_before": one.not_before.isoformat()},
        )
