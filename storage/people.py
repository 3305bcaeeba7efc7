"""What people and Slack told us: each thing once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, null, select, update

from storage import tables as t
from storage.rows import insert_new, upsert


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that was acknowledged and has had no effect yet; `attempt` counts from 1."""

    key: str
    event: dict[str, Any]
    attempt: int


class Inbox:
    """Keys of clicks, commands and events that have had their effect; and events that have not, whole."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def first_time(self, key: str) -> bool:
        """Whether this has had no effect yet; the key commits together with the effect, so a repeat changes nothing."""
        return insert_new(self._connection, t.inbox, [{"key": key, "at": self._now}]) == 1 or self.done(key)

    def keep(self, key: str, event: Mapping[str, Any]) -> bool:
        """Write an event down before it is acknowledged; False when it is known already."""
        row = {"key": key, "at": self._now, "event": _row(event, attempt=1)}
        return insert_new(self._connection, t.inbox, [row]) == 1

    def done(self, key: str) -> bool:
        """An event has had its effect, or shall have none; False when that is no news."""
        owed = update(t.inbox).where(t.inbox.c.key == key, t.inbox.c.event.is_not(null()))
        return self._connection.execute(owed.values(event=null())).rowcount == 1

    def pending(self, *, untouched_for: timedelta, leave: Collection[str] = (), limit: int = 100) -> list[Kept]:
        """Events without effect, oldest first, taken up by the caller: nobody else gets them for that long.

        Args:
            leave: keys of events that the caller is at already.
        """
        owed = (
            select(t.inbox)
            .where(t.inbox.c.event.is_not(null()), t.inbox.c.at <= self._now - untouched_for)
            .where(t.inbox.c.key.not_in(leave))
            .order_by(t.inbox.c.at, t.inbox.c.key)
            .limit(limit)
        )
        return [kept for row in self._connection.execute(owed).all() if (kept := self._taken_up(row)) is not None]

    def _taken_up(self, row: Any) -> Kept | None:
        event, attempt = row.event["event"], row.event["attempt"] + 1
        # Compared and set: of two processes that saw the row, one goes on.
        mine = update(t.inbox).where(t.inbox.c.key == row.key, t.inbox.c.at == row.at, t.inbox.c.event.is_not(null()))
        values = {"at": self._now, "event": _row(event, attempt=attempt)}
        return Kept(row.key, event, attempt) if self._connection.execute(mine.values(values)).rowcount == 1 else None

    def try_out(self) -> None:
        """Write something, to find out whether that can be done."""
        upsert(self._connection, t.inbox, {"key": "try out", "at": self._now}, key=("key",))

    def forget(self, *, older_than: timedelta, limit: int = 1_000) -> int:
        """Slack repeats an event for at most a day; returns how many are forgotten.

        Args:
            limit: how many are deleted at a time, so that a press does not wait behind two days of them.
        """
        old = select(t.inbox.c.key).where(t.inbox.c.at < self._now - older_than).limit(limit)
        keys = self._connection.scalars(old.with_for_update(skip_locked=True)).all()
        self._connection.execute(delete(t.inbox).where(t.inbox.c.key.in_(keys)))
        return len(keys)


def _row(event: Mapping[str, Any], *, attempt: int) -> dict[str, Any]:
    return {"event": dict(event), "attempt": attempt}
