"""What people and Slack told us: each thing once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from storage import tables as t
from storage.rows import insert_new


class Inbox:
    """Keys of clicks, commands and events that have had their effect."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def first_time(self, key: str) -> bool:
        """Whether this is new; the key commits together with the effect, so a repeat changes nothing."""
        return insert_new(self._connection, t.inbox, [{"key": key, "at": self._now}]) == 1

    def forget(self, *, older_than: timedelta) -> None:
        """Slack repeats an event for at most a day."""
        self._connection.execute(delete(t.inbox).where(t.inbox.c.at < self._now - older_than))
