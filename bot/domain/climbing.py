"""How an incident climbs its escalation policy: because nobody has acknowledged it, or because somebody asks.

Pure decisions, as in `bot.domain.incidents`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain import escalation
from bot.domain.incidents import Effect, Entry, Incident, Reason, Refused, State, Tell, changed
from bot.domain.quiet import why_quiet


def fire_due(incident: Incident, *, now: datetime) -> Effect | None:
    """The first step that is due and not fired, if nobody has acknowledged; `None`: nobody is to be told now.

    When the time to acknowledge is up, the next step fires early; without one there is a single reminder.
    """
    if incident.state is not State.OPEN or why_quiet(incident, now) is not None:
        return None
    pending = next((step for step in incident.steps if step.state is escalation.StepState.PENDING), None)
    late = incident.acknowledge_by is not None and incident.acknowledge_by <= now
    told = Tell(Reason.ESCALATED, in_thread=True, broadcast=True)
    if pending is not None and (late or pending.due_at <= now):
        text = escalation.numbered(pending, incident.steps)
        early = late and pending.due_at > now
        return changed(
            incident,
            Entry(now, Reason.ESCALATED, text + (", early" if early else ""), via="escalation"),
            told,
            acknowledge_by=None if late else incident.acknowledge_by,
            steps=escalation.fire(incident.steps, pending.position, now=now),
        )
    if not late:
        return None
    return changed(
        incident,
        Entry(now, Reason.REMINDED, "", via="escalation"),
        Tell(Reason.REMINDED, in_thread=True, broadcast=True),
        acknowledge_by=None,
    )


def next_call(incident: Incident) -> tuple[escalation.Step, datetime] | None:
    """The step that is called next and when, if nobody takes it and it is not quiet; `None`: nobody else is called.

    The time to acknowledge may be up before the step is due; then it is called early.
    """
    pending = next((step for step in incident.steps if step.state is escalation.StepState.PENDING), None)
    if incident.state is not State.OPEN or pending is None:
        return None
    return pending, min(pending.due_at, incident.acknowledge_by or pending.due_at)


def escalate_by_hand(
    incident: Incident,
    *,
    by: str,
    now: datetime,
    via: str,
    why: str = "",
    within: timedelta | None = None,
    to: int | str | None = None,
) -> Effect:
    """Somebody asks for help now, even if it was acknowledged; the steps after that keep their gaps from now.

    Args:
        within: how soon whoever is called now must acknowledge.
        to: a step, as people count them, from 1: it fires (again), and those before it are passed over. Or a target
            such as `user:ben` or `usergroup:sre`, who is called directly. `None`: the next step.

    Raises:
        Refused: it is over, there is no such step, or none is left.
    """
    if incident.state is State.RESOLVED:
        raise Refused(f"#{incident.id} is resolved already; there is nothing left to escalate.")
    if isinstance(to, str):
        steps, step = escalation.call(incident.steps, to, now=now)
    else:
        step = _chosen(incident, to)
        steps = escalation.fire_by_hand(incident.steps, step.position, now=now)
    told = {each.position for each in incident.steps if each.state is escalation.StepState.FIRED}
    again = ", again" if step.position in told else ""
    text = escalation.numbered(step, steps) + again + (f": {why}" if why else "")
    return changed(
        incident,
        Entry(now, Reason.ESCALATED, text, by, via),
        Tell(Reason.ESCALATED, in_thread=True, broadcast=True),
        state=State.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        # The old deadline may have passed while somebody had it: it would call the step after this one, too.
        acknowledge_by=now + within if within is not None else None,
        steps=steps,
    )


def _chosen(incident: Incident, number: int | None) -> escalation.Step:
    steps = escalation.planned(incident.steps)
    if not steps:
        raise Refused(
            f"#{incident.id} has no escalation policy. Call somebody directly "
            f"(`/rounds escalate #{incident.id} to @somebody`), or give its check an `escalation:` to climb.",
            blames="step",
        )
    if number is None:
        step = escalation.next_step(steps)
        if step is None:
            raise Refused(
                f"Every step of the escalation policy of #{incident.id} has been told. Call somebody directly "
                f"(`/rounds escalate #{incident.id} to @somebody`), or a step again (`to 1`).",
                blames="step",
            )
        return step
    if not 1 <= number <= len(steps):
        only = "only step 1" if len(steps) == 1 else f"steps 1 to {len(steps)}"
        sentence = f"The escalation policy of #{incident.id} has {only}; there is no step {number}."
        raise Refused(sentence, blames="step")
    return steps[number - 1]
