"""Verbs about incidents."""

from __future__ import annotations

from bot.domain.incidents import Incident
from bot.domain.runs import RunItem
from bot.engine.desk import Desk, NoSuchEnd
from bot.slack.cards import Card, answer_card, ask_for_all, following
from bot.slack.parts import moment, named, prose
from commands.grammar import Misunderstood, Said, one_word
from commands.verbs.spoken import Spoken


async def ack(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Somebody has it: an incident, an item, or after a question everything that is open here."""
    if said.target == "all":
        return ask_for_all(await desk.open_in(spoken.channel))
    taken = await desk.acknowledge(said.target, spoken.asked, note=said.rest)
    if isinstance(taken, RunItem):
        sentence = f"You have “{named(taken.item.text)}”; tick it when it is done."
        return answer_card(sentence, undo=f"unack {taken.item.id}")
    return answer_card(f"You have {_it(taken)} now; nobody else is called.", undo=f"unack #{taken.id}")


async def unack(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Nobody has it any more."""
    back = await desk.unacknowledge(said.target, spoken.asked)
    if isinstance(back, RunItem):
        return answer_card(f"Nobody has “{named(back.item.text)}” now; it is still to be done.")
    return answer_card(f"{_it(back)} is open again; {_next(desk, back)}.")


async def snooze(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Quiet for a while."""
    try:
        until, why = await desk.end_of_quiet(said.rest, spoken.asked.by)
    except NoSuchEnd as error:
        perhaps = tuple(f"snooze {one_word(said.target)} {prose(words)}" for words in error.perhaps)
        raise Misunderstood(str(error), perhaps) from error
    incident = await desk.snooze(said.target, until, spoken.asked, why=why)
    end = moment(until, await desk.zone_of(spoken.asked.by), day=True)
    sentence = f"{_it(incident)} is quiet until {end}; what is still so then is told anew."
    return answer_card(sentence, undo=f"unsnooze #{incident.id}")


async def unsnooze(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Quiet no longer."""
    incident = await desk.unsnooze(said.target, spoken.asked)
    return answer_card(f"{_it(incident)} is quiet no longer; {_next(desk, incident)}.")


async def escalate(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Somebody else is called."""
    incident = await desk.escalate(said.target, spoken.asked, to=said.to, why=said.rest)
    return answer_card(f"Escalated {_it(incident)}; its thread says whom that called.")


async def resolve(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """It is over."""
    incident = await desk.resolve(said.target, spoken.asked, note=said.rest)
    return answer_card(f"{_it(incident)} is resolved.", undo=f"reopen #{incident.id}")


async def reopen(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """It is not over after all."""
    incident = await desk.reopen(said.target, spoken.asked, note=said.rest)
    return answer_card(f"{_it(incident)} is open again; {_next(desk, incident)}.")


def _next(desk: Desk, incident: Incident) -> str:
    return following(incident, desk.now(), desk.timezone)


def _it(incident: Incident) -> str:
    return f"#{incident.id} {named(incident.title)}"
