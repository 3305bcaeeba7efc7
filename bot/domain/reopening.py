"""Taking a resolution back. A pure decision, as in `bot.domain.incidents`."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain import escalation
from bot.domain.incidents import Effect, Entry, Incident, Reason, Refused, State, Tell, changed


def reopen(
    incident: Incident,
    *,
    by: str,
    now: datetime,
    via: str,
    note: str = "",
    within: timedelta | None = None,
    going_on: Incident | None = None,
    later: Incident | None = None,
    moot: str = "",
) -> Effect:
    """It is not over after all: nobody has it, and the steps that did not fire count again from now.

    Only what a person resolved can be taken back. What recovered by itself was seen to be over; if it comes again, that
    is another incident, with a story of its own.

    Args:
        within: how soon somebody must acknowledge it again.
        going_on: the unresolved incident of the same subject, if there is one.
        later: one that came after it and is over as well, if there is one; its story says when this one ended.
        moot: why nothing could end it again, as a sentence; empty if something can.

    Raises:
        Refused: it is going on, it recovered by itself, a later incident of its subject is there, or it is moot.
    """
    if incident.state is not State.RESOLVED:
        raise Refused(f"#{incident.id} is {incident.state.value}; there is nothing to take back.")
    if going_on is not None:
        raise Refused(f"#{going_on.id} is going on for the same; go on there.")
    if incident.resolved_by is None:
        what = f"`/rounds escalate {incident.check}` opens a new one" if incident.check else "open a new one"
        raise Refused(f"#{incident.id} was resolved by itself, not by hand; {what}, if it is needed.")
    if later is not None:
        raise Refused(f"#{later.id} came after it for the same; only the last one can be taken back.")
    if moot:
        raise Refused(moot)
    return changed(
        incident,
        Entry(now, Reason.REOPENED, note, by, via),
        Tell(Reason.REOPENED, in_thread=True, broadcast=True),
        state=State.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        resolved_by=None,
        resolved_at=None,
        acknowledge_by=now + within if within is not None else None,
        steps=escalation.rearm(incident.steps, now=now),
    )
