"""Incidents: something wrong that people care about, from open over acknowledged to resolved.

Everything here is a pure decision. A decision comes back as an `Effect`: the incident as it is afterwards, what
the timeline says, the escalation steps, and what is to be told. Storage commits an effect as a whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain import escalation
from bot.domain.escalation import Policy, Step
from checks import Outcome


class State(StrEnum):
    """Open: nobody has it. Acknowledged: somebody has. Resolved: over."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why a line stands in the timeline, and why a message goes out."""

    OPENED = "opened"
    WORSENED = "worsened"
    EASED = "eased"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    """Nobody acknowledged in time, and there is no step left that could be called."""
    RECOVERED = "recovered"
    RESOLVED = "resolved"
    """By hand; `recovered` is by itself."""
    NO_LONGER_CHECKED = "no longer checked"
    SNOOZED = "snoozed"
    REOPENED = "reopened"
    """Somebody took a resolution by hand back."""
    WOKEN = "woken"
    """Its quiet is over."""


class Refused(Exception):
    """A person asked for what cannot be done now; the text is the sentence they read, and says what to do.

    Args:
        blames: what of that they gave cannot be used, such as `until`, `note` or `person`; nothing where it is not
            about what they gave. A dialog has a field of that name.
    """

    def __init__(self, sentence: str, *, blames: str = "") -> None:
        super().__init__(sentence)
        self.blames = blames


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. `id` is 0 until it is stored; people call it `#12`.

    Args:
        subject: what it is about: `check:NAME`, `blind:NAME` (we cannot look) or `hand:…` (somebody raised it).
        severity: `warning` or `critical`.
        summary: the finding that people read first, as of the last look.
        channel: where its message stands, as the configuration names it.
        version: grows with every effect; two people who act on the same version cannot both win.
        previous_id: the incident of the same subject that somebody resolved before, if any.
        acknowledge_by: when somebody must have it at the latest; `None` when that is past, or not configured.
        snoozed_until: somebody asked for quiet until then (`bot.domain.quiet`); `None` once that is over.
    """

    subject: str
    title: str
    severity: Outcome
    state: State
    opened_at: datetime
    summary: str
    channel: str
    id: int = 0
    version: int = 0
    policy: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    previous_id: int | None = None
    acknowledge_by: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def check(self) -> str | None:
        """The check that it is about, if it is about one."""
        kind, _, name = self.subject.partition(":")
        return name if kind in ("check", "blind") else None

    @property
    def by_hand(self) -> bool:
        """Somebody raised it; no look did, and no look ends it."""
        return self.subject.startswith("hand:")

    @property
    def unresolved(self) -> bool:
        """Still going on."""
        return self.state is not State.RESOLVED


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: what happened, who did it (`None`: Rounds itself) and through which surface."""

    at: datetime
    reason: Reason
    text: str
    by: str | None = None
    via: str = "rules"
    id: int = 0


