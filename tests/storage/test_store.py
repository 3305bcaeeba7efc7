"""The store: shared commits, failures that stay with whoever caused them, and closing."""

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from storage import tables as t
from storage.opening import StoreBusy, open_store, sqlite_url
from storage.store import Store
from tests.story import BEGIN, SimulatedClock


def opened(url: str, clock=None) -> Store:
    return open_store(url, now=(clock or SimulatedClock()).now, synchronous="OFF", database_time=False)


@pytest.fixture
async def store(database_url):
    """An open store on each database."""
    store = opened(database_url)
    yield store
    await store.close()


def first_time(key: str):
    return lambda tx: tx.inbox.first_time(key)


async def known(store: Store, *keys: str) -> list[bool]:
    """Which of these keys are stored."""

    def work(tx):
        stored = set(tx.connection.scalars(text('SELECT "key" FROM inbox')))
        return [key in stored for key in keys]

    return await store.read(work)


async def together(store: Store, *works):
    """Let these works wait behind one that is busy, so that they share a commit; their answers."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx):
        busy.set()
        assert go_on.wait(60)

    holding = asyncio.ensure_future(store.write(hold))
    assert await asyncio.to_thread(busy.wait, 60)
    waiting = [asyncio.ensure_future(store.write(work)) for work in works]
    await asyncio.sleep(0)  # each is in the queue after its first step
    go_on.set()
    await holding
    return await asyncio.gather(*waiting, return_exceptions=True)


def fails(tx):
    tx.inbox.first_time("of the failing one")
    raise LookupError("its own fault")


def breaks_the_commit(tx):
    """Something that only the commit finds out: a timeline without its incident."""
    tx.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    row = {"incident_id": 99, "at": BEGIN, "reason": "opened", "text": "", "via": "rules"}
    tx.connection.execute(insert(t.timeline).values(**row))


async def test_a_failing_work_undoes_only_itself(store):
    answers = await together(store, first_time("a"), fails, first_time("b"))
    assert (answers[0], answers[2]) == (True, True)
    assert isinstance(answers[1], LookupError)
    assert await known(store, "a", "of the failing one", "b") == [True, False, True]


async def test_a_failing_statement_undoes_only_its_own_work(store):
    def wrong(tx):
        tx.inbox.first_time("before the mistake")
        tx.connection.execute(text("SELECT nonsense FROM nowhere"))

    answers = await together(store, first_time("a"), wrong, first_time("b"))
    assert (answers[0], answers[2]) == (True, True)
    assert "nowhere" in str(answers[1])
    assert await known(store, "a", "before the mistake", "b") == [True, False, True]


async def test_works_that_wait_at_the_same_moment_share_one_commit(tmp_path):
    store = opened(sqlite_url(tmp_path / "rounds.db"))
    connections = set()

    def work(tx):
        connections.add(id(tx.connection.get_transaction()))
        return tx.inbox.first_time(f"key {len(connections)}-{threading.get_ident()}-{id(tx)}")

    await together(store, *([work] * 50))
    assert len(connections) == 1
    await store.close()


async def test_a_failing_commit_fails_everybody_and_the_store_goes_on(tmp_path):
    store = opened(sqlite_url(tmp_path / "rounds.db"))
    answers = await together(store, first_time("a"), breaks_the_commit, first_time("b"))
    assert ["FOREIGN KEY" in str(answer) for answer in answers] == [True, True, True]
    assert await known(store, "a", "b") == [False, False]
    assert await store.write(first_time("a"))
    await store.close()


async def test_a_transaction_that_is_lost_midway_fails_everybody_and_stores_nothing(tmp_path):
    # A full disk makes SQLite roll the whole transaction back; what follows must not commit by itself.
    store = opened(sqlite_url(tmp_path / "rounds.db"))

    def lose_it(tx):
        tx.connection.exec_driver_sql("ROLLBACK")
        raise OSError("the disk is full")

    answers = await together(store, first_time("a"), lose_it, first_time("b"))
    assert all(isinstance(answer, Exception) for answer in answers), answers
    assert await known(store, "a", "b") == [False, False]
    assert await store.write(first_time("a"))
    await store.close()


async def test_what_a_commit_touched_is_heard_after_it_and_only_then(store):
    heard = []
    store.on_commit(heard.append)

    def touch(tx):
        tx.topics.add("outbox")
        assert heard == []

    await store.write(touch)
    assert heard == [frozenset({"outbox"})]
    await store.write(lambda tx: None)
    with pytest.raises(LookupError):
        await store.write(lambda tx: (tx.topics.add("runs"), fails(tx)))
    assert len(heard) == 1


async def test_closing_finishes_what_was_asked_for(database_url):
    store = opened(database_url)
    asked = [asyncio.ensure_future(store.write(first_time(f"k{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    await store.close()
    assert all(await asyncio.gather(*asked))
    again = opened(database_url)
    assert all(await known(again, *(f"k{n}" for n in range(100))))
    await again.close()


async def test_a_closed_store_refuses_instead_of_waiting_for_ever(database_url):
    store = opened(database_url)
    await store.close()
    async with asyncio.timeout(20):
        with pytest.raises(RuntimeError, match="closed"):
            await store.write(first_time("late"))


async def test_whoever_stops_waiting_stops_nobody_else(store):
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx):
        busy.set()
        assert go_on.wait(60)

    holding = asyncio.ensure_future(store.write(hold))
    assert await asyncio.to_thread(busy.wait, 60)
    impatient = asyncio.ensure_future(store.write(first_time("a")))
    patient = asyncio.ensure_future(store.write(first_time("b")))
    await asyncio.sleep(0)
    impatient.cancel()
    go_on.set()
    await holding
    assert await patient
    assert (await asyncio.gather(impatient, return_exceptions=True))[0].__class__ is asyncio.CancelledError


async def test_a_second_store_on_one_file_is_refused_with_a_sentence_and_welcome_after_close(tmp_path):
    url = sqlite_url(tmp_path / "rounds.db")
    store = opened(url)
    with pytest.raises(StoreBusy, match=r"Another Rounds works on .*rounds\.db\. Stop it first"):
        opened(url)
    assert await store.write(first_time("the first one works on"))
    await store.close()
    again = opened(url)
    assert await known(again, "the first one works on") == [True]
    await again.close()


async def test_several_stores_on_one_postgresql_are_no_mistake(postgresql, request):
    url, maintenance = postgresql
    with maintenance.connect() as connection:
        connection.execute(text("CREATE DATABASE two_stores TEMPLATE rounds_template"))
    both = [opened(url.set(database="two_stores").render_as_string(False)) for _ in range(2)]
    assert [await store.write(first_time("same")) for store in both] == [True, False]
    for store in both:
        await store.close()


async def test_everything_survives_reopening(database_url):
    clock = SimulatedClock()
    store = opened(database_url, clock)
    notice = await store.write(lambda tx: tx.notices.add("Read the new configuration.", channel="#ops"))
    await store.write(first_time("click"))
    await store.close()
    clock.at += timedelta(days=1)
    store = opened(database_url, clock)
    found = await store.read(lambda tx: tx.notices.get(notice))
    assert (found.text, found.at) == ("Read the new configuration.", BEGIN)
    assert await store.write(first_time("click")) is False
    (parcel,) = await store.read(lambda tx: tx.outbox.due())
    assert (parcel.subject, parcel.channel) == (f"notice:{notice}", "#ops")
    await store.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param("nonsense", "is not a database URL; expected sqlite:///path", id="no URL at all"),
        pytest.param("mysql://root@db/rounds", "mysql is not supported; expected", id="another database"),
        pytest.param("sqlite://", "sqlite is not supported; expected", id="a memory that forgets"),
    ],
)
def test_what_cannot_be_a_ledger_is_refused_with_what_is_expected(url, sentence):
    with pytest.raises(ValueError, match=sentence):
        opened(url)
