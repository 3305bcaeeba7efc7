"""An engine without a Slack: checks that only wait, and messages that arrive at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from bot.config.configuration import Configuration
from bot.config.load import parse
from bot.domain.masking import Masker
from bot.domain.notifications import Delivered, Letter, Place, StatusView, View
from bot.domain.rules import CompiledRules
from bot.engine.clock import Clock, SystemClock
from bot.engine.courier import Courier
from bot.engine.engine import Engine
from bot.engine.interpreter import search_less, take_short_turns
from bot.engine.looking import Looker
from bot.engine.queue import LocalQueue
from bot.engine.runner import Runner
from checks import Check, Context, Finding, Look, Outcome
from storage.opening import open_store
from storage.store import Store


class Ahead(SystemClock):
    """The machine's clock, so far ahead: the next slot comes when the benchmark wants it."""

    ahead = timedelta()

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return super().now() + self.ahead


LOOK_S = 0.05
EVERY_S = 600
"""The rhythm of the checks; shorter than the grace time, so that one slot of each is due after a whole turn."""


class Slow(Check):
    """A check whose target takes 50 ms to answer, and this process nothing."""

    kind: Literal["slow"] = "slow"

    def about(self) -> str:
        return "slow"

    async def look(self, ctx: Context) -> Look:
        await asyncio.sleep(LOOK_S)
        return Look(findings=(Finding(Outcome.OK, "it answers"),))


class Nowhere:
    """The port `Notifier` of a Slack that takes everything at once."""

    def mention(self, target: str) -> str:
        return target

    def address(self, place: Place) -> str:
        return place.ts

    async def post(self, letter: Letter) -> Delivered:
        return Delivered(letter.channel, f"2.{letter.key}"[:40])

    async def find(self, letter: Letter, *, since: object) -> Delivered | None:
        return None

    async def redraw(self, view: View, *, channel_id: str, ts: str) -> None:
        return

    async def publish_home(self, user: str, view: StatusView) -> None:
        return


def configured(checks: int) -> Configuration:
    """A configuration of so many slow checks; at least one."""
    lines = "".join(f"  c{n}: {{kind: disk, path: /, every: {EVERY_S}s}}\n" for n in range(max(checks, 1)))
    found = parse(f"timezone: UTC\nchannel: '#c'\nchecks:\n{lines}")
    slow = {name: replace(check, check=Slow(), rules=CompiledRules()) for name, check in found.checks.items()}
    return replace(found, checks=slow)


@asynccontextmanager
async def running(
    url: str, configuration: Configuration, clock: Clock | None = None
) -> AsyncIterator[tuple[Engine, Store, LocalQueue, Runner]]:
    """An engine with everything around it, and nothing started; Python set up as `rounds serve` does."""
    take_short_turns()
    search_less()
    clock = clock or SystemClock()
    store, queue = open_store(url, now=clock.now), LocalQueue()
    runner = Runner(store, Looker(clock, Masker([])), clock, lambda: configuration)
    courier = Courier(store, Nowhere(), clock, lambda: configuration)
    engine = Engine(
        store=store, clock=clock, queue=queue, runner=runner, courier=courier, configuration=lambda: configuration
    )
    try:
        yield engine, store, queue, runner
    finally:
        await store.close()
