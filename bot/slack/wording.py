"""How things are called on a card: an emoji for the eye, and always a word for everybody else."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.durations import say
from bot.domain.incidents import Incident, State
from checks import Outcome

EMOJI = {
    Outcome.OK: ":white_check_mark:",
    Outcome.INFO: ":information_source:",
    Outcome.WARNING: ":warning:",
    Outcome.UNKNOWN: ":grey_question:",
    Outcome.CRITICAL: ":red_circle:",
}
WORD = {
    Outcome.OK: "OK",
    Outcome.INFO: "Note",
    Outcome.WARNING: "Warning",
    Outcome.UNKNOWN: "Could not check",
    Outcome.CRITICAL: "Critical",
}


def incident_emoji(incident: Incident) -> str:
    """How an incident looks from afar."""
    if incident.state is State.RESOLVED:
        return ":large_green_circle:"
    if incident.state is State.ACKNOWLEDGED:
        return ":eyes:"
    return ":rotating_light:" if incident.severity is Outcome.CRITICAL else ":warning:"


def ago(since: datetime, now: datetime) -> str:
    """How long ago: "4 min"; "moments" below a second."""
    passed = now - since
    return say(passed) if passed >= timedelta(seconds=1) else "moments"


def lasted(incident: Incident) -> str:
    """How long an incident went on."""
    end = incident.resolved_at
    return ago(incident.opened_at, end) if end is not None else "moments"


def many(count: int, one: str, more: str = "") -> str:
    """ "1 check", "3 checks"."""
    return f"{count} {one if count == 1 else more or one + 's'}"
