"""The store: transactions as plain functions, run in threads.

`await store.write(work)` runs `work(tx)` in a write transaction and returns what it returned, once it is on disk.
On SQLite several works that wait at the same moment share one commit, each in its own savepoint: a failing one undoes
only itself. On PostgreSQL a few threads commit one work each; one that meets another writer is done once more, on
what that one has stored. See docs/adr/0002.
"""

from __future__ import annotations

import asyncio
import os
import queue
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text

from bot.domain.ledger import LedgerAway
from storage.failures import away, collided
from storage.health import Health
from storage.trail import Trail
from storage.tx import Tx

T = TypeVar("T")

_Asked = tuple[Callable[[Tx], Any], Future[Any]]
_Answer = tuple[Any, Exception | None]

WRITERS = 4
"""Threads that write to PostgreSQL, with a connection each."""

GROUP = 200
"""Works that may share one commit; measured as the knee of SQLite's rows-per-second curve."""

ATTEMPTS = 4
"""How often a work is done that meets other writers; each time it decides on what they have stored."""


class Store:
    """A database behind a few threads.

    Args:
        engine: from `storage.opening.open_store`.
        now: the clock's time.
        embedded: this process alone uses the database; whoever held a lease before us is dead.
        database_time: leases and due moments are compared with the database's time, because the clocks of several
            machines differ.
        release: called last when the store is closed.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        embedded: bool,
        database_time: bool,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._now = now
        self.embedded = embedded
        self._database_time = database_time
        self._release = release
        self._file = Path(engine.url.database).absolute() if embedded and engine.url.database else None
        self._file_was = _identity(self._file)
        self._health = Health()
        self._works: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._closed = False
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="store-read")
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        count = 1 if embedded else WRITERS
        self._writers = [
            threading.Thread(target=self._write_loop, name=f"store-write-{n}", daemon=True) for n in range(count)
        ]
        for writer in self._writers:
            writer.start()

    def on_commit(self, listener: Callable[[frozenset[str]], None]) -> None:
        """`listener` is called in the event loop of whoever wrote, with the topics that the commit touched."""
        self._listeners.append(listener)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a write transaction; returns after the commit.

        On PostgreSQL `work` is called again when it has met another writer, in a new transaction.

        Raises:
            LedgerAway: the database cannot be used now.
            Whatever `work` raises; then nothing of it is stored.
        """
        if self._closed:
            raise RuntimeError("the store is closed; nobody would answer")
        future: Future[tuple[T, frozenset[str], Trail]] = Future()
        self._works.put((work, future))
        value, topics, trail = await asyncio.wrap_future(future)
        trail.tell()
        if topics:
            for listener in self._listeners:
                listener(topics)
        return value

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on what is stored; it must not write.

        On SQLite that is one snapshot; on PostgreSQL each statement sees what is committed by then.

        Raises:
            LedgerAway: the database cannot be used now.
            Whatever `work` raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def check(self) -> None:
        """Find out whether the ledger can be used; after trouble with it, by writing to it.

        Raises:
            LedgerAway: it cannot.
        """
        await self.read(lambda tx: tx.outbox.depth())
        if self.file_is_gone():
            raise LedgerAway(f"{self._file} was deleted or replaced; what is remembered now is lost when Rounds ends")
        if self._health.trouble is not None:
            await self.write(lambda tx: tx.inbox.try_out())

    def _read(self, work: Callable[[Tx], T]) -> T:
        try:
            with self._engine.connect() as connection, connection.begin():
                return work(Tx(connection, self._time(connection)))
        except Exception as error:
            if (trouble := away(error)) is None:
                raise
            self._health.failed(trouble)
            raise trouble from error

    def _time(self, connection: Connection) -> datetime:
        if not self._database_time:
            return self._now()
        moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC)

    def _write_loop(self) -> None:
        while (first := self._works.get()) is not None:
            group = [first]
            with suppress(queue.Empty):
                while self.embedded and len(group) < GROUP:
                    following = self._works.get_nowait()
                    if following is None:
                        self._works.put(None)
                        break
                    group.append(following)
            self._answer(group)

    def _answer(self, group: list[_Asked]) -> None:
        answers = self._commit([work for work, _ in group])
        for (_, future), (value, failure) in zip(group, answers, strict=True):
            if not future.set_running_or_notify_cancel():
                continue
            if failure is None:
                future.set_result(value)
            else:
                future.set_exception(failure)

    def _commit(self, works: list[Callable[[Tx], Any]]) -> list[_Answer]:
        """Do these works in one transaction; what each returned, or what became of it."""
        for attempt in range(ATTEMPTS):
            try:
                answers = self._try(works)
            except Exception as error:  # noqa: BLE001 - the commit itself failed: nobody's work is stored
                if (trouble := away(error)) is not None:
                    self._health.failed(trouble)
                answers = [(None, trouble or error)] * len(works)
            # An embedded store has no other writers: what failed would fail again.
            if self.embedded or attempt == ATTEMPTS - 1 or not any(collided(failure) for _, failure in answers):
                break
        return answers

    def _try(self, works: list[Callable[[Tx], Any]]) -> list[_Answer]:
        answers: list[_Answer] = []
        with self._engine.connect().execution_options(rounds_write=True) as connection:
            before = _changes(connection)
            with connection.begin():
                for work in works:
                    answers.append(self._attempt(connection, work))
                    _must_go_on(connection, answers[-1][1])
            stored = _changes(connection) != before
        if stored:
            self._health.worked()
        return answers

    def _attempt(self, connection: Connection, work: Callable[[Tx], Any]) -> _Answer:
        try:
            with connection.begin_nested():
                tx = Tx(connection, self._time(connection))
                value = work(tx)
                tx.settle()
        except Exception as error:  # noqa: BLE001 - belongs to whoever asked for this work
            return None, error
        return (value, frozenset(tx.topics), tx.trail), None

    def disk_free(self) -> int | None:
        """Bytes free where an SQLite file is; `None` for a server, whose disk is not ours to see."""
        try:
            return shutil.disk_usage(self._file.parent).free if self._file is not None else None
        except OSError:
            return None  # the folder is gone; `file_is_gone` says so

    def file_is_gone(self) -> bool:
        """Whether an SQLite file was deleted, or another was put in its place: we go on in one that nobody finds."""
        return _identity(self._file) != self._file_was

    async def close(self) -> None:
        """Finish what was asked for, then let go."""
        self._closed = True
        for _ in self._writers:
            self._works.put(None)
        for writer in self._writers:
            await asyncio.to_thread(writer.join)
        self._readers.shutdown(wait=True)
        self._engine.dispose()
        self._release()


def _identity(file: Path | None) -> tuple[int, int] | None:
    try:
        stat = os.stat(file) if file is not None else None
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino) if stat is not None else None


def _must_go_on(connection: Connection, failure: Exception | None) -> None:
    """A work's failure is its own, unless the transaction is lost with it: the rest would commit one by one.

    SQLite itself gives a whole transaction up when the disk is full, say.
    """
    if failure is not None and away(failure) is not None:
        raise failure
    raw: Any = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection) and not raw.in_transaction:
        raise failure or RuntimeError("the transaction was lost")


def _changes(connection: Connection) -> object:
    """Differs before and after a transaction that stored something.

    A transaction without changes touches no disk, so on SQLite it proves nothing; any commit of PostgreSQL proves that
    the server is there.
    """
    raw: Any = connection.connection.dbapi_connection
    return raw.total_changes if isinstance(raw, sqlite3.Connection) else object()
