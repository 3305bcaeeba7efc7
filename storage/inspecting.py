"""Looks at a database without serving it: which revision it is at, and bringing it to the newest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from storage.migrate import current, head, upgrade
from storage.opening import Unreachable, database, lock_of, postgresql_engine, sqlite_engine, unreachable
from storage.tx import Tx

T = TypeVar("T")


class OtherRevision(Unreachable):
    """It was made by another version of Rounds; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A database as it is found.

    Args:
        place: where it is, without its password.
        file: of SQLite; `None` for PostgreSQL.
        exists: whether there is one at all; the first start makes it.
        revision: what it is at; `None` while it is empty.
        newest: what this Rounds needs.
    """

    place: str
    file: Path | None
    exists: bool
    revision: str | None
    newest: str


def inspect_ledger(url: str) -> Ledger:
    """Look at a database, reading only; also beside a running Rounds.

    Raises:
        ValueError: the URL is not one we can use.
        Unreachable: it does not answer, or is no database.
    """
    parsed = database(url)
    place, file = parsed.render_as_string(hide_password=True), _file(parsed)
    if file is not None and not file.exists():
        return Ledger(place, file, exists=False, revision=None, newest=head())
    engine = _reading(file) if file is not None else postgresql_engine(parsed)
    return Ledger(place, file, exists=True, revision=_revision(engine), newest=head())


def read_ledger(url: str, work: Callable[[Tx], T], *, now: datetime) -> T | None:
    """Ask a ledger something, reading only; also beside a running Rounds. `None` where there is none to ask yet.

    Raises:
        ValueError: the URL is not one we can use.
        Unreachable: it does not answer, or is no database.
        OtherRevision: another version of Rounds made it.
    """
    found = inspect_ledger(url)
    if found.revision is None:
        return None
    if found.revision != found.newest:
        newer = found.revision > found.newest
        then = "use the newer version of Rounds" if newer else "`rounds migrate` or the next start brings it up to date"
        raise OtherRevision(f"it is at revision {found.revision}, this Rounds knows {found.newest}; {then}")
    engine = _reading(found.file) if found.file is not None else postgresql_engine(database(url))

    def ask() -> T:
        with engine.connect() as connection, connection.begin():
            return work(Tx(connection, now))

    return _disposed(engine, ask)


def migrate(url: str) -> tuple[Ledger, str]:
    """Bring a database to the newest revision; returns what it was before, and the revision it is at now.

    Raises:
        ValueError: the URL is not one we can use.
        StoreBusy: a Rounds works on this file.
        SchemaTooNew: a newer Rounds made it.
        Unreachable: it does not answer, or is no database.
    """
    before = inspect_ledger(url)
    parsed = database(url)
    if before.file is None:
        engine = postgresql_engine(parsed)
        _disposed(engine, lambda: upgrade(engine))
        return before, head()
    with _locked(before.file):
        embedded = sqlite_engine(parsed)
        _disposed(embedded, lambda: upgrade(embedded))
    return before, head()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    lock = lock_of(file)
    try:
        yield
    finally:
        lock.release()


def _file(url: URL) -> Path | None:
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _reading(file: Path) -> Engine:
    place = f"file:{quote(str(file.absolute()))}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True), poolclass=NullPool)


def _revision(engine: Engine) -> str | None:
    def ask() -> str | None:
        with engine.connect() as connection:
            return current(connection)

    return _disposed(engine, ask)


def _disposed(engine: Engine, work: Callable[[], T]) -> T:
    try:
        return work()
    except SQLAlchemyError as error:
        raise unreachable(error) from None
    finally:
        engine.dispose()
