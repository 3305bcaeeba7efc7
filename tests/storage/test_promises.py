"""The promises that the database keeps: one row a slot, told once, one incident a subject, one holder of a claim."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.incidents import Refused
from bot.domain.runs import Item, Result, Run, RunItem, RunState, Trigger
from bot.engine.desk import Asked, Desk
from checks import Finding, Outcome
from storage.failures import Outrun
from storage.opening import open_store
from tests.storage.racing import opening, race
from tests.story import BEGIN, SimulatedClock

LEASE = timedelta(seconds=30)
WRITERS = 20
WAITING_FOR_US = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
"""On PostgreSQL: the locks that others want and this transaction has."""


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
async def store(database_url, clock):
    """An open store on each database, on a clock that the test moves."""
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    yield store
    await store.close()


@pytest.fixture
async def stores(database_url, store, clock):
    """Two processes' stores on one database; SQLite has one process, whose writers are many tasks."""
    if store.embedded:
        yield [store, store]
        return
    other = open_store(database_url, now=clock.now, database_time=False)
    yield [store, other]
    await other.close()


def run(slot="s1", **fields) -> Run:
    item = RunItem(Item("db", "Database", check="db"))
    whole = Run(0, "morning", "Morning", slot, BEGIN, RunState.NEW, Trigger.SCHEDULE, "#ops", items=(item,))
    return replace(whole, **fields)


async def at_once(stores, work):
    """Many writers do the same at the same moment; their answers and errors."""
    return await asyncio.gather(*(stores[n % 2].write(work) for n in range(WRITERS)), return_exceptions=True)


async def count(store, table: str) -> int:
    return await store.read(lambda tx: tx.connection.scalar(text(f"SELECT count(*) FROM {table}")))


async def test_of_many_writers_one_makes_the_run_of_a_slot(stores):
    answers = await at_once(stores, lambda tx: tx.runs.add(run()))
    assert [answer is None for answer in answers].count(False) == 1
    assert (await count(stores[0], "run"), await count(stores[0], "run_item")) == (1, 1)


async def test_of_many_writers_one_tells_a_thing(stores):
    await stores[0].write(lambda tx: tx.messages.expect("run:1", channel="#ops"))
    told = await at_once(stores, lambda tx: tx.outbox.add(key="k", subject="run:1", reason="digest", priority=2))
    assert sorted(told) == [False] * (WRITERS - 1) + [True]
    assert await count(stores[0], "outbox") == 1


async def test_of_many_writers_one_opens_the_incident_of_a_subject(stores):
    answers = await at_once(stores, lambda tx: tx.incidents.apply(opening()))
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == WRITERS - 1
    assert {type(error) for error in refused} == {Outrun}
    # Nothing of the others is left: no timeline, no steps, nothing to tell.
    counts = [await count(stores[0], table) for table in ("incident", "timeline", "step", "outbox", "message")]
    assert counts == [1, 1, 3, 1, 1]


async def test_of_many_writers_one_takes_a_click(stores):
    answers = await at_once(stores, lambda tx: tx.inbox.first_time("click"))
    assert answers.count(True) == 1


async def test_a_subject_may_have_an_incident_again_when_the_last_is_over(store, clock):
    desk = Desk(store, clock, lambda: None)
    for n in (1, 2):
        incident = await store.write(lambda tx: tx.incidents.apply(opening()))
        with pytest.raises(Outrun):
            await store.write(lambda tx: tx.incidents.apply(opening()))
        await store.write(lambda tx, subject=f"blind:{n}": tx.incidents.apply(opening(subject)))
        await desk.resolve(f"#{incident.id}", Asked("U1", "button"))
    assert await count(store, "incident") == 4


async def test_of_many_writers_one_claims_a_run(stores):
    run_id = await stores[0].write(lambda tx: tx.runs.add(run()))
    tokens = [f"t{n}" for n in range(WRITERS)]
    claims = [
        stores[n % 2].write(lambda tx, token=token: tx.runs.claim(run_id, token=token, lease=LEASE))
        for n, token in enumerate(tokens)
    ]
    assert sum(claimed is not None for claimed in await asyncio.gather(*claims)) == 1
    assert (await stores[0].read(lambda tx: tx.runs.get(run_id))).attempt == 1


CLAIMS = [
    (RunState.NEW, 0, True),
    (RunState.RUNNING, 29, False),
    (RunState.RUNNING, 30, True),
    (RunState.WAITING, 99, False),
    (RunState.COMPLETE, 99, False),
    (RunState.CARRIED, 99, False),
    (RunState.MISSED, 99, False),
    (RunState.COALESCED, 99, False),
]


@pytest.mark.parametrize(
    ("state", "seconds", "taken"),
    [pytest.param(*row, id=f"{row[0]} for {row[1]} s is {'' if row[2] else 'not '}taken") for row in CLAIMS],
)
async def test_a_run_can_be_claimed(store, clock, state, seconds, taken):
    def prepare(tx):
        run_id = tx.runs.add(run(state=state if state is not RunState.RUNNING else RunState.NEW))
        if state is RunState.RUNNING:
            assert tx.runs.claim(run_id, token="first", lease=LEASE)
        return run_id

    run_id = await store.write(prepare)
    clock.at += timedelta(seconds=seconds)
    claimed = await store.write(lambda tx: tx.runs.claim(run_id, token="second", lease=LEASE))
    assert (claimed is not None) is taken


