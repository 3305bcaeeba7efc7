"""Every dialog, with given words wherever somebody can write some."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.runs import Item, RunItem, Wanted
from bot.slack import modals
from bot.slack.ids import Opens
from bot.slack.parts import escape
from tests.slack.states import NOW, incident

CHANNEL = "C0OPS"


def items(said: str, wanted: Wanted = Wanted.NONE, *, count: int = 1) -> list[RunItem]:
    """Manual items that are open."""
    return [
        RunItem(Item(f"item-{n}", said or f"Water plant {n}", None, said or None, how=said, evidence=wanted))
        for n in range(count)
    ]


def dialogs(said: str, *, count: int = 200) -> dict[str, dict[str, Any]]:
    """Every dialog, by name.

    Args:
        count: items of a run that are open.
    """
    fired = incident(said)
    fired = replace(fired, steps=(replace(fired.steps[0], fired_at=NOW), *fired.steps[1:]))
    drawn = {
        "snooze": modals.snooze_modal(incident(said), channel=CHANNEL),
        "escalate": modals.escalate_modal(incident(said), channel=CHANNEL),
        "escalate, after the first step": modals.escalate_modal(fired, channel=CHANNEL),
        "escalate, without a policy": modals.escalate_modal(replace(incident(said), steps=()), channel=CHANNEL),
        "skip": modals.skip_modal(7, items(said), channel=CHANNEL),
        "skip, one of many": modals.skip_modal(7, items(said, count=count), channel=CHANNEL),
        "tick, one of many": modals.prove_modal(7, items(said, count=count), channel=CHANNEL),
        "log": modals.log_modal(channel=CHANNEL),
        "log, about a message": modals.log_modal(channel=CHANNEL, incident=12, link=f"https://x/{said}", text=said),
        "run a check": modals.choose_modal(channel=CHANNEL),
        "one moment": modals.loading(Opens.SNOOZE, "Snooze"),
        "cannot be done": modals.failed(Opens.SNOOZE, "Snooze", escape(said) or "Nothing to enter."),
    }
    return drawn | {f"tick, with a {w.value}": modals.prove_modal(7, items(said, w), channel=CHANNEL) for w in Wanted}
