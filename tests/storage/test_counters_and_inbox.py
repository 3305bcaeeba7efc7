"""The inbox: a request has its effect once, or not at all. And counters, which are kept as JSON."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.watching import Streak, Watch
from checks import Outcome
from storage.watches import _dump, _load
from tests.storage.records import AT

streaks = st.builds(
    Streak, st.integers(0, 10**9), st.none() | st.datetimes().map(lambda at: at.replace(tzinfo=AT.tzinfo))
)


@given(
    st.builds(
        Watch,
        bad=streaks,
        critical=streaks,
        good=streaks,
        eased=streaks,
        unknown=streaks,
        outcome=st.none() | st.sampled_from(Outcome),
        since=st.none() | st.just(AT),
    )
)
def test_no_counter_is_lost_or_mixed_up(watch):
    assert _load(_dump(watch)) == watch


async def test_a_request_has_its_effect_once(ledger):
    firsts = await asyncio.gather(*(ledger.write(lambda tx: tx.inbox.first_time("press:1")) for _ in range(10)))
    assert sum(firsts) == 1


async def test_a_request_that_failed_may_be_made_again(ledger):
    def refused(tx):
        assert tx.inbox.first_time("press:1")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await ledger.write(refused)
    assert await ledger.write(lambda tx: tx.inbox.first_time("press:1"))


OVERDUE = timedelta(minutes=1)
OPENED = {"type": "app_home_opened", "user": "U1", "tab": "home"}


def pending(untouched_for=timedelta(0), leave=()):
    return lambda tx: [(k.key, k.event, k.attempt) for k in tx.inbox.pending(untouched_for=untouched_for, leave=leave)]


async def test_an_event_that_was_kept_is_pending_over_a_restart_until_its_effect_commits(ledger):
    assert await ledger.write(lambda tx: tx.inbox.keep("event:1", OPENED))
    await ledger.reopened()
    assert await ledger.write(pending()) == [("event:1", OPENED, 2)]
    assert await ledger.write(lambda tx: tx.inbox.first_time("event:1"))
    assert await ledger.write(pending()) == []
    assert not await ledger.write(lambda tx: tx.inbox.first_time("event:1"))


async def test_an_event_stays_pending_when_its_effect_is_undone(ledger):
    await ledger.write(lambda tx: tx.inbox.keep("event:1", OPENED))

    def broken(tx):
        assert tx.inbox.first_time("event:1")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await ledger.write(broken)
    assert [key for key, _, _ in await ledger.write(pending())] == ["event:1"]


async def test_an_event_that_slack_repeats_is_kept_once_and_not_again_after_its_effect(ledger):
    kept = await asyncio.gather(*(ledger.write(lambda tx: tx.inbox.keep("event:1", OPENED)) for _ in range(10)))
    assert sum(kept) == 1
    assert await ledger.write(lambda tx: tx.inbox.done("event:1"))
    assert not await ledger.write(lambda tx: tx.inbox.done("event:1"))
    assert not await ledger.write(lambda tx: tx.inbox.keep("event:1", OPENED))
    assert await ledger.write(pending()) == []


async def test_an_event_that_two_take_up_at_once_is_one_s_for_a_minute(ledger):
    await ledger.write(lambda tx: tx.inbox.keep("event:1", OPENED))
    assert await ledger.write(pending(OVERDUE)) == []
    ledger.passes(minutes=1)
    found = await asyncio.gather(*(ledger.write(pending(OVERDUE)) for _ in range(8)))
    assert [len(each) for each in found].count(1) == 1
    assert [kept for each in found for kept in each] == [("event:1", OPENED, 2)]
    ledger.passes(minutes=1)
    assert await ledger.write(pending(OVERDUE, leave={"event:1"})) == []
    assert await ledger.write(pending(OVERDUE)) == [("event:1", OPENED, 3)]


async def test_pending_events_come_in_the_order_in_which_they_were_told(ledger):
    for number in (3, 1, 2):
        await ledger.write(lambda tx, number=number: tx.inbox.keep(f"event:{number}", OPENED))
        ledger.passes(seconds=1)
    assert [key for key, _, _ in await ledger.write(pending())] == ["event:3", "event:1", "event:2"]


async def test_an_event_with_odd_text_is_kept_as_it_is(ledger):
    odd = {"type": "app_mention", "text": "a\x00b \ud800 “ü” 🙂", "deep": [{"x": None, "y": 1.5, "z": True}]}
    await ledger.write(lambda tx: tx.inbox.keep("event:1", odd))
    assert await ledger.write(pending()) == [("event:1", odd, 2)]


async def test_what_is_old_is_forgotten_in_batches_and_the_rest_is_kept(ledger):
    def keep(tx, names):
        for name in names:
            assert tx.inbox.first_time(name)

    await ledger.write(lambda tx: keep(tx, [f"old:{n}" for n in range(25)]))
    ledger.passes(days=2, seconds=1)
    await ledger.write(lambda tx: keep(tx, ["young:1", "young:2"]))
    two_days = timedelta(days=2)
    batches = [await ledger.write(lambda tx: tx.inbox.forget(older_than=two_days, limit=10)) for _ in range(4)]
    assert batches == [10, 10, 5, 0]
    assert not await ledger.write(lambda tx: tx.inbox.first_time("young:1"))
    assert await ledger.write(lambda tx: tx.inbox.first_time("old:1"))


async def test_two_who_forget_at_once_forget_each_thing_once(ledger):
    await ledger.write(lambda tx: [tx.inbox.first_time(f"old:{n}") for n in range(100)])
    ledger.passes(days=3)
    forget = [ledger.write(lambda tx: tx.inbox.forget(older_than=timedelta(days=2), limit=30)) for _ in range(8)]
    assert sum(await asyncio.gather(*forget)) <= 100
    while await ledger.write(lambda tx: tx.inbox.forget(older_than=timedelta(days=2), limit=30)):
        pass
    assert await ledger.write(lambda tx: tx.inbox.first_time("old:99"))
