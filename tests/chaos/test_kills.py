"""`kill -9`, thirty times, and a Slack that accepts messages without saying so: nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.chaos.account import Account, draw_up
from tests.chaos.storm import SEED, Storm, configuration
from tests.e2e.processes import Sandbox, Serve
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

Weather = Callable[..., Awaitable[Account]]


@pytest.fixture
async def weather(tmp_path: Path) -> AsyncIterator[Weather]:
    """A storm over a sandbox and a Rounds of the test's own, and the account of it."""
    for name in ("fine", "left", "right"):
        (tmp_path / name).touch()
    sandbox = Sandbox.start(tmp_path, seed=SEED)
    serves: list[Serve] = []

    async def rage(*, kills: int, slots: int, drop: float, **environment: str) -> Account:
        serves.append(Serve(tmp_path, api=sandbox.api, configuration=configuration(tmp_path), **environment))
        async with aiohttp.ClientSession() as http:
            storm = Storm(Workspace(sandbox, serves[0], http), seed=20260302)
            await storm.faults(drop=drop)
            await storm.rage(kills=kills, slots=slots)
            return draw_up(storm, *await storm.calm())

    yield rage
    for serve in serves:
        serve.stop()
    sandbox.stop()


async def test_thirty_kills_during_two_hundred_slots_lose_nothing_and_double_nothing(
    weather: Weather, record_property: Callable[[str, object], None]
) -> None:
    account = await weather(kills=30, slots=200, drop=0.15)
    record_property("figures", str(account))
    assert account.doubled == {}
    assert account.wrong == []
    assert account.kills >= 30
    assert account.slots >= 200
    assert account.own + account.missed + account.coalesced == account.slots
    assert account.coalesced > 0, "no slot came due while it was dead"
    assert account.found > 0, "no answer got lost, so this proves nothing"
    assert account.steps > 0, "no incident climbed"


async def test_with_the_look_up_switched_off_the_same_storm_doubles_messages(
    weather: Weather, record_property: Callable[[str, object], None]
) -> None:
    account = await weather(kills=5, slots=24, drop=0.5, ROUNDS_CHAOS_NO_LOOKUP="1")
    record_property("figures", str(account))
    assert account.found == 0
    assert account.doubled != {}
