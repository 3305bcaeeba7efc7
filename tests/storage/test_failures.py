"""A database that is away or full, and writers that meet: what becomes of the work, and that it goes on afterwards."""

from __future__ import annotations

import asyncio
import logging
import resource
import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bot.config.load import parse
from bot.domain.incidents import Refused
from bot.domain.ledger import LedgerAway
from bot.engine.desk import Asked, Desk
from storage.failures import Outrun
from storage.opening import open_store, sqlite_url
from storage.store import ATTEMPTS
from tests.story import SimulatedClock

FILE = """
timezone: UTC
channel: "#ops"
checks:
  db: {kind: disk, path: /}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 5m, notify: ["user:ben"]}
    - {after: 9m, notify: ["user:chi"]}
"""


def first_time(key):
    return lambda tx: tx.inbox.first_time(key)


def sql(statement):
    return lambda tx: tx.connection.exec_driver_sql(statement)


def raising(state):
    """Fail as PostgreSQL does with that SQLSTATE."""
    return sql(f"DO $$ BEGIN RAISE EXCEPTION 'as it says' USING ERRCODE = '{state}'; END $$")


def health(caplog):
    return [(r.levelno, r.getMessage()) for r in caplog.records if r.name == "storage.health"]


def opened(url):
    return open_store(url, now=SimulatedClock().now, synchronous="OFF", database_time=False)


@pytest.fixture
async def store(database_url):
    """An open store on each database."""
    store = opened(database_url)
    yield store
    await store.close()


@pytest.fixture
async def embedded(tmp_path):
    """One on SQLite."""
    store = opened(sqlite_url(tmp_path / "rounds.db"))
    yield store
    await store.close()


@pytest.fixture
async def shared(postgresql_url):
    """One on PostgreSQL."""
    store = opened(postgresql_url)
    yield store
    await store.close()


@pytest.fixture
def administrator(postgresql, postgresql_url):
    """Say something to PostgreSQL about the database of the store."""
    _, maintenance = postgresql
    name = make_url(postgresql_url).database

    def say(statement):
        with maintenance.connect() as connection:
            connection.exec_driver_sql(statement.format(name=name))

    yield say
    say("ALTER DATABASE {name} ALLOW_CONNECTIONS true")


END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"


# --- away


async def test_a_full_disk_is_said_once_and_what_comes_later_is_stored(embedded, caplog):
    def fill(tx):
        tx.connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
            "INSERT INTO inbox (key, at) SELECT hex(randomblob(4000)), 0 FROM n"
        )

    def full(tx):
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    await embedded.write(full)
    for _ in range(3):
        with pytest.raises(LedgerAway, match="the disk is full"):
            await embedded.write(fill)
    ((level, said),) = health(caplog)
    assert level == logging.ERROR
    assert "the ledger cannot be used: the disk is full" in said
    await embedded.write(sql("PRAGMA max_page_count=1000000"))
    await embedded.write(fill)
    assert [said.partition(",")[0] for _, said in health(caplog)[1:]] == ["the ledger can be used again"]


@contextmanager
def no_file_may_be_written():
    """As a quota that is used up, for this whole process."""
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))


async def test_a_store_that_can_be_read_and_not_written_is_in_trouble_until_something_is_stored(embedded, caplog):
    async def trouble(asked):
        try:
            await asked
        except LedgerAway as error:
            return str(error)

    with no_file_may_be_written():
        untried = await trouble(embedded.check())
        first = await trouble(embedded.write(first_time("a")))
        read = await embedded.read(lambda tx: tx.outbox.depth())
        nothing = await embedded.write(lambda tx: tx.outbox.depth())  # which proves nothing
        checked = await trouble(embedded.check())
    assert (untried, read, nothing) == (None, (0, None), (0, None))
    assert first == checked == "the disk cannot be used, or is full (disk I/O error)"
    assert len(health(caplog)) == 1
    await embedded.check()
    assert len(health(caplog)) == 2
    assert await embedded.write(first_time("a"))


