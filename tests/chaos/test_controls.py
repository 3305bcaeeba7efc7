"""Controls: with a promise broken on purpose, the same storm has to show it. Else it would show nothing at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

import pytest

from tests.chaos.conftest import Weather
from tests.chaos.ledgers import Ledger
from tests.chaos.storm import Plan
from tests.e2e.workspace import State

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

Wrong = Callable[[State], Collection[str]]


def doubled(ledger: Ledger) -> Wrong:
    """Keys that stand more than once."""
    del ledger
    return State.doubled


def lost(ledger: Ledger) -> Wrong:
    """Keys that counted as sent when the state before this one was looked at, and stand nowhere."""
    sent: set[str] = set()

    def missing(state: State) -> set[str]:
        found = sent - {message.key for message in state.messages}
        sent.update(row["key"] for row in ledger.rows("SELECT key FROM outbox WHERE state = 'sent'"))
        return found

    return missing


@dataclass(frozen=True)
class Control:
    """A promise of `tests.chaos.controls`, and what has to go wrong without it."""

    broken: str
    ledger: str
    wrong: Callable[[Ledger], Wrong]
    slow: float = 0.05


CONTROLS = (
    Control("look-up", "sqlite", doubled),
    Control("doubt", "sqlite", lost),
    Control("lease", "postgresql", doubled, slow=0.7),
)


async def test_messages_are_doubled_without_look_up_or_leases_and_lost_without_doubt(
    weather: Weather, record_property: Callable[[str, object], None]
) -> None:
    async def shown(control: Control) -> str:
        # What a storm does not show after so much, it does not show.
        plan = Plan(kills=40, slots=400, slow=control.slow)
        async with weather(control.ledger, plan, module=("tests.chaos.controls", control.broken)) as storm:
            wrong = await storm.blow_until(control.wrong(storm.ledger))
        return f"without {control.broken}, after {storm.kills} kills, {control.wrong.__name__}: {', '.join(wrong)}"

    record_property("figures", "\n    ".join(["", *await asyncio.gather(*map(shown, CONTROLS))]))
