"""The inbox: a request has its effect once, or not at all. And counters, which are kept as JSON."""

from __future__ import annotations

import asyncio

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
