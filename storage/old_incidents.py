"""Resolved incidents, forgotten with their timelines, steps and messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from bot.domain.incidents import State
from storage import tables as t
from storage.old_messages import forget_told, still_to_tell, subject_of


class OldIncidents:
    """Incidents that may be forgotten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def forget(self, *, before: datetime, limit: int = 50) -> int:
        """Delete incidents that were resolved before then; returns how many.

        One stays while there is something to tell about it, and while the card of a later one points to it.
        """
        later = t.incident.alias("later")
        pointed_to = select(later.c.previous_id).where(later.c.previous_id.is_not(None))
        old = (
            select(t.incident.c.id)
            # That it was opened before then follows, and has an index.
            .where(t.incident.c.state == State.RESOLVED.value, t.incident.c.opened_at < before)
            .where(t.incident.c.resolved_at < before, t.incident.c.id.not_in(pointed_to))
            # The newest number stays, or SQLite would give it once more, to another incident.
            .where(t.incident.c.id < select(func.max(later.c.id)).scalar_subquery())
            .where(~still_to_tell(subject_of("incident", t.incident.c.id)))
            .order_by(t.incident.c.opened_at)
            .limit(limit)
        )
        numbers = self._connection.scalars(old.with_for_update(skip_locked=True)).all()
        forget_told(self._connection, [f"incident:{number}" for number in numbers])
        self._connection.execute(delete(t.incident).where(t.incident.c.id.in_(numbers)))
        return len(numbers)
