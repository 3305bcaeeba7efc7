"""Manual items are found by name: the open ones of runs that wait, and those that were done lately."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.runs import Item, ItemState, RunItem, RunState
from tests.storage.records import AT, ITEMS, MINUTE, run

BY_HAND = (ITEMS[0], RunItem(Item("a", "Do a")), RunItem(Item("b", "Do b")), RunItem(Item("c", "Do c")))


def waiting(tx, slot, **given):
    """A run whose checks are done; `b` was done and `c` skipped."""
    run_id = tx.runs.add(run(slot, **{"state": RunState.WAITING, "items": BY_HAND, **given}))
    tx.runs.save_item(run_id, replace(BY_HAND[2], state=ItemState.DONE, by="U1", at=AT))
    tx.runs.save_item(run_id, replace(BY_HAND[3], state=ItemState.SKIPPED, by="U1", at=AT))
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