async def test_a_renewed_claim_holds_on_and_a_lost_one_cannot_be_renewed(store, clock):
    def claim(token):
        return store.write(lambda tx: tx.runs.claim(run_id, token=token, lease=LEASE))

    def renew(token):
        return store.write(lambda tx: tx.runs.renew(run_id, token=token, lease=LEASE))

    run_id = await store.write(lambda tx: tx.runs.add(run()))
    assert await claim("first")
    clock.at += timedelta(seconds=20)
    assert await renew("first")
    clock.at += timedelta(seconds=20)
    assert not await claim("second")
    clock.at += timedelta(seconds=10)
    assert await claim("second")
    assert not await renew("first")
    assert await renew("second")


@pytest.mark.parametrize("late", [False, True], ids=["while the other works", "after the other finished"])
async def test_who_lost_the_claim_stores_nothing(store, clock, late):
    def result(text_):
        return Result("db", "tcp", Outcome.OK, (Finding(Outcome.OK, text_),), (), (), BEGIN, 1.0)

    def finish(token):
        given = {"token": token, "state": RunState.COMPLETE, "results": [result(token)], "now": clock.at}
        return store.write(lambda tx: tx.runs.finish(run_id, **given))

    run_id = await store.write(lambda tx: tx.runs.add(run()))
    await store.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    clock.at += LEASE
    await store.write(lambda tx: tx.runs.claim(run_id, token="second", lease=LEASE))
    if late:
        assert await finish("second")
        assert not await finish("first")
    else:
        assert not await finish("first")
        assert await finish("second")
    assert not await finish("second")
    (stored,) = (await store.read(lambda tx: tx.runs.get(run_id))).results
    assert stored.headline == "second"


async def test_a_run_given_up_as_late_cannot_be_finished_by_whoever_comes_back(store, clock):
    run_id = await store.write(lambda tx: tx.runs.add(run()))
    await store.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    clock.at += timedelta(minutes=20)
    assert await store.write(lambda tx: tx.runs.give_up_late(clock.at - timedelta(minutes=15))) == [run_id]
    given = {"token": "first", "state": RunState.COMPLETE, "results": [], "now": clock.at}
    assert not await store.write(lambda tx: tx.runs.finish(run_id, **given))
    assert (await store.read(lambda tx: tx.runs.get(run_id))).state is RunState.MISSED


async def test_a_run_that_is_finished_at_the_moment_when_it_is_given_up_stays_finished(stores, clock):
    store, other = stores
    run_id = await store.write(lambda tx: tx.runs.add(run()))
    await store.write(lambda tx: tx.runs.claim(run_id, token="slow", lease=LEASE))
    clock.at += timedelta(minutes=20)
    finished = threading.Event()

    def finish(tx):
        kept = tx.runs.finish(run_id, token="slow", state=RunState.COMPLETE, results=[], now=clock.at)
        finished.set()
        while not store.embedded and not tx.connection.scalar(text(WAITING_FOR_US)):
            pass  # each turn asks the database
        return kept

    def give_up(tx):
        assert finished.wait(timeout=60)
        return tx.runs.give_up_late(clock.at - timedelta(minutes=15))

    assert await asyncio.gather(store.write(finish), other.write(give_up)) == [True, []]
    assert (await store.read(lambda tx: tx.runs.get(run_id))).state is RunState.COMPLETE


async def test_a_run_under_way_is_not_given_up_however_late(store, clock):
    run_id = await store.write(lambda tx: tx.runs.add(run()))
    clock.at += timedelta(minutes=20)
    await store.write(lambda tx: tx.runs.claim(run_id, token="first", lease=LEASE))
    assert await store.write(lambda tx: tx.runs.give_up_late(clock.at - timedelta(minutes=15))) == []


async def test_a_process_that_alone_has_the_file_takes_over_at_once(store):
    def work(tx):
        run_id = tx.runs.add(run())
        assert tx.runs.claim(run_id, token="dead", lease=LEASE)
        assert tx.runs.to_enqueue(unclaimed_for=timedelta(0)) == []
        tx.runs.release_all()
        assert tx.runs.to_enqueue(unclaimed_for=timedelta(0)) == [run_id]
        return tx.runs.claim(run_id, token="alive", lease=LEASE)

    assert await store.write(work)


async def test_what_was_handed_over_is_left_alone_for_a_while(store, clock):
    three = timedelta(seconds=3)
    run_id = await store.write(lambda tx: tx.runs.add(run()))
    await store.write(lambda tx: tx.runs.enqueued([run_id]))
    assert await store.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=three)) == []
    clock.at += three
    assert await store.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=three)) == [run_id]


# --- the outbox


