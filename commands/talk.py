"""What somebody said, done and answered: typed, in a mention, in a direct message, or by pressing a suggestion."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.permissions import May
from bot.engine.desk import Desk
from bot.slack.cards import Card
from commands.grammar import VERBS, About, Misunderstood, named, parse, worth_saying
from commands.verbs import DOES, MAY, Spoken

__all__ = ["Spoken", "answered"]


async def answered(desk: Desk, spoken: Spoken) -> Card:
    """Do what was said; the answer to it.

    Raises:
        Misunderstood: it is no command; perhaps with what was meant.
        Refused: it cannot be done now, or not by them.
        Repeated: it has been done already.
    """
    await desk.admit(spoken.asked.by, May.READ)
    if spoken.thread_ts is not None:
        spoken = replace(spoken, incident=await desk.incident_at(spoken.channel, spoken.thread_ts))
    try:
        said = parse(desk.heard(spoken.text), incident=spoken.incident)
    except Misunderstood as error:
        if error.lacks is not None:
            await desk.admit(spoken.asked.by, MAY[error.lacks.verb])
        raise worth_saying(error, await desk.vocabulary()) from None
    await desk.admit(spoken.asked.by, MAY[said.verb])
    if VERBS[said.verb].about is not About.NOTHING:
        said = named(said, await desk.vocabulary())
    return await DOES[said.verb](desk, said, spoken)
