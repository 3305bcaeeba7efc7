"""Which configuration counted since when; the same one again is no new version."""

import asyncio
import threading
from datetime import timedelta

from sqlalchemy import text

from storage.opening import open_store
from tests.story import SimulatedClock

DAY = timedelta(days=1)


async def noted(ledger, *digests):
    """Each a day after the other."""
    new = []
    for digest in digests:
        new.append(await ledger.write(lambda tx, digest=digest: tx.versions.note(digest, f"changed: {digest}")))
        ledger.passes(days=1)
    return new


async def kept(ledger):
    return [version.digest for version in await ledger.read(lambda tx: tx.versions.newest())]


async def test_each_change_is_a_version_and_the_same_again_is_none(ledger):
    begun = ledger.now
    assert await noted(ledger, "a", "a", "b", "a") == [True, False, True, True]
    assert await kept(ledger) == ["a", "b", "a"]
    (newest, *_) = await ledger.read(lambda tx: tx.versions.newest(limit=1))
    assert (newest.at, newest.changes) == (begun + 3 * DAY, "changed: a")


async def test_old_ones_are_forgotten_but_for_the_newest(ledger):
    await noted(ledger, "a", "b", "c")
    assert await ledger.write(lambda tx: tx.versions.forget(before=ledger.now - 2 * DAY)) == 1
    assert await kept(ledger) == ["c", "b"]
    assert await ledger.write(lambda tx: tx.versions.forget(before=ledger.now + DAY)) == 1
    assert await kept(ledger) == ["c"]


async def test_of_many_replicas_that_read_it_at_once_one_notes_it(ledger):
    for digest in ("a", "b", "a"):
        new = [ledger.write(lambda tx, digest=digest: tx.versions.note(digest, "changed")) for _ in range(8)]
        assert sorted(await asyncio.gather(*new)) == [False] * 7 + [True]
    assert await kept(ledger) == ["a", "b", "a"]


async def test_a_replica_waits_for_the_one_that_is_just_noting_the_same(postgresql_url):
    clock = SimulatedClock()
    stores = [open_store(postgresql_url, now=clock.now, database_time=False) for _ in range(2)]
    noted_first, second_is_done = threading.Event(), threading.Event()

    def first(tx):
        new = tx.versions.note("a", "changed")
        noted_first.set()
        # Committed only when the second one has decided without us, or is seen to wait for us.
        waiting = text(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database())"
        )
        while not second_is_done.is_set() and not tx.connection.scalar(waiting):
            pass
        return new

    def second(tx):
        new = tx.versions.note("a", "changed")
        second_is_done.set()
        return new

    async def after_the_first():
        await asyncio.to_thread(noted_first.wait)
        return await stores[1].write(second)

    try:
        assert await asyncio.gather(stores[0].write(first), after_the_first()) == [True, False]
        assert len(await stores[0].read(lambda tx: tx.versions.newest())) == 1
    finally:
        for store in stores:
            await store.close()
