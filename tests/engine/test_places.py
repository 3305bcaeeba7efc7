"""Whose look is next, when more are asked for than there are places."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.config.configuration import ConfiguredCheck
from bot.domain.masking import Masker
from bot.engine.looking import AT_ONCE, BATCH, Looker
from checks import Context, Look
from tests.looking import check
from tests.story import SimulatedClock


@pytest.fixture
def looker() -> Looker:
    return Looker(SimulatedClock(), Masker([]))


async def quiet() -> None:
    """Until everything has happened that can: looks begun, their ends heard of, those after them begun."""
    for _ in range(10):
        await asyncio.sleep(0)


class Queue:
    """Looks that end one by one when the test says so; who began, in order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._open: list[asyncio.Event] = []

    def checks(self, run: str, count: int) -> list[ConfiguredCheck]:
        return [check(self._does(run), name=f"{run}{n}") for n in range(count)]

    def _does(self, run: str) -> Callable[[Context], Awaitable[Look]]:
        async def does(ctx: Context) -> Look:
            self.begun.append(run)
            self._open.append(over := asyncio.Event())
            await over.wait()
            return Look()

        return does

    async def finish(self) -> None:
        """Let all looks end that are under way; returns when their places are taken again."""
        await quiet()
        under_way, self._open = self._open, []
        for over in under_way:
            over.set()
        await quiet()


async def test_a_run_is_looked_at_before_the_next_begins(looker):
    queue = Queue()
    runs = [asyncio.ensure_future(looker.look_at_all(queue.checks(name, 40))) for name in "abcd"]
    await queue.finish()
    assert queue.begun[:AT_ONCE] == ["a"] * 40 + ["b"] * 40 + ["c"] * 20
    assert [run.done() for run in runs] == [True, True, False, False]
    await queue.finish()
    assert [len(found) for found in await asyncio.gather(*runs)] == [40] * 4


async def test_a_large_run_lets_the_others_by(looker):
    queue = Queue()
    large = asyncio.ensure_future(looker.look_at_all(queue.checks("large", 4 * AT_ONCE)))
    await quiet()
    small = asyncio.ensure_future(looker.look_at_all(queue.checks("small", 3)))
    await queue.finish()
    assert queue.begun[AT_ONCE : AT_ONCE + BATCH + 3] == ["large"] * BATCH + ["small"] * 3
    await queue.finish()
    assert (small.done(), large.done()) == (True, False)
    for _ in range(4):
        await queue.finish()
    assert len(await large) == 4 * AT_ONCE


async def test_what_nobody_waits_for_any_more_is_not_begun(looker):
    queue = Queue()
    given_up = asyncio.ensure_future(looker.look_at_all(queue.checks("given up ", AT_ONCE + 20)))
    after = asyncio.ensure_future(looker.look_at_all(queue.checks("after", 1)))
    await quiet()
    given_up.cancel()
    await queue.finish()
    assert queue.begun == ["given up "] * AT_ONCE + ["after"]
    await queue.finish()
    assert len(await after) == 1
