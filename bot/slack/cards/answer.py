"""Short answers to whoever asked: what was done, and what was probably meant."""

from __future__ import annotations

import html
from collections.abc import Sequence

from bot.slack.cards.card import Card
from bot.slack.ids import COMMAND, Press
from bot.slack.parts import BUTTON_VALUE, Block, button, escape, length, named, preformatted, section

_MOST = 5
"""Suggestions that an answer draws."""


def answer_card(sentence: str, *, undo: str = "") -> Card:
    """One sentence, escaped before.

    Args:
        undo: the command that takes back what was done; a button says it.
    """
    back = button(Press.SAY, "Take it back", undo, spoken_as=f"Take it back: {COMMAND} {undo}") if undo else None
    return Card(sentence, [section(sentence, accessory=back)])


def running(title: str, *, directly: bool) -> str:
    """What is answered to whoever asked for a run, escaped.

    Args:
        directly: its message could not stand where they asked, so it comes to them alone.
    """
    if not directly:
        return f"Running *{named(title)}*; its message shows how far it is."
    return (
        f"Running *{named(title)}*. Rounds is not in that conversation, so the result comes to you directly. "
        "In a channel, `/invite @rounds` lets it answer there."
    )


def returned_card(sentence: str, wrote: Sequence[tuple[str, str]]) -> Card:
    """Why something was not done, with the words that would be lost with it.

    Args:
        wrote: each field's label, and what stands in it.
    """
    text = "\n".join((sentence, *(f"{named(label)}: {escape(words)}" for label, words in wrote)))
    return Card(text, [section(sentence), *(preformatted(words, title=label) for label, words in wrote)])


def perhaps_card(sentence: str, commands: Sequence[str]) -> Card:
    """What was not understood, and a button for each command that may have been meant: it does just that.

    Args:
        commands: as Slack would send them.
    """
    blocks: list[Block] = [section(sentence)]
    for command in commands[:_MOST]:
        if length(command) <= BUTTON_VALUE:
            shown = f"{COMMAND} {html.unescape(command)}"
            blocks.append({"type": "actions", "elements": [button(Press.SAY, shown, command, spoken_as=shown)]})
    return Card(sentence, blocks)
