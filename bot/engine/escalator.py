"""The escalator: fires the steps that are due and that nobody has cancelled, and reminds of what is overdue."""

from __future__ import annotations

from datetime import datetime

from bot.config.configuration import Configuration
from bot.domain.climbing import fire_due
from bot.domain.escalation import StepState
from bot.domain.incidents import Incident, open_incident
from bot.domain.near import listed
from bot.domain.quiet import wake
from bot.domain.runs import Overdue, Run
from bot.engine.meter import Meter
from bot.engine.overdue import overdue_of
from bot.engine.triage import expect_message
from checks import Outcome
from storage.outbox import INCIDENT
from storage.tx import Tx


def remind(tx: Tx, configuration: Configuration, now: datetime) -> int:
    """Tell of runs whose manual items are overdue, once each; returns how many.

    An item that somebody has taken is in good hands: it is not what makes a run overdue, unless they give it back.
    """
    told = 0
    for run in tx.runs.overdue(now):
        checklist = configuration.checklists.get(run.checklist)
        if not run.ownerless or checklist is None:
            continue  # somebody has just taken the last; or only another replica knows the checklist, and tells
        tx.runs.overdue_from(run.id, None)
        if overdue_of(tx, run.id) is not None:
            continue  # it is told already, and not over
        told += 1
        if not run.posted:
            expect_message(tx, run, reason="digest")
        if checklist.overdue is Overdue.ESCALATE:
            _open_overdue(tx, run, configuration, now)
            continue
        # Once for each moment at which it became overdue: an item that was done may be open again.
        key, subject = f"overdue:{run.id}:{run.overdue_at:%Y-%m-%dT%H:%M:%S.%fZ}", f"run:{run.id}"
        tx.outbox.add(key=key, subject=subject, reason="overdue", priority=INCIDENT, in_thread=True, broadcast=True)
    return told


def _open_overdue(tx: Tx, run: Run, configuration: Configuration, now: datetime) -> None:
    checklist = configuration.checklists[run.checklist]
    waiting = listed([f"“{item.item.text}”" for item in run.open_items], most=3)
    effect = open_incident(
        subject=f"run:{run.id}",
        title=f"{run.title} is overdue",
        severity=Outcome.WARNING,
        summary=f"still open: {waiting}",
        channel=run.channel,
        policy=configuration.policies.get(checklist.policy) if checklist.policy else None,
        now=now,
        within=configuration.within.get(Outcome.WARNING),
    )
    tx.incidents.apply(effect)


def escalate(tx: Tx, now: datetime, meter: Meter | None = None) -> int:
    """End the quiets that are over and fire what is due; returns how many steps. Each commits with its message."""
    fired = 0
    for incident in tx.incidents.with_something_due(now):
        awake = wake(incident, now=now)
        current = tx.incidents.apply(awake) if awake is not None else incident
        # Waking moves what came due in the quiet to now, and with it how late the end of that quiet was noticed.
        noticed_late_s = _late_s(incident, now) if awake is not None else 0.0
        while (effect := fire_due(current, now=now)) is not None:
            if meter is not None:
                meter.escalation_lateness.add(max(_late_s(current, now), noticed_late_s))
            current = tx.incidents.apply(effect)
            fired += 1
    return fired


def _late_s(incident: Incident, now: datetime) -> float:
    """By how much what is due now is late, in seconds; what came due in a quiet counts from the end of that."""
    moments = [step.due_at for step in incident.steps if step.state is StepState.PENDING]
    moments += [incident.acknowledge_by] if incident.acknowledge_by is not None else []
    if not moments:
        return 0.0
    due = max(min(moments), incident.snoozed_until) if incident.snoozed_until is not None else min(moments)
    return max((now - due).total_seconds(), 0.0)
