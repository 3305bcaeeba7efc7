"""From results to incidents: how many looks in a row it takes to open, worsen, ease and close one.

*unknown* neither opens nor closes a check's own incident and leaves its counters alone; three in a row open an
incident of their own, `blind:NAME`, which any result that could look closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain import incidents
from bot.domain.escalation import Policy
from bot.domain.incidents import Effect, Incident
from bot.domain.runs import Result
from checks import Outcome

BLIND_AFTER = 3
"""Looks in a row that could not look before that itself is an incident."""


@dataclass(frozen=True, slots=True)
class Damping:
    """`open_after` and `close_after`: results in a row, or a time for which it has to last."""

    open_after: int | timedelta = 2
    close_after: int | timedelta = 2


@dataclass(frozen=True, slots=True)
class Streak:
    """How long something has been so: results in a row, and since when."""

    count: int = 0
    since: datetime | None = None

    def more(self, at: datetime) -> Streak:
        """One more result of that sort."""
        return Streak(self.count + 1, self.since or at)

    def reached(self, after: int | timedelta, at: datetime) -> bool:
        """Whether it has lasted long enough."""
        if isinstance(after, int):
            return self.count >= after
        return self.since is not None and at - self.since >= after


_NONE = Streak()


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of a check between two looks."""

    bad: Streak = _NONE
    """Warning or worse."""
    critical: Streak = _NONE
    good: Streak = _NONE
    """Ok or info."""
    eased: Streak = _NONE
    """Anything we saw that is not critical."""
    unknown: Streak = _NONE
    outcome: Outcome | None = None
    since: datetime | None = None
    """Since when it has come out like this."""

    def after(self, outcome: Outcome, at: datetime) -> Watch:
        """The watch after one more result."""
        since = self.since if outcome is self.outcome else at
        if outcome is Outcome.UNKNOWN:
            return replace(self, unknown=self.unknown.more(at), outcome=outcome, since=since)
        is_critical = outcome is Outcome.CRITICAL
        return Watch(
            bad=self.bad.more(at) if outcome.is_bad else _NONE,
            critical=self.critical.more(at) if is_critical else _NONE,
            good=_NONE if outcome.is_bad else self.good.more(at),
            eased=_NONE if is_critical else self.eased.more(at),
            unknown=_NONE,
            outcome=outcome,
            since=since,
        )


@dataclass(frozen=True, slots=True)
class Watched:
    """What the rules need to know of a check besides its result."""

    name: str
    title: str
    channel: str
    damping: Damping
    policy: Policy | None
    within: Mapping[Outcome, timedelta] = field(default_factory=dict)
    """How soon somebody must acknowledge, by severity."""


def after(
    result: Result,
    watch: Watch,
    *,
    check: Watched,
    incident: Incident | None,
    blind: Incident | None,
    previous_id: int | None = None,
) -> tuple[Watch, tuple[Effect, ...]]:
    """What one result does: the new watch, and at most one effect on the check's incident and one on its blindness.

    Args:
        incident: the check's unresolved incident.
        blind: its unresolved `blind:` incident.
        previous_id: the last incident of this check, if somebody resolved it by hand while the check still failed.
    """
    at = result.looked_at
    new = watch.after(result.outcome, at)
    effects = (
        _own(result, new, check=check, incident=incident, previous_id=previous_id),
        _blindness(result, new, check=check, blind=blind),
    )
    return new, tuple(effect for effect in effects if effect is not None)


def _own(
    result: Result, watch: Watch, *, check: Watched, incident: Incident | None, previous_id: int | None
) -> Effect | None:
    at, damping = result.looked_at, check.damping
    if result.outcome is Outcome.UNKNOWN:
        return None
    critical = result.outcome is Outcome.CRITICAL and watch.critical.reached(damping.open_after, at)
    if incident is None:
        if result.outcome in (Outcome.OK, Outcome.INFO) or not watch.bad.reached(damping.open_after, at):
            return None
        return incidents.open_incident(
            subject=f"check:{check.name}",
            title=check.title,
            severity=Outcome.CRITICAL if critical else Outcome.WARNING,
            summary=result.headline,
            channel=check.channel,
            policy=check.policy,
            now=at,
            previous_id=previous_id,
            within=check.within.get(Outcome.CRITICAL if critical else Outcome.WARNING),
        )
    if watch.good.count and watch.good.reached(damping.close_after, at):
        return incidents.recover(incident, summary=result.headline, now=at)
    if critical and incident.severity is not Outcome.CRITICAL:
        within = check.within.get(Outcome.CRITICAL)
        return incidents.worsen(incident, severity=Outcome.CRITICAL, summary=result.headline, now=at, within=within)
    if (
        result.outcome is Outcome.WARNING
        and incident.severity is Outcome.CRITICAL
        and watch.eased.reached(damping.close_after, at)
    ):
        return incidents.ease(incident, severity=Outcome.WARNING, summary=result.headline, now=at)
    return None


def _blindness(result: Result, watch: Watch, *, check: Watched, blind: Incident | None) -> Effect | None:
    at = result.looked_at
    if result.outcome is not Outcome.UNKNOWN:
        return incidents.recover(blind, summary=f"{check.title} can be checked again", now=at) if blind else None
    if blind is not None or watch.unknown.count < BLIND_AFTER:
        return None
    return incidents.open_incident(
        subject=f"blind:{check.name}",
        title=f"{check.title} cannot be checked",
        severity=Outcome.WARNING,
        summary=result.headline,
        channel=check.channel,
        policy=check.policy,
        now=at,
        within=check.within.get(Outcome.WARNING),
    )
