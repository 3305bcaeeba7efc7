"""The operations log. What is taken back stays in the table, and is shown nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.domain.logbook import Kind, LogEntry
from storage import tables as t

_LOG = t.log_entry.c


class Log:
    """What people wrote down."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: LogEntry) -> LogEntry:
        """Write it down; returns it with its number."""
        row = {
            "at": entry.at,
            "by": entry.by,
            "via": entry.via,
            "kind": entry.kind.value,
            "text": entry.text,
            "channel": entry.channel,
            "incident_id": entry.incident_id,
            "link": entry.link,
        }
        key = self._connection.execute(insert(t.log_entry).values(**row)).inserted_primary_key
        assert key is not None  # a single-row insert always has one
        return replace(entry, id=int(key[0]))

    def get(self, entry_id: int) -> LogEntry | None:
        """The entry of that number, unless it was taken back."""
        row = self._connection.execute(
            select(t.log_entry).where(_LOG.id == entry_id, _LOG.removed_at.is_(None))
        ).one_or_none()
        return _entry(row) if row is not None else None

    def last_of(self, person: str) -> LogEntry | None:
        """What this person wrote last, of what they did not take back."""
        query = select(t.log_entry).where(_LOG.by == person, _LOG.removed_at.is_(None))
        row = self._connection.execute(query.order_by(_LOG.id.desc()).limit(1)).one_or_none()
        return _entry(row) if row is not None else None

    def remove(self, entry_id: int, *, by: str, now: datetime) -> bool:
        """Take it back; False when it was taken back already."""
        removed = self._connection.execute(
            update(t.log_entry)
            .where(_LOG.id == entry_id, _LOG.removed_at.is_(None))
            .values(removed_at=now, removed_by=by)
        )
        return removed.rowcount == 1

    def between(self, begin: datetime, end: datetime) -> list[LogEntry]:
        """What was written from `begin` until before `end`, in order."""
        query = select(t.log_entry).where(_LOG.at >= begin, _LOG.at < end, _LOG.removed_at.is_(None))
        return [_entry(row) for row in self._connection.execute(query.order_by(_LOG.at, _LOG.id))]


def _entry(row: Any) -> LogEntry:
    return LogEntry(
        at=row.at,
        by=row.by,
        via=row.via,
        kind=Kind(row.kind),
        text=row.text,
        channel=row.channel,
        incident_id=row.incident_id,
        link=row.link,
        id=row.id,
    )
