"""Two people, or a person and the engine, do something with the same items at the same moment, from two processes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.load import parse
from bot.domain.incidents import Refused, State, open_incident
from bot.domain.runs import Item, ItemState, Run, RunItem, RunState, Trigger
from bot.engine.desk import Asked, Desk
from bot.engine.triage import conclude
from checks import Outcome
from storage.opening import open_store
from tests.storage.racing import HeadStart
from tests.story import BEGIN, SimulatedClock

CONFIGURATION = parse("{timezone: UTC, channel: '#ops', checks: {disk: {kind: disk, path: /}}}")
LEASE = timedelta(seconds=30)
TIMES = 25
"""As often as it took, without a fence, until every one of these had gone wrong many times."""


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
async def stores(database_url, clock):
    """Two processes' stores on one database; SQLite has one process, whose writers are many tasks."""
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    other = store if store.embedded else open_store(database_url, now=clock.now, database_time=False)
    yield [store, other]
    await store.close()
    if other is not store:
        await other.close()


@pytest.fixture
def desks(stores, clock):
    """A desk in each process."""
    return [Desk(store, clock, lambda: CONFIGURATION) for store in stores]


def waiting(slot, *items, **fields) -> Run:
    manual = tuple(RunItem(Item(item, f"Do {item}")) for item in items)
    whole = Run(0, "morning", "Morning", slot, BEGIN, RunState.WAITING, Trigger.SCHEDULE, "#ops", items=manual)
    return replace(whole, **fields)


async def added(store, run):
    return await store.write(lambda tx: tx.runs.add(run))


async def stored(store, run_id):
    return await store.read(lambda tx: tx.runs.get(run_id))


def by(who):
    return Asked(who, "button")


async def test_the_last_two_items_ticked_at_once_complete_the_run(stores, desks):
    for n in range(TIMES):
        run_id = await added(stores[0], waiting(f"s{n}", "a", "b"))
        await asyncio.gather(desks[0].tick(run_id, "a", by("U1")), desks[1].tick(run_id, "b", by("U2")))
        run = await stored(stores[0], run_id)
        assert (run.state, run.open_items) == (RunState.COMPLETE, ())


async def test_the_last_two_items_ticked_at_once_end_what_was_overdue(stores, desks):
    for n in range(TIMES):
        run_id = await added(stores[0], waiting(f"s{n}", "a", "b"))
        overdue = open_incident(
            subject=f"run:{run_id}",
            title="Morning is overdue",
            severity=Outcome.WARNING,
            summary="still open",
            channel="#ops",
            policy=None,
            now=BEGIN,
        )
        incident = await stores[0].write(lambda tx, overdue=overdue: tx.incidents.apply(overdue))
        await asyncio.gather(desks[0].tick(run_id, "a", by("U1")), desks[1].tick(run_id, "b", by("U2")))
        after = await stores[0].read(lambda tx, number=incident.id: tx.incidents.get(number))
        assert after.state is State.RESOLVED


async def test_of_two_who_tick_one_item_one_is_told_who_was_first(stores, desks):
    for n in range(TIMES):
        run_id = await added(stores[0], waiting(f"s{n}", "a", "b"))
        ticks = [desks[0].tick(run_id, "a", by("U1")), desks[1].tick(run_id, "a", by("U2"))]
        answers = await asyncio.gather(*ticks, return_exceptions=True)
        (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
        item = (await stored(stores[0], run_id)).items[0]
        assert isinstance(refused, Refused)
        assert f"<@{item.by}> has done" in str(refused)


async def test_taking_an_item_does_not_undo_its_tick(stores, desks):
    lead = HeadStart()
    for n in range(TIMES):
        run_id = await added(stores[0], waiting(f"s{n}", f"only{n}"))
        _, taken = await asyncio.gather(
            lead.first(desks[0].tick(run_id, f"only{n}", by("U1"))),
            lead.second(desks[1].acknowledge(f"only{n}", by("U2"))),
            return_exceptions=True,
        )
        if isinstance(taken, Refused):
            lead.first_was_faster()
        else:
            lead.second_was_faster()
        run = await stored(stores[0], run_id)
        assert (run.state, run.items[0].state, run.items[0].by) == (RunState.COMPLETE, ItemState.DONE, "U1")


@pytest.mark.parametrize("took_over", [False, True], ids=["in that run", "in the run before it"])
async def test_a_tick_while_the_run_is_concluded_counts(stores, desks, clock, took_over):
    for n in range(TIMES):
        name = f"morning {n}"
        earlier_id = await added(stores[0], waiting("before", "a", checklist=name)) if took_over else None
        run_id = await added(stores[0], waiting("now", "a", checklist=name, state=RunState.NEW))
        claimed = await stores[0].write(lambda tx, run_id=run_id: tx.runs.claim(run_id, token="t", lease=LEASE))

        def work(tx, claimed=claimed):
            return conclude(tx, run=claimed, token="t", results=[], configuration=CONFIGURATION, now=clock.now())

        _, ticked = await asyncio.gather(
            stores[0].write(work),
            desks[1].tick(earlier_id or run_id, "a", by("U1")),
            return_exceptions=True,
        )
        run = await stored(stores[0], run_id)
        assert run.state is (RunState.WAITING if run.open_items else RunState.COMPLETE)
        if earlier_id is None:
            assert run.items[0].by == "U1"
            continue
        earlier = await stored(stores[0], earlier_id)
        carried = isinstance(ticked, Refused)
        assert earlier.state is (RunState.CARRIED if carried else RunState.COMPLETE)
        assert bool(earlier.open_items) is carried
