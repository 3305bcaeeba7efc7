"""Quiet: a question asked whenever something would be told, never a state of its own.

While it is quiet, nothing that Rounds decides by itself is told, and no step fires; what people ask for is done all the
same. Every quiet has an end; what is still open then is told anew, and the steps go on from there with their gaps kept.
Pure decisions, as in `bot.domain.incidents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import escalation
from bot.domain.durations import say
from bot.domain.incidents import Effect, Entry, Incident, Reason, Refused, State, Tell, changed

LONGEST_SNOOZE = timedelta(days=30)
"""A longer quiet would outlive whoever remembers it."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Why nothing is told: in words, and until when."""

    why: str
    until: datetime


def why_quiet(incident: Incident, now: datetime) -> Quiet | None:
    """The reason why nothing is told of this incident now, if there is one."""
    if incident.unresolved and incident.snoozed_until is not None and incident.snoozed_until > now:
        return Quiet("snoozed", incident.snoozed_until)
    return None


def is_quieted(incident: Incident, entry: Entry | None, *, broadcast: bool, now: datetime) -> bool:
    """Whether this message is not sent: it would call people, nobody asked for it, and it is quiet.

    Args:
        entry: the timeline line that the message tells.
        broadcast: it would be shown in the channel; a mere line in the thread disturbs nobody.
    """
    by_rounds = entry is not None and entry.by is None
    return broadcast and by_rounds and why_quiet(incident, now) is not None


def snooze(incident: Incident, *, until: datetime, by: str, now: datetime, via: str, why: str = "") -> Effect:
    """Quiet for this incident until then. A later snooze replaces an earlier one.

    Raises:
        Refused: it is over, or that is no moment to be quiet until.
    """
    if not incident.unresolved:
        raise Refused(f"#{incident.id} is resolved already; it is quiet by itself.")
    if until <= now:
        sentence = "That moment is past. Say how long, such as `2h`, or a moment to come, such as `until 18:00`."
        raise Refused(sentence, blames="until")
    if until - now > LONGEST_SNOOZE:
        longest = f"`{LONGEST_SNOOZE.days} days`"
        raise Refused(f"That is too long; the longest quiet there is is {longest}.", blames="until")
    length = f"for {say(until - now)}"
    return changed(
        incident,
        Entry(now, Reason.SNOOZED, f"{length}: {why}" if why else length, by, via),
        Tell(Reason.SNOOZED, in_thread=True),
        snoozed_until=until,
        snoozed_by=by,
    )


def unsnooze(incident: Incident, *, by: str, now: datetime, via: str, untold: bool = False) -> Effect:
    """Somebody ends the quiet before its time.

    Args:
        untold: a call was kept back because it was quiet; unless somebody has the incident, it is told anew.

    Raises:
        Refused: it is not quiet.
    """
    if incident.snoozed_until is None:
        raise Refused(f"#{incident.id} is not snoozed; nothing to take back.")
    anew = untold and incident.state is State.OPEN
    return _woken(incident, Entry(now, Reason.WOKEN, incident.summary if anew else "", by, via), broadcast=anew)


def wake(incident: Incident, *, now: datetime) -> Effect | None:
    """The end of its quiet, once that has come: what is still open is told anew. `None` before."""
    if incident.snoozed_until is None or incident.snoozed_until > now or not incident.unresolved:
        return None
    entry = Entry(now, Reason.WOKEN, incident.summary, via="escalation")
    return _woken(incident, entry, broadcast=incident.state is State.OPEN)


def _woken(incident: Incident, entry: Entry, *, broadcast: bool) -> Effect:
    deadline = incident.acknowledge_by
    return changed(
        incident,
        entry,
        Tell(Reason.WOKEN, in_thread=True, broadcast=broadcast),
        snoozed_until=None,
        snoozed_by=None,
        # Like a step: nobody could be late for what was up while it was quiet.
        acknowledge_by=max(deadline, entry.at) if deadline is not None else None,
        steps=escalation.postpone(incident.steps, until=entry.at),
    )
