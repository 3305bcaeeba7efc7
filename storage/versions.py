"""Which configuration counted since when. Of the files there is a digest, and nothing that they say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, text

from bot.domain.accounts import Version
from storage import tables as t

_VERSION = t.configuration_version.c


class Versions:
    """Versions of the configuration."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def note(self, digest: str, changes: str) -> bool:
        """From now on this one counts, unless it is the newest already: replicas read the same files, often at once."""
        if self._connection.dialect.name == "postgresql":
            # Until we commit, nobody else decides whether it is new. SQLite has one writer.
            self._connection.execute(text("LOCK TABLE configuration_version IN SHARE ROW EXCLUSIVE MODE"))
        if digest == next((version.digest for version in self.newest(limit=1)), None):
            return False
        row = {"at": self._now, "digest": digest, "changes": changes}
        self._connection.execute(insert(t.configuration_version).values(**row))
        return True

    def newest(self, *, limit: int = 5) -> tuple[Version, ...]:
        """The newest, newest first."""
        query = select(_VERSION.at, _VERSION.digest, _VERSION.changes).order_by(_VERSION.id.desc()).limit(limit)
        return tuple(Version(*row) for row in self._connection.execute(query))

    def forget(self, *, before: datetime) -> int:
        """Delete those from before then but for the newest; returns how many."""
        newest = select(func.max(_VERSION.id)).scalar_subquery()
        old = delete(t.configuration_version).where(_VERSION.at < before, _VERSION.id < newest)
        return self._connection.execute(old).rowcount