async def test_a_server_that_goes_away_fails_what_is_under_way_and_nothing_later(shared, administrator, caplog):
    busy, go_on = threading.Event(), threading.Event()

    def work(tx):
        tx.inbox.first_time("under way")
        busy.set()
        assert go_on.wait(60)
        return tx.inbox.first_time("never")

    under_way = asyncio.ensure_future(shared.write(work))
    assert await asyncio.to_thread(busy.wait, 60)
    administrator("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    administrator(END_SESSIONS)
    go_on.set()
    with pytest.raises(LedgerAway):
        await under_way
    for away in (shared.write(first_time("away")), shared.read(lambda tx: tx.outbox.depth()), shared.check()):
        with pytest.raises(LedgerAway, match="not currently accepting connections"):
            await away
    assert [level for level, _ in health(caplog)] == [logging.ERROR]
    administrator("ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await shared.check()
    assert [level for level, _ in health(caplog)] == [logging.ERROR, logging.WARNING]
    assert [await shared.write(first_time(key)) for key in ("under way", "never", "away")] == [True] * 3


async def test_a_server_that_was_restarted_between_two_works_is_not_noticed(shared, administrator):
    assert await shared.write(first_time("before"))
    administrator(END_SESSIONS)
    assert await shared.write(first_time("after"))
    assert await shared.read(lambda tx: tx.outbox.depth()) == (0, None)


@pytest.mark.parametrize(
    "state",
    [
        pytest.param("53100", id="a full disk"),
        pytest.param("57P01", id="a shutdown"),
        pytest.param("58030", id="a broken disk"),
        pytest.param("25006", id="a server that only reads"),
    ],
)
async def test_postgresql_is_away_with(shared, state):
    with pytest.raises(LedgerAway, match="as it says"):
        await shared.write(raising(state))
    assert await shared.write(first_time("later"))


@pytest.mark.parametrize("statement", ["SELECT nonsense FROM nowhere", "INSERT INTO inbox (key) VALUES (NULL)"])
async def test_a_mistake_of_ours_is_no_outage(store, caplog, statement):
    with pytest.raises(DBAPIError):
        await store.write(sql(statement))
    with pytest.raises(DBAPIError):
        await store.read(sql("SELECT nonsense FROM nowhere"))
    assert health(caplog) == []


async def test_a_rounds_that_is_frozen_in_a_transaction_loses_it_and_a_lock_is_not_waited_for_for_ever(shared):
    def limits(tx):
        names = ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")
        return [tx.connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

    assert await shared.write(limits) == ["10s", "5s", "30s"]


# --- writers that meet


def meeting(key, tx, barrier, met):
    """Meet the other one, the first time only: each has read what the other is about to change."""
    if key not in met:
        met.add(key)
        barrier.wait(60)
    del tx


async def test_two_who_lock_the_same_rows_in_another_order_both_get_what_they_want(shared):
    barrier, met = threading.Barrier(2), set()
    for key in ("a", "b"):
        await shared.write(first_time(key))

    def both(*keys):
        def work(tx):
            update = "UPDATE inbox SET at = at + 1 WHERE key = '{}'"
            tx.connection.exec_driver_sql(update.format(keys[0]))
            meeting(keys, tx, barrier, met)
            tx.connection.exec_driver_sql(update.format(keys[1]))

        return work

    await asyncio.gather(shared.write(both("a", "b")), shared.write(both("b", "a")))
    changed = await shared.read(
        lambda tx: tx.connection.exec_driver_sql("SELECT max(at) - min(at) FROM inbox").scalar()
    )
    assert changed == 0


async def test_a_work_that_meets_another_each_time_gives_up_with_its_sentence(shared):
    tries = 0

    def work(tx):
        nonlocal tries
        tries += 1
        raise Outrun("Somebody was faster.")

    with pytest.raises(Refused, match="Somebody was faster"):
        await shared.write(work)
    assert tries == ATTEMPTS


async def test_of_two_who_ask_for_help_with_one_check_one_opens_the_incident_and_the_other_calls_the_next(
    shared, monkeypatch
):
    barrier, met = threading.Barrier(2), set()
    clock, configuration = SimulatedClock(), parse(FILE)
    desk = Desk(shared, clock, lambda: configuration)
    write = shared.write

    async def meets(work):
        key = object()

        def at_once(tx):
            find = tx.incidents.of_subjects

            def found(*subjects):
                answer = find(*subjects)
                meeting(key, tx, barrier, met)
                return answer

            tx.incidents.of_subjects = found
            return work(tx)

        return await write(at_once)

    monkeypatch.setattr(shared, "write", meets)
    answers = await asyncio.gather(*(desk.escalate("db", Asked(who, "button")) for who in ("U1", "U2")))
    assert {incident.id for incident in answers} == {answers[0].id}
    (incident,) = await shared.read(lambda tx: tx.incidents.unresolved())
    story = await shared.read(lambda tx: tx.incidents.timeline(incident.id))
    assert [entry.reason.value for entry in story] == ["opened", "escalated"]


async def test_two_looks_at_one_check_that_are_concluded_at_once_both_count(shared):
    barrier, met = threading.Barrier(2), set()

    def count(key):
        def work(tx):
            if key not in met:
                met.add(key)
                barrier.wait(60)
            remembered = tx.watches.hold(["db"])["db"]
            remembered.memory["looks"] = remembered.memory.get("looks", 0) + 1
            tx.watches.save("db", remembered)

        return work

    for turn in range(5):
        await asyncio.gather(*(shared.write(count((turn, who))) for who in range(2)))
    assert (await shared.read(lambda tx: tx.watches.of(["db"])))["db"].memory == {"looks": 10}
