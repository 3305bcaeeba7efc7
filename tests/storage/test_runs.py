"""Runs: one row a slot, one worker a run, and whoever lost the claim stores nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.runs import GRACE, Item, ItemState, RunItem, RunState, Trigger
from tests.storage.records import AT, ITEMS, MINUTE, ODD, result, run

LEASE = timedelta(seconds=30)


async def added(ledger, *runs, **given):
    return [await ledger.write(lambda tx, one=one: tx.runs.add(one, **given)) for one in runs]


async def state(ledger, run_id):
    return (await ledger.read(lambda tx: tx.runs.get(run_id))).state


async def test_a_slot_gets_one_run_however_often_it_is_added(ledger):
    first, again, other_slot, other_list = await added(ledger, run(), run(), run("09:00"), run(checklist="evening"))
    assert again is None
    assert len({first, other_slot, other_list}) == 3


async def test_of_many_who_add_the_same_slot_at_once_one_succeeds(ledger):
    ids = await asyncio.gather(*(ledger.write(lambda tx: tx.runs.add(run())) for _ in range(20)))
    assert sum(one is not None for one in ids) == 1


CLAIMS = [
    pytest.param(RunState.NEW, None, True, id="a new run can be claimed"),
    pytest.param(RunState.RUNNING, LEASE, False, id="one that somebody works on cannot"),
    pytest.param(RunState.RUNNING, timedelta(), True, id="at the end of its lease it can"),
    pytest.param(RunState.RUNNING, -LEASE, True, id="long after that it can"),
    pytest.param(RunState.WAITING, None, False, id="one that waits for a person cannot"),
    pytest.param(RunState.COMPLETE, None, False, id="a complete one cannot"),
    pytest.param(RunState.CARRIED, None, False, id="one that was carried over cannot"),
    pytest.param(RunState.MISSED, None, False, id="a missed one cannot"),
    pytest.param(RunState.COALESCED, None, False, id="a coalesced one cannot"),
]


@pytest.mark.parametrize(("before", "lease", "claimed"), CLAIMS)
async def test_what_can_be_claimed(ledger, before, lease, claimed):
    (run_id,) = await added(ledger, run(state=before if before is not RunState.RUNNING else RunState.NEW))
    if lease is not None:
        await ledger.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
        ledger.clock.at += LEASE - lease
    taken = await ledger.write(lambda tx: tx.runs.claim(run_id, token="second", lease=LEASE))
    assert (taken is not None) is claimed
    assert (await state(ledger, run_id)) is (RunState.RUNNING if claimed else before)


async def test_of_many_who_claim_at_once_one_succeeds(ledger):
    (run_id,) = await added(ledger, run())
    claims = (ledger.write(lambda tx, n=n: tx.runs.claim(run_id, token=str(n), lease=LEASE)) for n in range(20))
    assert sum(claimed is not None for claimed in await asyncio.gather(*claims)) == 1
    assert (await ledger.read(lambda tx: tx.runs.get(run_id))).attempt == 1


async def test_whoever_claims_a_run_is_told_what_there_is_to_do(ledger):
    (run_id,) = await added(ledger, run())
    claimed = await ledger.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    assert claimed == await ledger.read(lambda tx: tx.runs.get(run_id))
    assert [item.item.id for item in claimed.items] == ["cache", "plants"]


async def test_a_renewed_claim_holds_longer(ledger):
    (run_id,) = await added(ledger, run())
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    ledger.passes(seconds=20)
    assert await ledger.write(lambda tx: tx.runs.renew(run_id, token="first", lease=LEASE))
    ledger.passes(seconds=20)
    assert not await ledger.write(lambda tx: tx.runs.claim(run_id, token="second", lease=LEASE))


async def test_whoever_lost_the_claim_can_neither_renew_it_nor_store_anything(ledger):
    (run_id,) = await added(ledger, run())
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    ledger.passes(seconds=31)
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="second", lease=LEASE))
    assert not await ledger.write(lambda tx: tx.runs.renew(run_id, token="first", lease=LEASE))
    finish = {"state": RunState.COMPLETE, "results": [result()], "now": AT}
    assert not await ledger.write(lambda tx: tx.runs.finish(run_id, token="first", **finish))
    assert (await ledger.read(lambda tx: tx.runs.get(run_id))).results == ()
    assert await ledger.write(lambda tx: tx.runs.finish(run_id, token="second", **finish))
    assert len((await ledger.read(lambda tx: tx.runs.get(run_id))).results) == 1


async def test_a_run_is_finished_once(ledger):
    (run_id,) = await added(ledger, run())
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    finish = {"token": "first", "state": RunState.COMPLETE, "results": [result()], "now": AT}
    assert await ledger.write(lambda tx: tx.runs.finish(run_id, **finish))
    assert not await ledger.write(lambda tx: tx.runs.finish(run_id, **finish))


async def test_after_a_restart_what_was_being_worked_on_can_be_claimed_at_once(ledger):
    (run_id,) = await added(ledger, run())
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="dead", lease=LEASE))
    await ledger.reopened()
    await ledger.write(lambda tx: tx.runs.release_all())
    assert await ledger.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=MINUTE)) == [run_id]
    assert await ledger.write(lambda tx: tx.runs.claim(run_id, token="alive", lease=LEASE))


async def test_everything_about_a_run_survives_a_restart(ledger):
    (run_id,) = await added(ledger, run(requested_by="U1", overdue_at=AT + MINUTE))
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="t", lease=LEASE))
    ledger.passes(seconds=2, microseconds=7)
    finish = {"token": "t", "state": RunState.WAITING, "results": [result()], "now": ledger.now}
    await ledger.write(lambda tx: tx.runs.finish(run_id, **finish))
    ticked = replace(ITEMS[1], state=ItemState.DONE, by="U1", at=ledger.now, note=ODD, owner="U2")
    await ledger.write(lambda tx: (tx.items.save(run_id, ticked, was=ItemState.OPEN), tx.runs.posted(run_id)))
    await ledger.reopened()
    expected = run(
        id=run_id,
        state=RunState.WAITING,
        requested_by="U1",
        overdue_at=AT + MINUTE,
        started_at=AT,
        finished_at=ledger.now,
        attempt=1,
        version=1,
        posted=True,
        items=(replace(ITEMS[0], result=result()), ticked),
    )
    assert await ledger.read(lambda tx: tx.runs.get(run_id)) == expected


async def test_the_sweep_finds_what_nobody_works_on_the_oldest_first(ledger):
    older, new, handed_over, running, dead = await added(
        ledger, run("1", due_at=AT - MINUTE), *(run(str(n)) for n in range(2, 6))
    )
    await ledger.write(lambda tx: tx.runs.claim(dead, token="dead", lease=LEASE))
    ledger.passes(seconds=40)
    await ledger.write(lambda tx: tx.runs.enqueued([handed_over]))
    await ledger.write(lambda tx: tx.runs.claim(running, token="alive", lease=LEASE))
    found = await ledger.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=timedelta(seconds=3)))
    assert found[0] == older
    assert set(found) == {older, new, dead}
    ledger.passes(seconds=3)
    again = await ledger.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=timedelta(seconds=3)))
    assert set(again) == {older, new, dead, handed_over}


async def test_what_nobody_finished_within_its_grace_is_missed_and_what_is_being_worked_on_is_not(ledger):
    late, in_time, at_work, dead = await added(
        ledger,
        run("1", due_at=AT - GRACE - MINUTE),
        run("2", due_at=AT - GRACE + MINUTE),
        run("3", due_at=AT - 2 * GRACE),
        run("4", due_at=AT - 2 * GRACE),
    )
    await ledger.write(lambda tx: tx.runs.claim(dead, token="dead", lease=-LEASE))
    await ledger.write(lambda tx: tx.runs.claim(at_work, token="alive", lease=LEASE))
    assert set(await ledger.write(lambda tx: tx.runs.give_up_late(AT - GRACE))) == {late, dead}
    assert [await state(ledger, each) for each in (late, dead, in_time, at_work)] == [
        RunState.MISSED,
        RunState.MISSED,
        RunState.NEW,
        RunState.RUNNING,
    ]


async def test_a_run_that_was_given_up_cannot_be_finished_by_its_late_worker(ledger):
    (run_id,) = await added(ledger, run(due_at=AT - 2 * GRACE))
    await ledger.write(lambda tx: tx.runs.claim(run_id, token="slow", lease=LEASE))
    ledger.passes(minutes=1)
    await ledger.write(lambda tx: tx.runs.give_up_late(ledger.now - GRACE))
    finish = {"token": "slow", "state": RunState.COMPLETE, "results": [result()], "now": AT}
    assert not await ledger.write(lambda tx: tx.runs.finish(run_id, **finish))
    assert await state(ledger, run_id) is RunState.MISSED


async def test_a_missed_slot_is_named_by_one_later_run_only(ledger):
    missed, coalesced, other, hand = await added(
        ledger,
        run("1", RunState.MISSED, due_at=AT - 2 * MINUTE),
        run("2", RunState.COALESCED, due_at=AT - MINUTE),
        run("1", RunState.MISSED, checklist="evening", due_at=AT - MINUTE),
        run("3", RunState.MISSED, trigger=Trigger.HAND, due_at=AT - MINUTE),
    )
    first, second = await added(ledger, run("4"), run("5"))
    assert await ledger.write(lambda tx: tx.runs.name_gaps(first, "morning")) == 2
    assert await ledger.write(lambda tx: tx.runs.name_gaps(second, "morning")) == 0
    named = await ledger.read(lambda tx: tx.runs.get(first))
    assert [gap.state for gap in named.gaps] == [RunState.MISSED, RunState.COALESCED]
    assert (await ledger.read(lambda tx: tx.runs.get(second))).gaps == ()
    assert {missed, coalesced, other, hand}.isdisjoint({first, second})


async def test_a_state_moves_on_only_from_where_it_was_expected(ledger):
    (run_id,) = await added(ledger, run(state=RunState.WAITING))
    move = {"state": RunState.CARRIED, "expected": RunState.WAITING}
    assert await ledger.write(lambda tx: tx.runs.set_state(run_id, **move))
    assert not await ledger.write(lambda tx: tx.runs.set_state(run_id, **move))


async def test_what_is_overdue_is_told_once(ledger):
    (run_id, *_) = await added(
        ledger,
        run("1", RunState.WAITING, overdue_at=AT),
        run("2", RunState.WAITING, overdue_at=AT + MINUTE),
        run("3", RunState.COMPLETE, overdue_at=AT),
        run("4", RunState.WAITING),
    )
    assert [each.id for each in await ledger.read(lambda tx: tx.runs.overdue(AT))] == [run_id]
    await ledger.write(lambda tx: tx.runs.overdue_from(run_id, None))
    assert await ledger.read(lambda tx: tx.runs.overdue(AT)) == []


HERS = RunItem(Item("a", "Do a", owner="user:ann"))


@pytest.mark.parametrize(
    ("item", "overdue"),
    [
        pytest.param(HERS, True, id="that nobody has"),
        pytest.param(replace(HERS, owner="user:ann"), True, id="that is only meant for somebody"),
        pytest.param(replace(HERS, owner="U1"), False, id="that somebody has"),
        pytest.param(replace(HERS, state=ItemState.DONE), False, id="that is done"),
        pytest.param(ITEMS[0], False, id="that is a check"),
    ],
)
async def test_a_run_is_overdue_by_an_item(ledger, item, overdue):
    done = RunItem(Item("b", "Do b"), state=ItemState.SKIPPED)
    (run_id,) = await added(ledger, run("1", RunState.WAITING, overdue_at=AT, items=(item, done)))
    found = [each.id for each in await ledger.read(lambda tx: tx.runs.overdue(AT))]
    assert found == [run_id] * overdue


async def test_the_run_before_is_the_latest_finished_one_that_nobody_asked_for(ledger):
    ids = await added(
        ledger,
        run("1", RunState.COMPLETE),
        run("2", RunState.COMPLETE, trigger=Trigger.HAND),
        run("3", RunState.MISSED),
        run("4", RunState.COMPLETE, checklist="evening"),
        run("5"),
    )
    last = await ledger.read(lambda tx: tx.runs.get(ids[-1]))
    assert (await ledger.read(lambda tx: tx.runs.before(last))).id == ids[0]


async def test_the_newest_results_of_a_check_come_first(ledger):
    for n in range(3):
        (run_id,) = await added(ledger, run(str(n)))
        await ledger.write(lambda tx, run_id=run_id: tx.runs.claim(run_id, token="t", lease=LEASE))
        results = [result(at=AT + n * MINUTE), result("other", AT + 99 * MINUTE)]
        finish = {"token": "t", "state": RunState.COMPLETE, "results": results, "now": AT}
        await ledger.write(lambda tx, run_id=run_id, finish=finish: tx.runs.finish(run_id, **finish))
    newest = await ledger.read(lambda tx: tx.runs.latest_results("cache", limit=2))
    assert [each.looked_at for each in newest] == [AT + 2 * MINUTE, AT + MINUTE]
    assert newest[0] == result(at=AT + 2 * MINUTE)
