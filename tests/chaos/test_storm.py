"""`kill -9`, a ledger that fails, and a Slack that accepts without saying so: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.chaos.account import Account, draw_up, table
from tests.chaos.conftest import LONG, Weather
from tests.chaos.storm import Plan

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1200)]

Record = Callable[[str, object], None]

PLAN = Plan(kills=60, slots=600, outages=4, frozen=1) if LONG else Plan(kills=10, slots=80, outages=1)


async def test_whatever_happens_during_a_storm_nothing_is_lost_and_nothing_is_doubled(
    weather: Weather, record_property: Record
) -> None:
    async def account_of(name: str) -> Account:
        async with weather(name, PLAN) as storm:
            await storm.blow()
            return draw_up(storm, *await storm.calm())

    names = ("sqlite", "postgresql")
    accounts = dict(zip(names, await asyncio.gather(*map(account_of, names)), strict=True))
    record_property("figures", table(accounts))
    for name, account in accounts.items():
        assert account.doubled == {}, name
        assert account.wrong == [], name
        assert account.own + account.missed + account.coalesced == account.slots
        assert account.kills >= PLAN.kills
        assert account.slots >= PLAN.slots
        assert account.noticed >= account.outages >= PLAN.outages, name
        assert account.frozen == PLAN.frozen
        assert account.coalesced > 0, f"{name}: no slot went by, so this proves nothing about those"
        assert account.found > 0, f"{name}: no answer got lost, so this proves nothing about those"
        assert account.steps > 0, f"{name}: no incident climbed, so this proves nothing about steps"
