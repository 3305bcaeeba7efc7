"""Verbs about the operations log."""

from __future__ import annotations

from bot.domain.logbook import LogEntry
from bot.engine.desk import Desk
from bot.slack.cards import Card, answer_card
from bot.slack.parts import cut, escape
from commands.grammar import Misunderstood, Said
from commands.verbs.spoken import Spoken


async def log(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Write something down; in an incident's thread, about that incident."""
    entry = await desk.log(said.rest, spoken.asked, channel=spoken.channel, incident=spoken.incident)
    return answer_card(f"Written down as {entry.kind.value} {entry.id}: {_shown(entry)}", undo=f"unlog {entry.id}")


async def unlog(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Take one's own entry back."""
    entry = await desk.unlog(spoken.asked, entry_id=_number(said.rest))
    return answer_card(f"Taken back: {_shown(entry)}")


def _shown(entry: LogEntry) -> str:
    return cut(escape(" ".join(entry.text.split())), 300)


def _number(text: str) -> int | None:
    number = text.removeprefix("#")
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        raise Misunderstood(
            "`/rounds unlog` takes back your last entry, or the one with a number: for example `/rounds unlog 7`."
        )
    return int(number)
