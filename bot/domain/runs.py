"""Checklists, their items, and runs: one execution of a checklist for one slot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from checks import Evidence, Finding, Metric, Outcome

GRACE = timedelta(minutes=15)
"""How late a slot may still be run after Rounds was away; older ones are named as missed."""


class RunState(StrEnum):
    """The life of a run. `missed` and `coalesced` are slots that got no run of their own."""

    NEW = "new"
    RUNNING = "running"
    WAITING = "waiting"
    """All checks are done, manual items are open."""
    COMPLETE = "complete"
    CARRIED = "carried over"
    """A later slot of the same checklist took over its open items."""
    MISSED = "missed"
    COALESCED = "coalesced"

    @property
    def finished(self) -> bool:
        """All its checks have been looked at."""
        return self in (RunState.WAITING, RunState.COMPLETE, RunState.CARRIED)


class Trigger(StrEnum):
    """Why a run exists."""

    SCHEDULE = "schedule"
    START = "start"
    RHYTHM = "rhythm"
    """A check's own `every:`. Such runs post nothing themselves."""
    HAND = "hand"


class ItemState(StrEnum):
    """A manual item: open until somebody ticks or skips it."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class Wanted(StrEnum):
    """What a person is asked for when they tick an item."""

    NONE = "none"
    NOTE = "note"
    LINK = "link"
    FILE = "file"


class Overdue(StrEnum):
    """What happens when manual items are still open after `due_in`."""

    REMIND = "remind"
    ESCALATE = "escalate"


class Post(StrEnum):
    """When a scheduled run posts its digest."""

    ALWAYS = "always"
    CHANGES = "changes"
    PROBLEMS = "problems"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist: a check, or a manual step for a person.

    Args:
        id: the check's name, or the manual item's own id; unique in its checklist.
        text: what a person reads.
        check: the check's name; `None` for a manual item.
        how: how a person does it; at a check, what a person does when it is not well.
        owner: who has it from the start, as `user:NAME`.
    """

    id: str
    text: str
    check: str | None = None
    section: str | None = None
    link: str | None = None
    how: str | None = None
    owner: str | None = None
    evidence: Wanted = Wanted.NONE


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is looked at together."""

    name: str
    title: str
    items: tuple[Item, ...]
    channel: str
    post: Post = Post.ALWAYS
    due_in: timedelta | None = None
    overdue: Overdue = Overdue.REMIND
    policy: str | None = None

    @property
    def checks(self) -> tuple[str, ...]:
        """The names of its checks, in order."""
        return tuple(item.check for item in self.items if item.check is not None)


@dataclass(frozen=True, slots=True)
class Result:
    """All that one check learned in one look, judged and masked."""

    check: str
    kind: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    metrics: tuple[Metric, ...]
    evidence: tuple[Evidence, ...]
    looked_at: datetime
    duration_ms: float
    memory: Mapping[str, Any] | None = None

    @property
    def headline(self) -> str:
        """The sentence to read first: its worst finding."""
        worst = max(self.findings, key=lambda finding: finding.outcome.rank, default=None)
        return worst.text if worst else "nothing to say"


@dataclass(frozen=True, slots=True)
class RunItem:
    """An item in a run: with its result, or with what a person did."""

    item: Item
    result: Result | None = None
    state: ItemState = ItemState.OPEN
    by: str | None = None
    at: datetime | None = None
    note: str | None = None
    attached: str | None = None
    """The web address of what was brought as evidence."""
    owner: str | None = None
    """Who has it, although it is not done yet."""

    @property
    def manual(self) -> bool:
        """A person does it."""
        return self.item.check is None


@dataclass(frozen=True, slots=True)
class Gap:
    """A slot that got no run of its own, as the next run names it."""

    slot: str
    due_at: datetime
    state: RunState


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a checklist for one slot."""

    id: int
    checklist: str
    title: str
    slot: str
    due_at: datetime
    state: RunState
    trigger: Trigger
    channel: str
    requested_by: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    version: int = 0
    posted: bool = False
    overdue_at: datetime | None = None
    items: tuple[RunItem, ...] = ()
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def results(self) -> tuple[Result, ...]:
        """What the checks found, in the order of the items."""
        return tuple(item.result for item in self.items if item.result is not None)

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its checks; manual items count in none."""
        return Outcome.worst(result.outcome for result in self.results)

    @property
    def counts(self) -> Counter[Outcome]:
        """How many checks came out how."""
        return Counter(result.outcome for result in self.results)

    @property
    def open_items(self) -> tuple[RunItem, ...]:
        """Manual items that nobody has done."""
        return tuple(item for item in self.items if item.manual and item.state is ItemState.OPEN)

    @property
    def ownerless(self) -> tuple[RunItem, ...]:
        """Open items that nobody has taken; one that somebody has is in good hands, and makes no run overdue."""
        return tuple(item for item in self.open_items if item.owner is None or item.owner == item.item.owner)


def headline(run: Run) -> str:
    """The digest in one sentence: "41 ok, 2 failing, 1 could not be checked, 3 to do by hand"."""
    counts = run.counts
    parts = [f"{counts[Outcome.OK] + counts[Outcome.INFO]} ok"] if run.results else []
    if failing := counts[Outcome.WARNING] + counts[Outcome.CRITICAL]:
        parts.append(f"{failing} failing")
    if unknown := counts[Outcome.UNKNOWN]:
        parts.append(f"{unknown} could not be checked")
    if waiting := len(run.open_items):
        parts.append(f"{waiting} to do by hand")
    return ", ".join(parts) or "nothing to look at"


def worth_posting(run: Run, previous: Run | None, post: Post) -> bool:
    """Whether a scheduled run gets a message of its own, by the checklist's `post:`.

    A slot that was missed is always worth one, and so is an open manual item that no message shows yet: silence
    would hide them. With `changes`, a run that is like the one before takes over its message.
    """
    if post is Post.ALWAYS or run.gaps or previous is None:
        return True
    if post is Post.PROBLEMS:
        return run.outcome.rank >= Outcome.WARNING.rank or bool(run.open_items)
    return not previous.posted or [(r.check, r.outcome) for r in run.results] != [
        (r.check, r.outcome) for r in previous.results
    ]
