"""The store: transactions as plain functions, run in threads, grouped into few commits.

`await store.write(work)` runs `work(tx)` in a write transaction and returns what it returned, once it is on disk.
Several works that wait at the same moment share one commit, each in its own savepoint: a failing one undoes only
itself. See docs/adr/0002.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from storage.migrate import upgrade
from storage.tx import Tx

T = TypeVar("T")

GROUP = 200
"""Works that may share one commit; measured as the knee of SQLite's rows-per-second curve."""


class StoreBusy(Exception):
    """Another Rounds works on this database file."""


class Store:
    """SQLite behind one writing thread and two reading ones.

    Args:
        engine: from `open_store`.
        now: the clock's time; leases of an embedded store are compared with it.
    """

    def __init__(self, engine: Engine, *, now: Callable[[], datetime], lock: FileLock | None = None) -> None:
        self._engine = engine
        self._now = now
        self._lock = lock
        self._works: queue.SimpleQueue[tuple[Callable[[Tx], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="store-read")
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        self._writer = threading.Thread(target=self._write_loop, name="store-write", daemon=True)
        self._writer.start()

    def on_commit(self, listener: Callable[[frozenset[str]], None]) -> None:
        """`listener` is called in the event loop of whoever wrote, with the topics that the commit touched."""
        self._listeners.append(listener)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a write transaction; returns after the commit.

        Raises:
            Whatever `work` raises; then nothing of it is stored.
        """
        future: Future[tuple[T, frozenset[str]]] = Future()
        self._works.put((work, future))
        value, topics = await asyncio.wrap_future(future)
        if topics:
            for listener in self._listeners:
                listener(topics)
        return value

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a consistent snapshot; it must not write."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Tx], T]) -> T:
        with self._engine.connect() as connection, connection.begin():
            return work(Tx(connection, self._now()))

    def _write_loop(self) -> None:
        while (first := self._works.get()) is not None:
            group = [first]
            with suppress(queue.Empty):
                while len(group) < GROUP:
                    following = self._works.get_nowait()
                    if following is None:
                        self._works.put(None)
                        break
                    group.append(following)
            self._commit(group)

    def _commit(self, group: list[tuple[Callable[[Tx], Any], Future[Any]]]) -> None:
        answers: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with self._engine.connect().execution_options(rounds_write=True) as connection, connection.begin():
                for work, future in group:
                    answers.append((future, *self._attempt(connection, work)))
        except Exception as error:  # noqa: BLE001 - the commit itself failed: nobody's work is stored
            answers = [(future, None, error) for _, future in group]
        for future, value, failure in answers:
            if not future.set_running_or_notify_cancel():
                continue
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(failure)

    def _attempt(self, connection: Connection, work: Callable[[Tx], Any]) -> tuple[Any, Exception | None]:
        tx = Tx(connection, self._now())
        try:
            with connection.begin_nested():
                value = work(tx)
        except Exception as error:  # noqa: BLE001 - belongs to whoever asked for this work
            return None, error
        return (value, frozenset(tx.topics)), None

    async def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        self._works.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown(wait=True)
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()


class FileLock:
    """An advisory lock beside a database file: one process serves it. Released by the system if we die."""

    def __init__(self, path: Path) -> None:
        # The database itself must not be locked this way: SQLite uses locks on it.
        import fcntl

        self._file = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise StoreBusy(
                f"Another Rounds works on {path.with_suffix('')}. Stop it first, or give this one its own DATABASE_URL."
            ) from None

    def release(self) -> None:
        """Let another process have it."""
        self._file.close()


def sqlite_url(path: Path) -> str:
    """The DATABASE_URL of an SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def open_store(url: str, *, now: Callable[[], datetime], synchronous: str = "FULL") -> Store:
    """Open the store for serving: takes the file lock and brings the schema up to date.

    Args:
        now: the clock; an embedded store compares leases with it.
        synchronous: SQLite's pragma. FULL survives a power cut; simulations, whose ledger dies with them, use OFF.

    Raises:
        StoreBusy: another process serves this file.
        ValueError: the URL is not one we can use.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"DATABASE_URL is not a database URL; expected sqlite:///path/rounds.db ({error})") from None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ValueError(
            f"DATABASE_URL: {parsed.get_backend_name()} is not supported; expected sqlite:///path/rounds.db"
        )
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        engine = sqlite_engine(parsed, synchronous=synchronous)
        upgrade(engine)
    except BaseException:
        lock.release()
        raise
    return Store(engine, now=now, lock=lock)


def sqlite_engine(url: URL, *, synchronous: str = "FULL") -> Engine:
    """An engine whose write transactions take the lock at once and survive a power cut."""
    in_memory = url.database in (None, "", ":memory:")
    engine = create_engine(
        url, poolclass=NullPool if in_memory else QueuePool, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _pragmas(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves; the driver's own habit breaks savepoints
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "busy_timeout=5000",
            "foreign_keys=ON",
            "cache_size=-20000",
            "temp_store=MEMORY",
            "journal_size_limit=67108864",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("rounds_write")
        # IMMEDIATE: a read that turns into a write can fail with "database is locked" at once, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
