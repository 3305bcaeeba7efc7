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
        text = f"step {pending.position + 1} of {len(incident.steps)}"
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


def escalate_by_hand(
    incident: Incident, *, by: str, now: datetime, via: str, why: str = "", within: timedelta | None = None
) -> Effect:
    """The next step fires now, even if somebody had acknowledged; later steps keep their gaps from now.

    Args:
        within: how soon whoever is called now must acknowledge.

    Raises:
        Refused: it is over, or the policy has no step left.
    """
    if incident.state is State.RESOLVED:
        raise Refused(f"#{incident.id} is resolved already; there is nothing left to escalate.")
    step = escalation.next_step(incident.steps)
    if step is None:
        raise Refused(
            f"Every step of the escalation policy of #{incident.id} has been told. "
            "Call somebody directly, or add a step under `escalations:`."
            if incident.steps
            else f"#{incident.id} has no escalation policy. Give its check an `escalation:` to climb."
        )
    text = f"step {step.position + 1} of {len(incident.steps)}" + (f": {why}" if why else "")
    return changed(
        incident,
        Entry(now, Reason.ESCALATED, text, by, via),
        Tell(Reason.ESCALATED, in_thread=True, broadcast=True),
        state=State.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        # The old deadline may have passed while somebody had it: it would call the step after this one, too.
        acknowledge_by=now + within if within is not None else None,
        steps=escalation.fire_by_hand(incident.steps, step.position, now=now),
    )
