"""Opens databases: an SQLite file of our own, or PostgreSQL for several processes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from storage.documents import dumps, loads
from storage.failures import said
from storage.migrate import upgrade
from storage.store import Store

_EXPECTED = "expected sqlite:///path/rounds.db or postgresql://user:<password>@host/database"


LOCK_S = 5
"""How long a write waits for another process's transaction."""


class StoreBusy(Exception):
    """Another Rounds works on this database file."""


class Unreachable(Exception):
    """The database cannot be used; the text says why."""


def unreachable(error: SQLAlchemyError) -> Unreachable:
    """What the database said, in one line."""
    return Unreachable(said(getattr(error, "orig", None) or error))


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


def lock_of(file: Path) -> FileLock:
    """The lock of a database file, taken, in a folder that is there from now on.

    Raises:
        StoreBusy: another process has it.
        Unreachable: the folder cannot be made or written to.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(file.with_name(file.name + ".lock"))
    except OSError as error:
        raise Unreachable(f"{file.parent} cannot be written to: {error.strerror}") from None


def sqlite_url(path: Path) -> str:
    """The DATABASE_URL of an SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def open_store(
    url: str, *, now: Callable[[], datetime], synchronous: str = "FULL", database_time: bool = True
) -> Store:
    """Open the store for serving: an SQLite file is locked, and the schema brought up to date.

    Args:
        now: the clock; an embedded store compares leases with it.
        database_time: on PostgreSQL, compare moments with the server's time; off in simulations.
        synchronous: SQLite's pragma. FULL survives a power cut; simulations, whose ledger dies with them, use OFF.

    Raises:
        StoreBusy: another process serves this file.
        SchemaTooNew: a newer Rounds made it.
        Unreachable: it does not answer, or is no database.
        ValueError: the URL is not one we can use.
    """
    parsed = database(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, now=now, synchronous=synchronous)
    engine = _migrated(postgresql_engine(parsed))
    return Store(engine, now=now, embedded=False, database_time=database_time)


def database(url: str) -> URL:
    """A DATABASE_URL that we can use, taken apart.

    Raises:
        ValueError: it is none; the text says what was expected.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(f"DATABASE_URL is not a database URL; {_EXPECTED}") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite")
    raise ValueError(f"DATABASE_URL: {backend} is not supported; {_EXPECTED}")


def _open_sqlite(url: URL, *, now: Callable[[], datetime], synchronous: str) -> Store:
    path = Path(url.database or "")
    lock = lock_of(path)
    try:
        engine = _migrated(sqlite_engine(url, synchronous=synchronous))
    except BaseException:
        lock.release()
        raise
    return Store(engine, now=now, embedded=True, database_time=False, release=lock.release)


def _migrated(engine: Engine) -> Engine:
    """The engine with its schema up to date; if that fails, nothing of it stays open."""
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        try:
            upgrade(engine)
        except SQLAlchemyError as error:
            raise unreachable(error) from error
        undo.pop_all()
    return engine


def _write_ahead(raw: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. Of several that find a new file at once, SQLite refuses some without waiting."""
    deadline = time.monotonic() + LOCK_S
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def postgresql_engine(url: URL) -> Engine:
    """An engine that notices dead connections, and does not wait for ever."""
    limits = {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        # One of several Rounds that is frozen in the middle of a transaction must not keep its rows from the others.
        "idle_in_transaction_session_timeout": "10s",
    }
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        json_serializer=dumps,
        json_deserializer=loads,
        pool_size=8,
        # A server that was restarted leaves dead connections behind.
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
            # A server whose machine is gone answers nothing at all, which the network notices after a quarter of an
            # hour unless it is asked sooner. In milliseconds, and seconds.
            "tcp_user_timeout": 30_000,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        },
    )


def sqlite_engine(url: URL, *, synchronous: str = "FULL") -> Engine:
    """An engine whose write transactions take the lock at once and survive a power cut."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        json_serializer=dumps,
        json_deserializer=loads,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves; the driver's own habit breaks savepoints
        _write_ahead(raw)
        for pragma in (
            f"synchronous={synchronous}",
            f"busy_timeout={LOCK_S * 1000}",
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
