"""Runs that are over, forgotten with their items, results and messages; but not what a later digest still needs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select

from bot.domain.runs import RunState, Trigger
from storage import tables as t
from storage.old_messages import forget_told, still_to_tell, subject_of

_DONE = (RunState.COMPLETE.value, RunState.CARRIED.value)
_GAPS = (RunState.MISSED.value, RunState.COALESCED.value)


class OldRuns:
    """Runs that may be forgotten."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def forget(self, *, before: datetime, long_before: datetime, limit: int = 50) -> int:
        """Delete runs that were due before then and are over; returns how many.

        Args:
            before: of each checklist the last run from before then stays, because digests say what has changed since;
                so does a missed slot until it is named, and as long as the digest that names it.
            long_before: those, too, are forgotten from before then.
            limit: runs of one batch, each of up to some hundred results.
        """
        newest = t.run.alias("newest")
        over = or_(
            and_(t.run.c.state.in_(_DONE), or_(_needless(before), t.run.c.due_at < long_before)),
            and_(t.run.c.state.in_(_GAPS), or_(_unheard_of(), _never_named(long_before))),
        )
        old = (
            select(t.run.c.id)
            .where(t.run.c.due_at < before, over, ~still_to_tell(subject_of("run", t.run.c.id)))
            # The newest number stays, or SQLite would give it once more, and old buttons would mean another run.
            .where(t.run.c.id < select(func.max(newest.c.id)).scalar_subquery())
            .order_by(t.run.c.due_at)
            .limit(limit)
        )
        numbers = self._connection.scalars(old.with_for_update(skip_locked=True)).all()
        forget_told(self._connection, [f"run:{number}" for number in numbers])
        self._connection.execute(delete(t.run).where(t.run.c.id.in_(numbers)))
        return len(numbers)

    def never_came(self, checklist: str, *, after: datetime) -> None:
        """Forget that slots after that moment were missed: they are still to come, the clock was ahead."""
        gaps = (t.run.c.state.in_(_GAPS), t.run.c.trigger == Trigger.SCHEDULE.value, t.run.c.enqueued_at.is_(None))
        self._connection.execute(delete(t.run).where(t.run.c.checklist == checklist, t.run.c.due_at > after, *gaps))


def _needless(before: datetime) -> ColumnElement[bool]:
    """No digest compares itself with this run: it posts none, or a later one from before then is over as well."""
    later = t.run.alias("later")
    newer = exists().where(
        later.c.checklist == t.run.c.checklist,
        later.c.trigger == t.run.c.trigger,
        later.c.state.in_(_DONE),
        later.c.due_at >= t.run.c.due_at,
        later.c.due_at < before,
        # By either order: one question asks for the latest that was due, another for the latest that was made.
        later.c.id > t.run.c.id,
    )
    return or_(t.run.c.trigger == Trigger.RHYTHM.value, newer)


def _unheard_of() -> ColumnElement[bool]:
    """The run whose digest names this slot is forgotten."""
    naming = t.run.alias("naming")
    return and_(t.run.c.told_in.is_not(None), ~exists().where(naming.c.id == t.run.c.told_in))


def _never_named(long_before: datetime) -> ColumnElement[bool]:
    """No digest will name this slot: none names those of its sort, or its checklist has not run for very long."""
    never = or_(t.run.c.trigger != Trigger.SCHEDULE.value, t.run.c.due_at < long_before)
    return and_(t.run.c.told_in.is_(None), never)
