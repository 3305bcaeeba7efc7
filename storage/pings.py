"""What jobs said of themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from checks import Ping
from storage import tables as t


class Pings:
    """Pings by check."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, check: str, ping: Ping) -> int:
        """A job reported; returns the ping's number."""
        row = {"check_name": check, "at": ping.at, "kind": ping.kind, "text": ping.text or None}
        key = self._connection.execute(insert(t.ping).values(**row)).inserted_primary_key
        assert key is not None  # a single-row insert always has one
        return int(key[0])

    def newest(self, checks: Collection[str]) -> dict[str, tuple[Ping, ...]]:
        """The newest ping of each sort of these checks."""
        latest = (
            select(func.max(t.ping.c.id))
            .where(t.ping.c.check_name.in_(checks))
            .group_by(t.ping.c.check_name, t.ping.c.kind)
        )
        found: dict[str, tuple[Ping, ...]] = dict.fromkeys(checks, ())
        for row in self._connection.execute(select(t.ping).where(t.ping.c.id.in_(latest))):
            found[row.check_name] += (Ping(row.at, row.kind, row.text or ""),)
        return found

    def forget(self, *, before: datetime, most: int, limit: int = 1_000) -> int:
        """Delete pings from before then, and of each check and sort those beyond the newest; returns how many.

        The newest of its sort stays however old it is: a check without it would not know what it waits for.

        Args:
            most: how many of a check and sort are kept.
            limit: how many are deleted at a time.
        """
        newer = func.row_number().over(partition_by=(t.ping.c.check_name, t.ping.c.kind), order_by=t.ping.c.id.desc())
        counted = select(t.ping.c.id, t.ping.c.at, newer.label("place")).subquery()
        useless = or_(counted.c.place > most, and_(counted.c.place > 1, counted.c.at < before))
        old = select(counted.c.id).where(useless).limit(limit)
        return self._connection.execute(delete(t.ping).where(t.ping.c.id.in_(old))).rowcount
