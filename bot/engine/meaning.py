"""What a person means: the incident behind a number or a name."""

from __future__ import annotations

from bot.config.configuration import Configuration
from bot.domain.incidents import Incident, Refused
from bot.domain.near import did_you_mean, quoted
from storage.tx import Tx

SUBJECTS = ("check", "blind", "hand")
"""What an incident with a check's name may be about, the likeliest first."""


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
        raise Refused(f"`{target}` has no open incident.")
    names = [i.check for i in tx.incidents.unresolved() if i.check]
    near = did_you_mean(target, [*names, *configuration.checks])
    raise Refused(f"There is no incident or check {quoted(target)}{near}. `/rounds status` lists what is open.")
