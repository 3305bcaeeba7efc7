"""Schedule rows: up to where every slot is accounted for, and when the next one is due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, delete, select

from storage import tables as t
from storage.rows import upsert

_DUE = (
    select(t.schedule)
    .where(t.schedule.c.next_due <= bindparam("moment"))
    .order_by(t.schedule.c.next_due)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule as stored. `spec` tells whether the configuration changed."""

    name: str
    spec: str
    cursor: datetime
    next_due: datetime | None


class Schedules:
    """When each checklist is due."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> dict[str, ScheduleRow]:
        """Every schedule by name."""
        rows = self._connection.execute(select(t.schedule))
        return {row.name: ScheduleRow(row.name, row.spec, row.cursor, row.next_due) for row in rows}

    def due(self, now: datetime, *, limit: int = 500) -> list[ScheduleRow]:
        """The schedules whose next slot has come, locked against other replicas."""
        rows = self._connection.execute(_DUE, {"moment": now, "most": limit})
        return [ScheduleRow(r.name, r.spec, r.cursor, r.next_due) for r in rows]

    def save(self, *rows: ScheduleRow) -> None:
        """Insert or move on."""
        values = [{"name": r.name, "spec": r.spec, "cursor": r.cursor, "next_due": r.next_due} for r in rows]
        upsert(self._connection, t.schedule, *values, key=("name",))

    def forget(self, names: Collection[str]) -> None:
        """They are no longer configured."""
        self._connection.execute(delete(t.schedule).where(t.schedule.c.name.in_(names)))
