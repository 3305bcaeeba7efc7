"""`kill -9`, thirty times, and a Slack that accepts messages without saying so: nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.chaos.account import draw_up
from tests.chaos.storm import SEED, Storm, configuration
from tests.e2e.processes import Sandbox, Serve
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

Begin = Callable[..., Storm]
Record = Callable[[str, object], None]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """A storm over a sandbox and a Rounds of the test's own; the environment is that of Rounds."""
    for name in ("fine", "left", "right"):
        (tmp_path / name).touch()
    sandbox = Sandbox.start(tmp_path, seed=SEED)
    serves: list[Serve] = []
    async with aiohttp.ClientSession() as http:

        def storm(**environment: str) -> Storm:
            serves.append(Serve(tmp_path, api=sandbox.api, configuration=configuration(tmp_path), **environment))
            return Storm(Workspace(sandbox, serves[-1], http), seed=20260302)

        yield storm
    for serve in serves:
        serve.stop()
    sandbox.stop()


async def test_thirty_kills_during_two_hundred_slots_lose_nothing_and_double_nothing(
    begin: Begin, record_property: Record
) -> None:
    storm = begin()
    await storm.faults(drop=0.15)
    await storm.rage(kills=30, slots=200)
    account = draw_up(storm, *await storm.calm())
    record_property("figures", str(account))
    assert account.doubled == {}
    assert account.wrong == []
    assert account.kills >= 30
    assert account.slots >= 200
    assert account.own + account.missed + account.coalesced == account.slots
    assert account.coalesced > 0, "no slot went by, so this proves nothing about those"
    assert account.found > 0, "no answer got lost, so this proves nothing about those"
    assert account.steps > 0, "no incident climbed, so this proves nothing about steps"


async def test_with_the_look_up_switched_off_the_same_storm_doubles_messages(
    begin: Begin, record_property: Record
) -> None:
    storm = begin(ROUNDS_CHAOS_NO_LOOKUP="1")
    await storm.faults(drop=0.5)
    await storm.rage(kills=5, slots=24)
    doubled = (await storm.workspace.state()).doubled()
    record_property("figures", f"{storm.kills} kills without look-up, {len(doubled)} keys doubled")
    assert doubled != {}
