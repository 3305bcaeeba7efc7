"""Messages that stand elsewhere than they were meant to: from which channel they were moved, and what Slack had said.

A detour is a row of the outbox that is no message: it stays with the subject, is forgotten with it, and whoever draws
the card reads it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.notifications import Detour
from storage import tables as t
from storage.rows import insert_new

MOVED = "moved"
"""State of such a row: an end, like `sent`."""

_SIGN = f":{MOVED}:"

KEY = 200
"""Characters of a key; Slack's own names of channels have at most 80."""


class Detours:
    """Which messages were moved, and why."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def note(self, subject: str, *, meant_for: str, error: str) -> None:
        """The message about it cannot stand in that channel; once for each channel."""
        row = {
            "key": f"{subject}{_SIGN}{meant_for}"[:KEY],
            "subject": subject,
            "reason": MOVED,
            "in_thread": False,
            "broadcast": False,
            "priority": 0,
            "state": MOVED,
            "created_at": self._now,
            "not_before": self._now,
            "error": error,
        }
        insert_new(self._connection, t.outbox, [row])

    def of(self, subject: str) -> Detour | None:
        """The first one: where it was meant to stand by whoever configured it; `None` if it stands there."""
        query = select(t.outbox.c.key, t.outbox.c.error).where(t.outbox.c.subject == subject)
        row = self._connection.execute(
            query.where(t.outbox.c.state == MOVED).order_by(t.outbox.c.id).limit(1)
        ).one_or_none()
        return Detour(meant_for(row.key), row.error or "") if row is not None else None


def meant_for(key: str) -> str:
    """The channel in a detour's key; a later run may have taken the message over, so its subject is any."""
    return key.partition(_SIGN)[2]
