"""What is different from the round before: the first thing that somebody who reads a digest every day wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.runs import Run
from checks import Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """A check that came out differently. `before` is `None` for one that was not looked at then."""

    text: str
    before: Outcome | None
    after: Outcome

    @property
    def worse(self) -> bool:
        """It is to be read first."""
        return self.after.rank > (self.before or Outcome.OK).rank


@dataclass(frozen=True, slots=True)
class Before:
    """How the round before came out, and when it was due."""

    due_at: datetime
    outcomes: Mapping[str, Outcome]


def changes(run: Run, before: Before | None) -> tuple[Change, ...]:
    """What came out differently than in the round before, the worst first. A note more or less is no change."""
    if before is None:
        return ()
    found = []
    for item in run.items:
        if item.result is None:
            continue
        was, now = before.outcomes.get(item.result.check), item.result.outcome
        if _felt(was or Outcome.OK) != _felt(now):
            found.append(Change(item.item.text, was, now))
    return tuple(sorted(found, key=lambda change: -change.after.rank))


def _felt(outcome: Outcome) -> Outcome:
    return Outcome.OK if outcome is Outcome.INFO else outcome