@dataclass(frozen=True, slots=True)
class Tell:
    """Something to be told. Without a thread it is the incident's own message.

    Args:
        broadcast: the reply is shown in the channel as well, and so notifies.
    """

    reason: Reason
    in_thread: bool
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision changes; committed as a whole."""

    incident: Incident
    entry: Entry
    tell: tuple[Tell, ...] = ()


def changed(incident: Incident, entry: Entry, *tell: Tell, **fields: object) -> Effect:
    """An effect on an incident: its next version, with these fields."""
    return Effect(replace(incident, version=incident.version + 1, **fields), entry, tell)  # type: ignore[arg-type]


def open_incident(
    *,
    subject: str,
    title: str,
    severity: Outcome,
    summary: str,
    channel: str,
    policy: Policy | None,
    now: datetime,
    by: str | None = None,
    via: str = "rules",
    previous_id: int | None = None,
    within: timedelta | None = None,
) -> Effect:
    """A new incident, its steps armed; the steps without delay are told in the opening post.

    Args:
        within: how soon somebody must acknowledge an incident of this severity.
    """
    incident = Incident(
        subject=subject,
        title=title,
        severity=severity,
        state=State.OPEN,
        opened_at=now,
        summary=summary,
        channel=channel,
        version=1,
        policy=policy.name if policy else None,
        previous_id=previous_id,
        acknowledge_by=now + within if within is not None else None,
        steps=escalation.arm(policy, opened_at=now),
    )
    return Effect(incident, Entry(now, Reason.OPENED, summary, by, via), (Tell(Reason.OPENED, in_thread=False),))


def worsen(
    incident: Incident, *, severity: Outcome, summary: str, now: datetime, within: timedelta | None = None
) -> Effect:
    """The severity rises. Whoever acknowledged it did not acknowledge this: it is open again, and climbs on.

    Args:
        within: how soon somebody must acknowledge this severity; `None`: by when they had to acknowledge the other.
    """
    was_open = incident.state is State.OPEN
    deadline = incident.acknowledge_by if was_open else None
    return changed(
        incident,
        Entry(now, Reason.WORSENED, summary),
        Tell(Reason.WORSENED, in_thread=True, broadcast=True),
        severity=severity,
        summary=summary,
        state=State.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        acknowledge_by=now + within if within is not None else deadline,
        steps=incident.steps if was_open else escalation.rearm(incident.steps, now=now),
    )


def ease(incident: Incident, *, severity: Outcome, summary: str, now: datetime) -> Effect:
    """The severity falls; nobody needs to be called for that."""
    return changed(
        incident,
        Entry(now, Reason.EASED, summary),
        Tell(Reason.EASED, in_thread=True),
        severity=severity,
        summary=summary,
    )


def recover(incident: Incident, *, summary: str, now: datetime, reason: Reason = Reason.RECOVERED) -> Effect:
    """It is over by itself."""
    return changed(
        incident,
        Entry(now, reason, summary),
        # Whoever asked for quiet does not want to be woken by good news either; the card and its thread have it.
        Tell(reason, in_thread=True, broadcast=incident.snoozed_until is None),
        state=State.RESOLVED,
        resolved_at=now,
        summary=summary,
        snoozed_until=None,
        snoozed_by=None,
        steps=escalation.cancel(incident.steps),
    )


def acknowledge(incident: Incident, *, by: str, now: datetime, via: str, note: str = "") -> Effect:
    """Somebody has it: no further step fires.

    Raises:
        Refused: it is over, or somebody has it already.
    """
    if incident.state is State.RESOLVED:
        raise Refused(f"#{incident.id} is resolved already; there is nothing left to acknowledge.")
    if incident.state is State.ACKNOWLEDGED:
        mine = incident.acknowledged_by == by
        who = "you have" if mine else f"<@{incident.acknowledged_by}> has"
        raise Refused(f"{who[0].upper()}{who[1:]} acknowledged #{incident.id} already.")
    return changed(
        incident,
        Entry(now, Reason.ACKNOWLEDGED, note, by, via),
        Tell(Reason.ACKNOWLEDGED, in_thread=True),
        state=State.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_at=now,
        steps=escalation.cancel(incident.steps),
    )


def unacknowledge(incident: Incident, *, by: str, now: datetime, via: str, within: timedelta | None = None) -> Effect:
    """Nobody has it any more; the steps that did not fire count again from now.

    Raises:
        Refused: it is not acknowledged.
    """
    if incident.state is not State.ACKNOWLEDGED:
        raise Refused(f"#{incident.id} is {incident.state.value}, not acknowledged; nothing to take back.")
    return changed(
        incident,
        Entry(now, Reason.UNACKNOWLEDGED, "", by, via),
        Tell(Reason.UNACKNOWLEDGED, in_thread=True),
        state=State.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        acknowledge_by=now + within if within is not None else None,
        steps=escalation.rearm(incident.steps, now=now),
    )


def resolve(incident: Incident, *, by: str, now: datetime, via: str, note: str = "") -> Effect:
    """It is over, says a person.

    Raises:
        Refused: it is over already.
    """
    if incident.state is State.RESOLVED:
        raise Refused(f"#{incident.id} is resolved already.")
    return changed(
        incident,
        Entry(now, Reason.RESOLVED, note, by, via),
        Tell(Reason.RESOLVED, in_thread=True, broadcast=True),
        state=State.RESOLVED,
        resolved_by=by,
        resolved_at=now,
        snoozed_until=None,
        snoozed_by=None,
        steps=escalation.cancel(incident.steps),
    )
