"""What Rounds has to say of itself: that it read a new configuration, or could not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, insert, select, text

from storage import tables as t
from storage.messages import Messages
from storage.outbox import INCIDENT, Outbox


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing said."""

    id: int
    at: datetime
    text: str


class Notices:
    """Things said, each with a message in the channel of record."""

    def __init__(self, connection: Connection, now: datetime, messages: Messages, outbox: Outbox) -> None:
        self._connection = connection
        self._now = now
        self._messages = messages
        self._outbox = outbox

    def add(self, words: str, *, channel: str) -> int:
        """Say it."""
        key = self._connection.execute(insert(t.notice).values(at=self._now, text=words)).inserted_primary_key
        assert key is not None  # a single-row insert always has one
        subject = f"notice:{key[0]}"
        self._messages.expect(subject, channel=channel)
        self._outbox.add(key=subject, subject=subject, reason="notice", priority=INCIDENT)
        return int(key[0])

    def add_unless_said(self, words: str, *, channel: str, since: datetime) -> int | None:
        """Say it, unless somebody has said these words since then: replicas notice the same things at once."""
        if self._connection.dialect.name == "postgresql":
            # Until we commit, nobody else says anything. SQLite has one writer.
            self._connection.execute(text("LOCK TABLE notice IN SHARE ROW EXCLUSIVE MODE"))
        said = exists().where(t.notice.c.text == words, t.notice.c.at >= since)
        return None if self._connection.scalar(select(said)) else self.add(words, channel=channel)

    def get(self, notice_id: int) -> Notice | None:
        """What was said."""
        row = self._connection.execute(select(t.notice).where(t.notice.c.id == notice_id)).one_or_none()
        return Notice(row.id, row.at, row.text) if row is not None else None
