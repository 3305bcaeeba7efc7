"""Verbs about checklists and what people do by hand."""

from __future__ import annotations

from bot.engine.desk import Desk
from bot.slack.cards import Card, answer_card, running
from bot.slack.parts import named
from commands.grammar import Said
from commands.verbs.spoken import Spoken


async def run(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """Run a checklist or check now."""
    started = await desk.run(said.target, spoken.asked, channel=spoken.channel)
    return answer_card(running(started.title, directly=started.directly))


async def tick(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """A manual item is done; the first link in the note is its evidence."""
    run_id, item_id = await desk.item(said.target)
    evidence = next((word for word in said.words if word.link is not None), None)
    note = " ".join(word.text for word in said.words if word is not evidence)
    link = evidence.link if evidence is not None else None
    item = await desk.tick(run_id, item_id, spoken.asked, note=note or None, attached=link)
    return answer_card(f"Done: “{named(item.item.text)}”.", undo=f"untick {item_id}")


async def skip(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """A manual item is not done this time."""
    run_id, item_id = await desk.item(said.target)
    item = await desk.skip(run_id, item_id, spoken.asked, said.rest)
    return answer_card(f"Skipped this time: “{named(item.item.text)}”.", undo=f"untick {item_id}")


async def untick(desk: Desk, said: Said, spoken: Spoken) -> Card:
    """A manual item is to be done after all."""
    run_id, item_id = await desk.item(said.target, done=True)
    item = await desk.untick(run_id, item_id, spoken.asked)
    return answer_card(f"Open again: “{named(item.item.text)}”.")
