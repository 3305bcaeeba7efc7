"""The ledger of a simulated world: one database in memory, and what every commit changed in it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import make_url

from storage.opening import sqlite_engine
from storage.tables import metadata
from storage.tx import Tx

T = TypeVar("T")

BY = {
    "schedule": "name",
    "run": "id",
    "run_item": "run_id",
    "result": "run_id",
    "watch": "check_name",
    "incident": "id",
    "timeline": "incident_id",
    "step": "incident_id",
    "message": "subject",
    "outbox": "id",
}
"""What is watched, and by which column its rows are kept: parts of a run or an incident together."""

PARTS = frozenset(("run_item", "result", "timeline", "step"))
"""Several rows a key; they are kept as a tuple in the order of their primary keys."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit did to a row, or to the parts of a run or an incident. `None` (or `()`): there was none."""

    table: str
    key: Any
    before: Any
    after: Any


@dataclass
class Ledger:
    """All rows as of the last commit, in the database and beside it."""

    rows: dict[str, dict[Any, Any]] = field(default_factory=lambda: {table: {} for table in BY})
    """By table and key, as named tuples. Moments are microseconds since 1970."""

    def __post_init__(self) -> None:
        self._engine = sqlite_engine(make_url("sqlite://"), synchronous="OFF")
        metadata.create_all(self._engine)
        self._connection = self._engine.connect()
        self._raw: Any = self._connection.connection.dbapi_connection
        self._connection.rollback()
        self._types: dict[str, Any] = {}
        self._loads: dict[str, str] = {}
        self._raw.execute("CREATE TEMP TABLE changed (what TEXT, which)")
        for table, key in BY.items():
            self._watch(table, key)

    def _watch(self, table: str, key: str) -> None:
        columns = [column.name for column in metadata.tables[table].columns]
        self._types[table] = namedtuple(table, columns)
        order = ", ".join(f'"{column.name}"' for column in metadata.tables[table].primary_key)
        names = ", ".join(f'"{name}"' for name in columns)
        self._loads[table] = f'SELECT {names} FROM "{table}" WHERE "{key}" = ? ORDER BY {order}'
        for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            values = ", ".join(f"('{table}', {row}.\"{key}\")" for row in rows)
            self._raw.execute(
                f'CREATE TEMP TRIGGER {table}_{event} AFTER {event} ON main."{table}" '
                f"BEGIN INSERT INTO changed VALUES {values}; END"
            )

    def write(self, work: Callable[[Tx], T], now: datetime) -> tuple[T, frozenset[str], list[Change]]:
        """One transaction: what it returned, the topics that it touched, and what it changed."""
        with self._connection.execution_options(rounds_write=True).begin():
            tx = Tx(self._connection, now)
            value = work(tx)
            tx.settle()
        return value, frozenset(tx.topics), list(self._changes())

    def read(self, work: Callable[[Tx], T], now: datetime) -> T:
        """A transaction that must change nothing."""
        with self._connection.execution_options(rounds_write=False).begin():
            value = work(Tx(self._connection, now))
        assert not list(self._changes()), "it was to read only"
        return value

    def _changes(self) -> Iterator[Change]:
        changed = self._raw.execute("SELECT DISTINCT what, which FROM changed ORDER BY rowid").fetchall()
        if not changed:
            return
        self._raw.execute("DELETE FROM changed")
        for table, key in changed:
            found = [self._types[table](*row) for row in self._raw.execute(self._loads[table], (key,))]
            rows = self.rows[table]
            nothing = () if table in PARTS else None
            after = tuple(found) if table in PARTS else next(iter(found), None)
            before = rows.get(key, nothing)
            if after:
                rows[key] = after
            else:
                rows.pop(key, None)
            if after != before:
                yield Change(table, key, before, after)

    def close(self) -> None:
        """Forget it all."""
        self._connection.close()
        self._engine.dispose()
