"""The courier: whoever holds the claim sends, and whoever stood still finds out before it would send twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.domain.notifications import (
    ChannelUnusable,
    Delivered,
    Letter,
    MessageGone,
    NotDelivered,
    PerhapsDelivered,
    Undeliverable,
)
from bot.domain.runs import Run, RunState, Trigger
from bot.engine.courier import Courier
from bot.engine.redrawing import LEASE
from bot.engine.triage import expect_message
from storage.outbox import MOST_DUE
from tests.story import RememberedSlack, SimulatedClock, Story

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


HARD_TIMES = [
    pytest.param(NotDelivered("not now"), "not delivered yet: not now", id="not now"),
    pytest.param(PerhapsDelivered("timed out"), "not delivered yet: timed out", id="perhaps"),
    pytest.param(ChannelUnusable("is_archived"), "cannot post to #operations: is_archived", id="no channel"),
    pytest.param(MessageGone("thread_not_found"), "the thread of a message is gone: thread_not_found", id="no thread"),
    pytest.param(Undeliverable("msg_too_long"), "a message can never be delivered: msg_too_long", id="never"),
    pytest.param(None, "told: notice", id="told"),
]


@pytest.mark.parametrize(("error", "said"), HARD_TIMES)
async def test_whatever_becomes_of_a_message_its_line_in_the_log_leads_to_what_it_is_about(story, caplog, error, said):
    caplog.set_level("INFO", logger="bot.engine")
    await story.configured(OPERATIONS)
    await story.engine.say("hello")
    story.slack.faults = [lambda _: error]
    await courier(story).deliver()
    (line,) = [record for record in caplog.records if record.getMessage() == said]
    assert (line.key, line.subject) == ("notice:1", "notice:1")


async def test_what_was_found_in_slack_leads_there_as_well(story, caplog):
    caplog.set_level("INFO", logger="bot.engine")
    await story.configured(OPERATIONS)
    await story.engine.say("hello")
    story.slack.after_post = [PerhapsDelivered("timed out")]
    await courier(story).deliver()
    story.clock.at += timedelta(minutes=1)
    await courier(story).deliver()
    (line,) = [record for record in caplog.records if record.getMessage().startswith("found what an earlier attempt")]
    assert (line.key, line.subject) == ("notice:1", "notice:1")


class Strict(RememberedSlack):
    """Takes one message a second and channel, without any burst."""

    def __init__(self, clock):
        super().__init__(clock)
        self.last: dict[str, datetime] = {}
        self.sent_away: list[str] = []

    async def post(self, letter: Letter) -> Delivered:
        last = self.last.get(letter.channel)
        if last is not None and self.clock.at - last < timedelta(seconds=1):
            self.sent_away.append(letter.key)
            raise NotDelivered("Slack asks us to slow down", retry_after=timedelta(seconds=2))
        self.last[letter.channel] = self.clock.at
        return await super().post(letter)


async def test_two_processes_that_pace_for_themselves_are_sent_away_by_slack_and_lose_and_double_nothing(story):
    await story.configured(OPERATIONS)
    story.slack = Strict(story.clock)
    one, other = courier(story), courier(story)
    for n in range(6):
        await story.engine.say(f"notice {n}")
    urgent = text("UPDATE outbox SET priority = 0 WHERE key = 'notice:6'")
    await story.store.write(lambda tx: tx.connection.execute(urgent))
    for _ in range(60):
        await asyncio.gather(one.deliver(), other.deliver())
        story.clock.at += timedelta(seconds=0.25)
    assert story.slack.sent_away, "they never met"
    assert (await story.store.read(lambda tx: tx.outbox.depth()))[0] == 0
    keys = [message.key for message in story.slack.messages]
    assert keys[0] == "notice:6", "the urgent first"
    assert sorted(keys) == [f"notice:{n}" for n in range(1, 7)]


class Elsewhere(RememberedSlack):
    """Refuses what is for the channel of record."""

    refusal: Exception | None = None

    async def post(self, letter: Letter) -> Delivered:
        if letter.channel == "#operations" and self.refusal is not None:
            raise self.refusal
        return await super().post(letter)


@pytest.mark.parametrize(
    "refusal",
    [None, NotDelivered("slow down", retry_after=timedelta(minutes=1)), ChannelUnusable("not_in_channel")],
    ids=["only long", "sent away", "unusable"],
)
async def test_a_long_queue_in_one_channel_delays_no_other(story, refusal):
    await story.configured(OPERATIONS)
    story.slack = Elsewhere(story.clock)
    story.slack.refusal = refusal

    def fill(tx):
        for n in range(3 * MOST_DUE):
            channel = "#shop" if n == 2 * MOST_DUE else "#operations"
            run = Run(0, f"list-{n}", "A list", f"slot-{n}", tx.now, RunState.COMPLETE, Trigger.HAND, channel)
            expect_message(tx, tx.runs.get(tx.runs.add(run)), reason="digest")

    await story.store.write(fill)
    one = courier(story)
    await one.deliver()
    assert [message.channel for message in story.slack.messages].count("#shop") == 1
    await one.deliver()
    assert len(story.slack.messages) <= 2, "nor does it hurry"
