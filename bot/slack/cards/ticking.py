"""The button of an open manual item, wherever it is drawn."""

from __future__ import annotations

from bot.domain.runs import Run, RunItem, Wanted
from bot.slack.ids import Opens, Press
from bot.slack.parts import Block, button


def tick_button(run: Run, item: RunItem, *, style: str | None = None) -> Block:
    """Ticks at once, or asks for what the item wants as evidence; without that, a tick would be refused."""
    proof = item.item.evidence is not Wanted.NONE
    opens: Opens | Press = Opens.PROVE if proof else Press.TICK
    label = "Tick …" if proof else "Tick"
    return button(opens, label, f"{run.id}:{item.item.id}", spoken_as=f"Tick {item.item.text}", style=style)
