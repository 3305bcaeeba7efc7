"""What follows from how an incident stands now: who is called next and when, or why nobody is."""

from __future__ import annotations

from datetime import datetime

from bot.domain.climbing import next_call
from bot.domain.escalation import Step
from bot.domain.incidents import Incident, State
from bot.domain.quiet import why_quiet
from bot.slack.cards.card import PlainNames, mentions, person
from bot.slack.parts import moment


def following(incident: Incident, now: datetime, timezone: str) -> str:
    """The end of a sentence about an incident that somebody has changed: what comes next."""
    if incident.state is State.RESOLVED:
        return "it is over, so nobody is called"
    if incident.state is State.ACKNOWLEDGED:
        return f"{person(incident.acknowledged_by)} has it, so nobody else is called"
    if (quiet := why_quiet(incident, now)) is not None:
        return f"it is quiet until {moment(quiet.until, timezone, day=True)}, and nobody is called before"
    if (call := next_call(incident)) is not None:
        step, at = call
        return f"next call: {by_name(step)}, {'now' if at <= now else moment(at, timezone, day=True)}"
    if incident.steps:
        return "no escalation step is left, so nobody else is called"
    return "it has no escalation policy, so nobody is called"


def by_name(step: Step) -> str:
    """Whom a step calls. By name only: a mention would call them now."""
    return mentions(step.notify, PlainNames())