async def parcel_of(store, key="k", subject="run:1", **fields):
    def work(tx):
        tx.messages.expect(subject, channel="#ops")
        tx.outbox.add(key=key, subject=subject, reason="digest", **{"priority": 2, **fields})

    await store.write(work)
    return next((p for p in await store.read(lambda tx: tx.outbox.due()) if p.key == key), None)


def claim(store, parcel, token):
    return store.write(lambda tx: tx.outbox.claim(parcel, token=token, lease=LEASE))


async def test_of_many_couriers_one_takes_a_parcel(stores):
    parcel = await parcel_of(stores[0])
    answers = await asyncio.gather(*(claim(stores[n % 2], parcel, f"t{n}") for n in range(WRITERS)))
    (taken,) = [answer for answer in answers if answer is not None]
    assert (taken.attempts, taken.uncertain, taken.first_attempt_at) == (1, False, BEGIN)


PARCELS = [
    # what the first courier did, seconds later → (does the second get it, is it uncertain)
    ("is still sending", 29, None),
    ("died", 30, True),
    ("sent it", 99, None),
    ("failed for ever", 99, None),
    ("could not deliver", 4, None),
    ("could not deliver", 5, False),
    ("does not know", 5, True),
]


@pytest.mark.parametrize(
    ("did", "seconds", "uncertain"),
    [pytest.param(*row, id=f"the first {row[0]}, {row[1]} s later") for row in PARCELS],
)
async def test_a_parcel_is_taken_again_only_if_it_may_not_have_arrived(store, clock, did, seconds, uncertain):
    parcel = await parcel_of(store)
    first = await claim(store, parcel, "first")
    until = clock.at + timedelta(seconds=5)
    report = {
        "sent it": lambda tx: tx.outbox.sent(first, ts="1.1"),
        "failed for ever": lambda tx: tx.outbox.fail(first, error="no"),
        "could not deliver": lambda tx: tx.outbox.postpone(first, until=until, error="later", uncertain=False),
        "does not know": lambda tx: tx.outbox.postpone(first, until=until, error="lost", uncertain=True),
    }.get(did, lambda tx: True)
    assert await store.write(report)
    clock.at += timedelta(seconds=seconds)
    due = await store.read(lambda tx: [p.id for p in tx.outbox.due()])
    assert due == ([] if uncertain is None else [parcel.id])
    second = await claim(store, parcel, "second")
    assert (second.uncertain if second is not None else None) is uncertain
    if second is not None:
        assert (second.attempts, second.first_attempt_at) == (2, BEGIN)


async def test_uncertain_once_is_uncertain_until_it_is_known(store, clock):
    parcel = await parcel_of(store)
    first = await claim(store, parcel, "first")
    await store.write(lambda tx: tx.outbox.postpone(first, until=clock.at, error="lost", uncertain=True))
    second = await claim(store, parcel, "second")
    await store.write(lambda tx: tx.outbox.postpone(second, until=clock.at, error="refused", uncertain=False))
    assert (await claim(store, parcel, "third")).uncertain


@pytest.mark.parametrize("report", ["sent", "postpone", "fail"])
async def test_who_lost_the_claim_on_a_parcel_changes_nothing(store, clock, report):
    parcel = await parcel_of(store)
    first = await claim(store, parcel, "first")
    clock.at += LEASE
    second = await claim(store, parcel, "second")
    reports = {
        "sent": lambda tx: tx.outbox.sent(first, ts="1.1"),
        "postpone": lambda tx: tx.outbox.postpone(first, until=clock.at, error="", uncertain=False),
        "fail": lambda tx: tx.outbox.fail(first, error=""),
    }
    assert not await store.write(reports[report])
    assert await store.write(lambda tx: tx.outbox.sent(second, ts="2.2"))
    assert await store.read(lambda tx: tx.outbox.depth()) == (0, None)


async def test_the_most_urgent_goes_first_and_a_thread_keeps_its_order(store):
    await parcel_of(store, "digest", "run:1", priority=2)
    await parcel_of(store, "card", "incident:1", priority=1)
    await parcel_of(store, "recovered", "incident:1", priority=0, in_thread=True)
    assert [p.key for p in await store.read(lambda tx: tx.outbox.due())] == ["card", "digest"]


# --- acknowledging against escalating


async def test_two_hundred_times_either_somebody_has_it_or_the_next_is_called(stores, clock):
    fired = await race(stores, clock, times=200)
    assert 0 < fired < 200, "no race at all"


async def test_of_two_people_one_has_it(stores, clock):
    incident = await stores[0].write(lambda tx: tx.incidents.apply(opening()))
    desks = [Desk(store, clock, lambda: None) for store in stores]
    clicks = [desks[n % 2].acknowledge(f"#{incident.id}", Asked(f"U{n}", "button")) for n in range(WRITERS)]
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    refused = [str(answer) for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == WRITERS - 1, answers
    # Whoever meets another decides on what that one has stored, and reads who has it.
    assert all("acknowledged #1 already" in each for each in refused), refused
