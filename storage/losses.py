"""Messages that were given up: what they were about, and why nobody will read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from bot.domain.notifications import Loss
from storage import tables as t


class Losses:
    """What the outbox could not deliver, now or ever."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def since(self, moment: datetime, *, limit: int = 100) -> tuple[Loss, ...]:
        """Those given up after that moment, the newest first, and what stood above before what stood below."""
        given_up = t.outbox.c.not_before
        query = (
            select(t.outbox, t.message.c.channel)
            .outerjoin(t.message, t.message.c.subject == t.outbox.c.subject)
            .where(t.outbox.c.state == "failed", given_up > moment)
            .order_by(given_up.desc(), t.outbox.c.id)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        slots = self._slots([row.subject for row in rows])
        return tuple(
            Loss(
                row.id,
                row.reason,
                slots.get(row.subject) or _called(row.subject),
                row.channel or "",
                row.not_before,
                row.error or "",
            )
            for row in rows
        )

    def stranded(self) -> list[tuple[str, int]]:
        """Subjects of which something is to be told below a message that was given up, with the number of that row."""
        above, given_up = t.outbox.alias("above"), t.outbox.alias("given_up")
        underway = exists().where(
            above.c.subject == t.outbox.c.subject, ~above.c.in_thread, above.c.state.in_(("pending", "sending"))
        )
        query = (
            select(t.outbox.c.subject, func.max(given_up.c.id))
            .join(t.message, t.message.c.subject == t.outbox.c.subject)
            .join(given_up, given_up.c.subject == t.outbox.c.subject)
            .where(t.outbox.c.state == "pending", t.outbox.c.in_thread, ~underway)
            .where(t.message.c.ts.is_(None), t.message.c.thread_subject.is_(None))
            .where(given_up.c.state == "failed", ~given_up.c.in_thread)
            .group_by(t.outbox.c.subject)
        )
        return [(subject, number) for subject, number in self._connection.execute(query)]

    def _slots(self, subjects: Collection[str]) -> dict[str, str]:
        """`CHECKLIST@SLOT` of those that are runs."""
        numbers = [int(subject.removeprefix("run:")) for subject in subjects if subject.startswith("run:")]
        if not numbers:
            return {}
        query = select(t.run.c.id, t.run.c.checklist, t.run.c.slot).where(t.run.c.id.in_(numbers))
        return {f"run:{row.id}": f"{row.checklist}@{row.slot}" for row in self._connection.execute(query)}


def _called(subject: str) -> str:
    what, _, number = subject.partition(":")
    return f"#{number}" if what == "incident" else what
