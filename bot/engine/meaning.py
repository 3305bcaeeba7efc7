"""What a person means: the incident behind a number or a name."""

from __future__ import annotations

from bot.config.configuration import Configuration
from bot.domain.incidents import Incident, Refused
from bot.domain.near import did_you_mean, quoted
from bot.domain.runs import RunState
from storage.tx import Tx

SUBJECTS = ("check", "blind", "hand")
"""What an incident with a check's name may be about, the likeliest first."""


def over(tx: Tx, target: str, configuration: Configuration) -> Incident:
    """The incident that somebody says is not over: by `#12`, or the last one of a check.

    Raises:
        Refused: there is none.
    """
    number = target.removeprefix("#")
    if number.isdecimal():
        return tx.incidents.get(int(number[:18]))
    found = [last for what in SUBJECTS if (last := tx.incidents.last_resolved(f"{what}:{target}")) is not None]
    if not found:
        known = f"`{target}` has" if target in configuration.checks else f"{quoted(target)} has"
        raise Refused(f"{known} no incident that was resolved. Say its number: `/rounds reopen #12`.")
    return max(found, key=lambda incident: incident.id)


def moot(tx: Tx, incident: Incident, configuration: Configuration) -> str:
    """Why an incident that is over cannot go on, as a sentence: nothing would ever end it. Empty if it can."""
    what, _, name = incident.subject.partition(":")
    if incident.check is not None and incident.check not in configuration.checks:
        return f"#{incident.id} was about `{name}`, which is not in the configuration any more; nobody looks at it."
    if what == "run" and ((run := tx.runs.get(int(name))) is None or run.state is not RunState.WAITING):
        return f"Nothing of #{incident.id} is left to do. `/rounds untick` takes back what was ticked."
    return ""


def meant(tx: Tx, target: str, configuration: Configuration) -> Incident:
    """The incident that somebody means by `#12`, by its check, or by the name it was raised with.

    Raises:
        Refused: there is none; the text says what there is.
    """
    number = target.removeprefix("#")
    if number.isdecimal():
        return tx.incidents.get(int(number[:18]))
    for subject in (f"{what}:{target}" for what in SUBJECTS):
        if found := tx.incidents.of_subjects(subject).get(subject):
            return found
    if target in configuration.checks:
        raise Refused(f"`{target}` has no open incident. `/rounds status` lists what is open.")
    names = [i.check for i in tx.incidents.unresolved() if i.check]
    near = did_you_mean(target, [*names, *configuration.checks])
    raise Refused(f"There is no incident or check {quoted(target)}{near}. `/rounds status` lists what is open.")
