"""Verbs that only look."""

from __future__ import annotations

from bot.domain.incidents import Refused
from bot.domain.near import nearest
from bot.domain.permissions import May
from bot.domain.reports import DAYS, read_day
from bot.engine.desk import Desk
from bot.slack.cards import Card, help_card, oncall_card, report_card, shown_card, status_card
from commands.grammar import Misunderstood, Said, help_text
from commands.verbs.spoken import Spoken


async def status(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """What is wrong now."""
    del said
    await desk.admit(spoken.asked.by, May.READ)
    return status_card(await desk.status(), spoken.names)


async def show(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """One thing in full."""
    await desk.admit(spoken.asked.by, May.READ)
    return shown_card(await desk.show(said.target), spoken.names)


async def report(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """A day."""
    await desk.admit(spoken.asked.by, May.READ)
    try:
        day = read_day(said.rest, await desk.today())
    except Refused as error:
        near = nearest(said.rest, DAYS)
        raise Misunderstood(str(error), (f"report {near}",) if near else ()) from error
    return report_card(await desk.report(day))


async def oncall(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Who is called."""
    del said
    await desk.admit(spoken.asked.by, May.READ)
    return oncall_card(await desk.policies())


async def help_(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """What can be said; everybody may know that."""
    del desk, spoken
    return help_card(help_text(said.rest))
