"""Why an incident opened, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.domain.accounts import IncidentAccount
from bot.domain.durations import say
from bot.domain.escalation import Step, StepState
from bot.domain.incidents import Entry, Incident, Reason, State
from bot.domain.near import listed
from bot.domain.story import Line, Story, by, called, chapters, counters, deliveries, message
from bot.domain.watching import BLIND_AFTER, Damping


def of_incident(account: IncidentAccount, *, damping: Damping | None, now: datetime, zone: tzinfo) -> Story:
    """Why this incident opened, and what became of it.

    Args:
        damping: its check's; `None` if it is about no check, or that is not configured any more.
        zone: in which moments within a sentence are told.
    """
    incident = account.incident
    timeline = [
        Line(
            f"{entry.reason.value}{f': {entry.text}' if entry.text else ''}{by(entry.by)} (by way of {entry.via})",
            entry.at,
            {"entry": entry.id, "reason": entry.reason.value, "by": entry.by, "via": entry.via},
        )
        for entry in account.timeline
    ]
    return Story(
        called(incident),
        standing(incident, now),
        chapters(
            ("Opened because", _because(account, damping)),
            ("Counters now", counters(account.watch) if account.watch is not None else ()),
            ("Timeline", timeline),
            ("Steps", _steps(incident, account.timeline, now)),
            ("Quiet", _quiet(incident, account.timeline)),
            ("Told", (*message(account.card), *deliveries(account.deliveries, zone))),
        ),
    )


def standing(incident: Incident, now: datetime) -> str:
    """An incident in one sentence, as it is now."""
    since = f"{incident.severity.value}, opened {say(now - incident.opened_at)} ago"
    match incident.state:
        case State.OPEN:
            return f"open, and nobody has it: {incident.title} ({since})"
        case State.ACKNOWLEDGED:
            return f"{incident.acknowledged_by} has it: {incident.title} ({since})"
        case State.RESOLVED:
            who = incident.resolved_by or "itself"
            lasted = say((incident.resolved_at or now) - incident.opened_at)
            return f"resolved by {who} after {lasted}: {incident.title}"


def _because(account: IncidentAccount, damping: Damping | None) -> Iterator[Line]:
    incident = account.incident
    kind = incident.subject.partition(":")[0]
    after = f" (open_after: {_length(damping.open_after)})" if damping is not None else ""
    why = {
        "check": f"{incident.check} was warning or worse in enough looks in a row{after}",
        "blind": f"{incident.check} could not be looked at {BLIND_AFTER} times in a row",
        "run": "items of a run were open for too long",
        "hand": "somebody raised it",
        "self": "Rounds measured it of itself",
    }
    yield Line(why.get(kind, incident.subject), incident.opened_at, {"subject": incident.subject})
    if account.seen_in is not None:
        yield Line(f"it was seen in {account.seen_in}", facts={"slot": account.seen_in})
    elif incident.check is not None:
        yield Line("the look that opened it is not kept any more (raw results are kept for 14 days)")
    if incident.previous_id is not None:
        yield Line(
            f"#{incident.previous_id}, about the same, had been resolved by hand",
            facts={"previous": incident.previous_id},
        )


def _steps(incident: Incident, timeline: Sequence[Entry], now: datetime) -> Iterator[Line]:
    for step in incident.steps:
        whom, facts = listed(step.notify), {"position": step.position, "state": step.state.value}
        match step.state:
            case StepState.FIRED:
                yield Line(f"{whom}: called", step.fired_at, facts)
            case StepState.CANCELLED:
                yield Line(f"{whom}: not called, {_cancelled(step, incident, timeline)}", step.due_at, facts)
            case StepState.PENDING if step.due_at <= now:
                yield Line(f"{whom}: due, and not called yet", step.due_at, facts)
            case StepState.PENDING:
                yield Line(f"{whom}: will be called in {say(step.due_at - now)}", step.due_at, facts)
    if not incident.steps:
        policy = f"the policy {incident.policy} has none" if incident.policy else "it has no escalation policy"
        yield Line(f"nobody is called: {policy}")
    if incident.acknowledge_by is not None and incident.state is State.OPEN:
        yield Line("somebody must have it by then, else the next step fires early", incident.acknowledge_by)


def _cancelled(step: Step, incident: Incident, timeline: Sequence[Entry]) -> str:
    """Why a step was never called, by the story of its incident."""
    if any(each.state is StepState.FIRED and each.position > step.position for each in incident.steps):
        return "because a later step was called instead"
    why = None
    for entry in timeline:
        if entry.reason in (Reason.UNACKNOWLEDGED, Reason.REOPENED):
            why = None
        elif entry.reason in _CANCELS:
            why = why or entry
    return f"because it was {why.reason.value}{by(why.by)} before" if why else "because somebody had it"


_ENDS = (Reason.RESOLVED, Reason.RECOVERED, Reason.NO_LONGER_CHECKED)
_CANCELS = (Reason.ACKNOWLEDGED, Reason.RESOLVED, Reason.RECOVERED, Reason.NO_LONGER_CHECKED)


def _quiet(incident: Incident, timeline: Sequence[Entry]) -> Iterator[Line]:
    """Every quiet that there was, and the one that there is; over for good once the incident is."""
    quiet = False
    for entry in timeline:
        if entry.reason is Reason.SNOOZED:
            again = "snoozed anew" if quiet else "snoozed"
            yield Line(f"{again}{by(entry.by)} {entry.text}", entry.at, {"entry": entry.id, "by": entry.by})
            quiet = True
        elif entry.reason is Reason.WOKEN:
            ended = f"ended{by(entry.by)}" if entry.by else "over when its time was"
            yield Line(f"the quiet was {ended}", entry.at, {"entry": entry.id, "by": entry.by})
            quiet = False
        elif entry.reason in _ENDS and quiet:
            yield Line("the quiet was over with the incident", entry.at, {"entry": entry.id})
            quiet = False
    if incident.snoozed_until is not None:
        yield Line(f"snoozed until then{by(incident.snoozed_by)}", incident.snoozed_until)


def _length(after: int | timedelta) -> str:
    return str(after) if isinstance(after, int) else say(after)
