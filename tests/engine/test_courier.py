"""The courier: whoever holds the claim sends, and whoever stood still finds out before it would send twice."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.domain.notifications import PerhapsDelivered
from bot.engine.courier import Courier
from bot.engine.redrawing import LEASE
from tests.story import SimulatedClock, Story

OPERATIONS = 'channel: "#operations"\nchecklists: {never: {items: [{manual: Look around}]}}\n'


class Stalling:
    """A store whose first write is answered only when `meanwhile` has happened."""

    def __init__(self, store, meanwhile: Callable[[], Awaitable[None]]):
        self._store = store
        self._meanwhile = [meanwhile]
        self.read = store.read

    async def write(self, work):
        value = await self._store.write(work)
        if self._meanwhile:
            await self._meanwhile.pop()()
        return value


class AsleepClock(SimulatedClock):
    """Of a machine that sleeps: only its wall clock goes on."""

    def monotonic(self) -> float:
        return 1_000.0


def courier(story: Story, store=None, clock=None) -> Courier:
    return Courier(store or story.store, story.slack, clock or story.clock, lambda: story.configuration)


@pytest.mark.parametrize("asleep", [False, True], ids=["it stood still", "its machine slept"])
async def test_who_comes_back_after_somebody_else_has_sent_it_sends_nothing(story, asleep):
    await story.configured(OPERATIONS)
    await story.engine.say("hello")
    clock = AsleepClock(story.clock.at) if asleep else story.clock

    async def meanwhile():
        story.clock.at += LEASE
        clock.at = story.clock.at
        await courier(story).deliver()

    await courier(story, Stalling(story.store, meanwhile), clock).deliver()
    assert len(story.roots("hello")) == 1


async def test_who_comes_back_before_anybody_has_taken_it_sends_it(story):
    await story.configured(OPERATIONS)
    await story.engine.say("hello")

    async def meanwhile():
        story.clock.at += LEASE + timedelta(seconds=5)

    assert await courier(story, Stalling(story.store, meanwhile)).deliver() == 1
    assert len(story.roots("hello")) == 1
    assert await courier(story).deliver() == 0


async def test_a_look_up_that_takes_longer_than_the_claim_loses_nothing(story):
    await story.configured(OPERATIONS)
    await story.engine.say("hello")
    story.slack.faults = [lambda _: PerhapsDelivered("timed out")]
    await courier(story).deliver()
    story.clock.at += timedelta(minutes=1)
    find, others = story.slack.find, [courier(story)]

    async def slow(letter, *, since):
        found = await find(letter, since=since)
        story.clock.at += LEASE
        while others:
            await others.pop().deliver()
        return found

    story.slack.find = slow
    await courier(story).deliver()
    assert len(story.roots("hello")) == 1
