"""Acknowledging against escalating: the two meet at the same moment, from two processes, as often as is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import text

from bot.domain.incidents import Effect, Reason, Refused, State, open_incident
from bot.engine.desk import Asked, Desk
from bot.engine.escalator import escalate
from checks import Outcome
from storage.store import Store
from tests.storage.test_repositories import POLICY
from tests.story import BEGIN, SimulatedClock

T = TypeVar("T")


def opening(subject: str = "check:db") -> Effect:
    """An incident with three steps, the second of them due after two seconds."""
    return open_incident(
        subject=subject,
        title="Database",
        severity=Outcome.WARNING,
        summary="broken",
        channel="#ops",
        policy=POLICY,
        now=BEGIN,
    )


class HeadStart:
    """Steers two requests to the very moment at which sometimes the one and sometimes the other comes first.

    How long each takes until its transaction begins depends on the database and on the machine; without this one of
    them may win every time, and nothing is shown.
    """

    def __init__(self) -> None:
        self._lead_s, self._step_s, self._last = 0.0, 0.001, 0

    async def first(self, request: Awaitable[T]) -> T:
        """The one whose head start a positive lead is."""
        await asyncio.sleep(max(-self._lead_s, 0.0))
        return await request

    async def second(self, request: Awaitable[T]) -> T:
        """The other one."""
        await asyncio.sleep(max(self._lead_s, 0.0))
        return await request

    def first_was_faster(self) -> None:
        """Give it less."""
        self._steer(-1)

    def second_was_faster(self) -> None:
        """Give it more."""
        self._steer(+1)

    def _steer(self, direction: int) -> None:
        self._step_s = min(self._step_s * 2, 0.1) if direction == self._last else 0.001
        self._lead_s += direction * self._step_s
        self._last = direction


async def race(stores: Sequence[Store], clock: SimulatedClock, *, times: int) -> int:
    """Acknowledge and fire the due step, so many times; returns how often the step was faster.

    Raises:
        AssertionError: both won, or neither, or one of them half.
    """
    store, other = stores
    clock.at = BEGIN + timedelta(seconds=2)
    desk, lead, fired = Desk(store, clock, lambda: None), HeadStart(), 0  # type: ignore[arg-type,return-value]

    async def acknowledge(number: int) -> bool:
        try:
            await desk.acknowledge(f"#{number}", Asked("U1", "button"))
        except Refused:
            return False
        return True

    async def fire() -> bool:
        return await other.write(lambda tx: escalate(tx, tx.now)) == 1

    for n in range(times):
        effect = opening(f"hand:{n}")
        number = (await store.write(lambda tx, effect=effect: tx.incidents.apply(effect))).id
        has, called = await asyncio.gather(lead.first(acknowledge(number)), lead.second(fire()))
        assert has, "an acknowledgement that meets a step comes after it"
        if called:
            lead.second_was_faster()
        else:
            lead.first_was_faster()
        await _one_won(store, number, called=called)
        fired += called
    return fired


async def _one_won(store: Store, number: int, *, called: bool) -> None:
    """The step fired or was cancelled, never both; and nobody is called after somebody has it."""
    incident, story = await store.read(lambda tx: (tx.incidents.get(number), tx.incidents.timeline(number)))
    assert incident.state is State.ACKNOWLEDGED
    assert incident.steps[1].state.value == ("fired" if called else "cancelled")
    expected = [Reason.OPENED] + [Reason.ESCALATED] * called + [Reason.ACKNOWLEDGED]
    assert [entry.reason for entry in story] == expected
    assert incident.version == len(story)
    query = text("SELECT count(*) FROM outbox WHERE subject = :s AND reason = 'escalated'")
    told = await store.read(lambda tx: tx.connection.scalar(query, {"s": f"incident:{number}"}))
    assert told == called
