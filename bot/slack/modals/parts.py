"""What dialogs are made of. Limits: title and buttons 24 characters, labels 2,000 (Slack's reference of views)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.ids import Opens
from bot.slack.parts import Block, one_line, option, preformatted, section

View = dict[str, Any]

TITLE = 24
METADATA = 3_000
"""Characters that a view may carry for us (Slack's reference of views)."""

ENTERED = 1_000
"""Characters of what somebody may write; enough for the note of an item, little enough for a card."""


def dialog(opens: Opens, title: str, submit: str, blocks: Sequence[Block], *, about: Mapping[str, Any]) -> View:
    """A dialog that asks for something.

    Args:
        about: what it is about, and the channel that it was opened in; comes back with what is entered.
    """
    return {
        "type": "modal",
        "callback_id": opens.value,
        "private_metadata": _carried(about),
        "title": _plain(title, TITLE),
        "submit": _plain(submit, TITLE),
        "close": _plain("Cancel", TITLE),
        "blocks": list(blocks),
    }


def _carried(about: Mapping[str, Any]) -> str:
    """As JSON that Slack takes. What is too long is left out whole: half a link or a name would be another one."""
    kept = dict(about)
    while len(told := json.dumps(kept)) > METADATA and kept:
        longest = max(kept, key=lambda name: len(json.dumps(kept[name])))
        del kept[longest]
    return told


def loading(opens: Opens, title: str) -> View:
    """What stands there while the ledger is asked: a trigger is good for three seconds only."""
    return {
        "type": "modal",
        "callback_id": opens.value,
        "title": _plain(title, TITLE),
        "close": _plain("Cancel", TITLE),
        "blocks": [section(":hourglass_flowing_sand: One moment …")],
    }


def failed(opens: Opens, title: str, sentence: str, *, wrote: Sequence[tuple[str, str]] = ()) -> View:
    """Why there is nothing to enter; the sentence was escaped before.

    Args:
        wrote: what they had written, with the label of each field; they may want to say it elsewhere.
    """
    words = [preformatted(text, title=label) for label, text in wrote]
    return {**loading(opens, title), "blocks": [section(sentence), *words]}


def field(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """One question. Its block and its element have the same name, under which the answer comes back."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(label, 150),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    if hint:
        block["hint"] = _plain(hint, 150)
    return block


def words(*, multiline: bool = False, initial: str = "", placeholder: str = "") -> Block:
    """A field to write into."""
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": ENTERED}
    if initial:
        element["initial_value"] = initial[:ENTERED]
    if placeholder:
        element["placeholder"] = _plain(placeholder, 150)
    return element


def choice(options: Sequence[tuple[str, str]], *, chosen: int = 0) -> Block:
    """A menu of texts with their values."""
    drawn = [option(text, value) for text, value in options[:100]]
    return {"type": "static_select", "options": drawn, "initial_option": drawn[chosen]}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": one_line(text, limit)}
