"""What was told goes with what it told about, never before it; and notices, which nothing else holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, cast, delete, exists, literal, or_, select

from storage import tables as t


def subject_of(sort: str, number: ColumnElement[Any]) -> ColumnElement[str]:
    """The subject, such as `run:ID`, of a row with that number."""
    return literal(sort + ":").concat(cast(number, String))


def still_to_tell(subject: ColumnElement[str]) -> ColumnElement[bool]:
    """Something about this subject is not delivered or not drawn yet, or a reply waits for its message to stand."""
    reply = t.message.alias("reply")
    return or_(
        exists().where(t.outbox.c.subject == subject, t.outbox.c.state.in_(("pending", "sending"))),
        exists().where(
            t.message.c.subject == subject, t.message.c.wanted > t.message.c.shown, t.message.c.ts.is_not(None)
        ),
        exists().where(reply.c.thread_subject == subject, reply.c.ts.is_(None)),
    )


def forget_told(connection: Connection, subjects: Collection[str]) -> None:
    """Delete the messages about these subjects, and what the outbox remembers of them."""
    connection.execute(delete(t.outbox).where(t.outbox.c.subject.in_(subjects)))
    connection.execute(delete(t.message).where(t.message.c.subject.in_(subjects)))


class OldNotices:
    """Notices that may be forgotten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def forget(self, *, before: datetime, limit: int = 200) -> int:
        """Delete notices from before then that were delivered, with their messages; returns how many."""
        old = (
            select(t.notice.c.id)
            .where(t.notice.c.at < before, ~still_to_tell(subject_of("notice", t.notice.c.id)))
            .order_by(t.notice.c.id)
            .limit(limit)
        )
        numbers = self._connection.scalars(old.with_for_update(skip_locked=True)).all()
        forget_told(self._connection, [f"notice:{number}" for number in numbers])
        self._connection.execute(delete(t.notice).where(t.notice.c.id.in_(numbers)))
        return len(numbers)
