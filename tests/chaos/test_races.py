"""Acknowledging against escalating, a thousand times: the step is told or cancelled, once, and never both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage.opening import open_store
from tests.chaos.conftest import LONG
from tests.storage.racing import race
from tests.story import SimulatedClock

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

RACES = 1_000 if LONG else 50
"""The short form is that of tests/storage/test_promises.py; this one keeps the long one from breaking unseen."""


async def test_a_thousand_times_either_somebody_has_it_or_the_next_is_called(
    database_url: str, record_property: Callable[[str, object], None]
) -> None:
    clock = SimulatedClock()
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    other = store if store.embedded else open_store(database_url, now=clock.now, database_time=False)
    try:
        fired = await race((store, other), clock, times=RACES)
    finally:
        await store.close()
        if other is not store:
            await other.close()
    record_property("figures", f"{RACES} races, {fired} won by the step, {RACES - fired} by the acknowledgement")
    assert 0 < fired < RACES, "no race at all"
