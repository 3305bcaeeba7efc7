"""What the ledger knows of one slot, one incident or one check: the papers from which its story is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.incidents import Entry, Incident
from bot.domain.runs import Result, Run
from bot.domain.watching import Watch


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the outbox: something that was decided to be told, and what became of it.

    Args:
        state: `pending`, `sending`, `sent`, `quiet` or `failed`.
        uncertain: an attempt may have arrived without our hearing of it.
        not_before: when a pending one is tried next at the earliest.
        ts: Slack's name of the message, once it stands there.
        error: what the last attempt that failed was told.
    """

    key: str
    reason: str
    state: str
    attempts: int
    uncertain: bool
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None = None
    ts: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A message of ours in Slack, or one that should be there: which version should be seen, and which is."""

    channel: str
    channel_id: str | None
    ts: str | None
    wanted: int
    shown: int
    attempts: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule: up to where every slot is accounted for, and when the next one is due."""

    name: str
    cursor: datetime
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the configuration.

    Args:
        at: since when it counts.
        digest: SHA-256 of the files that were read.
        changes: what it changed, in sentences.
    """

    at: datetime
    digest: str
    changes: str


@dataclass(frozen=True, slots=True)
class SlotAccount:
    """One slot of a checklist.

    Args:
        skipped: earlier slots of a rhythm that this one stands for.
        told_in: the slot whose digest names this one, if it got no run of its own.
        opened: incidents that its looks opened.
    """

    run: Run
    skipped: int = 0
    enqueued_at: datetime | None = None
    lease_until: datetime | None = None
    told_in: str | None = None
    opened: tuple[Incident, ...] = ()
    card: Card | None = None
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentAccount:
    """One incident.

    Args:
        seen_in: `CHECKLIST@SLOT` of the look that opened it, if one did and it is still kept.
        watch: the counters of its check.
    """

    incident: Incident
    timeline: tuple[Entry, ...] = ()
    seen_in: str | None = None
    watch: Watch | None = None
    card: Card | None = None
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckAccount:
    """One check.

    Args:
        watch: its counters; `None` if it was never looked at.
        looks: its newest results, newest first, each with the `CHECKLIST@SLOT` that it belongs to and how many slots
            before that one were left out.
        unresolved: what is open about it: itself, that it cannot be looked at, and what somebody raised by hand.
        last: the latest of its incidents that is over, by its looks or by hand.
        plans: the schedules that look at it.
        versions: the newest of the configuration, newest first.
    """

    name: str
    watch: Watch | None = None
    looks: tuple[tuple[str, Result, int], ...] = ()
    unresolved: tuple[Incident, ...] = ()
    last: Incident | None = None
    plans: tuple[Plan, ...] = ()
    versions: tuple[Version, ...] = ()
