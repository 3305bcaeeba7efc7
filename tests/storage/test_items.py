"""Manual items are found by name: the open ones of runs that wait, and those that were done lately."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.runs import Item, ItemState, RunItem, RunState
from storage.failures import Outrun
from tests.storage.records import AT, ITEMS, MINUTE, run

BY_HAND = (ITEMS[0], RunItem(Item("a", "Do a")), RunItem(Item("b", "Do b")), RunItem(Item("c", "Do c")))


def waiting(tx, slot, **given):
    """A run whose checks are done; `b` was done and `c` skipped."""
    run_id = tx.runs.add(run(slot, **{"state": RunState.WAITING, "items": BY_HAND, **given}))
    for item, state in ((BY_HAND[2], ItemState.DONE), (BY_HAND[3], ItemState.SKIPPED)):
        tx.items.save(run_id, replace(item, state=state, by="U1", at=AT), was=ItemState.OPEN)
    return run_id


async def test_open_items_are_those_of_runs_that_wait_the_newest_first(ledger):
    def work(tx):
        first = waiting(tx, "1")
        second = waiting(tx, "2")
        for state in (RunState.CARRIED, RunState.RUNNING, RunState.MISSED):
            waiting(tx, state.value, state=state)
        return first, second

    first, second = await ledger.write(work)
    found = await ledger.read(lambda tx: tx.items.open())
    assert [(item.run_id, item.item_id, item.text) for item in found] == [(second, "a", "Do a"), (first, "a", "Do a")]


async def test_the_runs_in_which_an_item_waits_are_found_by_its_id(ledger):
    def work(tx):
        waiting(tx, "0", state=RunState.COMPLETE)
        return waiting(tx, "1"), waiting(tx, "2")

    both = await ledger.write(work)
    found = await ledger.read(lambda tx: [tx.items.runs_with_open(each) for each in ("a", "b", "db", "other")])
    assert found == [list(both), [], [], []]


async def test_an_item_that_somebody_else_has_done_meanwhile_is_not_overwritten(ledger):
    run_id = await ledger.write(lambda tx: waiting(tx, "1"))
    before = await ledger.read(lambda tx: tx.runs.get(run_id))
    late = replace(BY_HAND[2], state=ItemState.DONE, by="U2", at=AT)
    with pytest.raises(Outrun, match="look at it again"):
        await ledger.write(lambda tx: tx.items.save(run_id, late, was=ItemState.OPEN))
    assert await ledger.read(lambda tx: tx.runs.get(run_id)) == before


async def test_done_items_are_those_of_the_checklists_asked_for_of_late(ledger):
    def work(tx):
        late = waiting(tx, "1", state=RunState.COMPLETE)
        waiting(tx, "2", checklist="other")
        waiting(tx, "3", due_at=AT - timedelta(days=3))
        waiting(tx, "4", state=RunState.CARRIED)
        return late

    late = await ledger.write(work)
    found = await ledger.read(lambda tx: tx.items.done(["morning"], since=AT - 5 * MINUTE))
    assert [(item.run_id, item.item_id) for item in found] == [(late, "b"), (late, "c")]
