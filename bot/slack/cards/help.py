"""The help: as many lines as there are verbs, over as many blocks as that takes."""

from __future__ import annotations

from bot.slack.cards.card import Card
from bot.slack.parts import SECTION, Block, length, section


def help_card(text: str) -> Card:
    """Lines that were escaped before, none of them cut."""
    blocks: list[Block] = []
    chunk: list[str] = []
    for line in text.split("\n"):
        if chunk and length("\n".join((*chunk, line))) > SECTION:
            blocks.append(section("\n".join(chunk)))
            chunk = []
        chunk.append(line)
    return Card(text, [*blocks, section("\n".join(chunk))])
