"""Runs: the ledger of slots, who works on them, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, String, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy import cast as cast_to

from bot.domain.comparing import Before
from bot.domain.runs import ItemState, Result, Run, RunState, Trigger
from checks import Outcome
from storage import tables as t
from storage.loading import unseen, whole
from storage.rows import insert_and_tell, item_row, result_row, row_result, run_row

_GAPS = (RunState.MISSED.value, RunState.COALESCED.value)

# What every run needs is made once: with SQLAlchemy, making a statement costs more than executing it.
_CLAIM = (
    update(t.run)
    .where(
        t.run.c.id == bindparam("run"),
        or_(
            t.run.c.state == RunState.NEW.value,
            and_(t.run.c.state == RunState.RUNNING.value, t.run.c.lease_until <= bindparam("moment")),
        ),
    )
    .values(
        state=RunState.RUNNING.value,
        token=bindparam("by"),
        lease_until=bindparam("until"),
        attempt=t.run.c.attempt + 1,
        started_at=bindparam("moment"),
    )
    .returning(t.run)
)
_FINISH = (
    update(t.run)
    .where(t.run.c.id == bindparam("run"), t.run.c.token == bindparam("by"), t.run.c.state == RunState.RUNNING.value)
    .values(
        state=bindparam("came_to"),
        finished_at=bindparam("at"),
        token=None,
        lease_until=None,
        version=t.run.c.version + 1,
    )
)
_INSERT_ITEMS = insert(t.run_item)
_INSERT_RESULTS = insert(t.result)
_WAITING = select(t.run).where(t.run.c.state == RunState.WAITING.value)
_GET = select(t.run).where(t.run.c.id == bindparam("run"))
_HOLD = _GET.with_for_update()


_OWNERLESS = exists().where(
    t.run_item.c.run_id == t.run.c.id,
    t.run_item.c.check_name.is_(None),
    t.run_item.c.state == ItemState.OPEN.value,
    or_(t.run_item.c.owner.is_(None), t.run_item.c.owner == t.run_item.c.meant_for),
)

_KEY = ("id", "checklist", "slot")


class Runs:
    """Runs, their items and results."""

    def __init__(self, connection: Connection, now: datetime, topics: set[str]) -> None:
        self._connection = connection
        self._now = now
        self._topics = topics

    def add(self, run: Run) -> int | None:
        """A row for this slot; `None` if the slot is accounted for already."""
        return self.add_all([(run, 0)]).get((run.checklist, run.slot))

    def add_all(self, runs: Sequence[tuple[Run, int]]) -> dict[tuple[str, str], int]:
        """Rows for those slots that are not accounted for yet; their ids by checklist and slot.

        Args:
            runs: each with how many slots before it it stands for.
        """
        rows = [run_row(run, skipped) for run, skipped in runs]
        new = {(row.checklist, row.slot): row.id for row in insert_and_tell(self._connection, t.run, rows, _KEY)}
        if new:
            self._topics.add("runs")
        items = [
            item_row(new[run.checklist, run.slot], n, item)
            for run, _ in runs
            if (run.checklist, run.slot) in new
            for n, item in enumerate(run.items)
        ]
        if items:
            self._connection.execute(_INSERT_ITEMS, items)
        return new

    def free_slots(self, checklist: str, *, after: datetime) -> None:
        """Let the slots after that moment come again: they came too early, by a clock that was ahead."""
        anew = t.run.c.slot.concat("~").concat(cast_to(t.run.c.id, String))
        self._connection.execute(
            update(t.run).where(t.run.c.checklist == checklist, t.run.c.due_at > after).values(slot=anew)
        )

    def claim(self, run_id: int, *, token: str, lease: timedelta) -> Run | None:
        """Take a run in hand, as it is before the looks; `None` when somebody else has it or it is done."""
        claimed = self._connection.execute(
            _CLAIM, {"run": run_id, "moment": self._now, "by": token, "until": self._now + lease}
        ).one_or_none()
        return unseen(self._connection, claimed) if claimed is not None else None

    def renew(self, run_id: int, *, token: str, lease: timedelta) -> bool:
        """Keep it; False when the claim is lost."""
        kept = self._connection.execute(
            update(t.run)
            .where(t.run.c.id == run_id, t.run.c.token == token, t.run.c.state == RunState.RUNNING.value)
            .values(lease_until=self._now + lease)
        )
        return kept.rowcount == 1

    def finish(self, run_id: int, *, token: str, state: RunState, results: Sequence[Result], now: datetime) -> bool:
        """Store what came out, if the claim still holds; False when it does not, and nothing is stored."""
        finished = self._connection.execute(_FINISH, {"run": run_id, "by": token, "came_to": state.value, "at": now})
        if finished.rowcount != 1:
            return False
        if results:
            self._connection.execute(_INSERT_RESULTS, [result_row(run_id, result) for result in results])
        return True

    def name_gaps(self, run_id: int, checklist: str) -> int:
        """This run's digest names the slots before it that got none; returns how many.

        A run that was cut off is done once more, perhaps after later slots have gone by: those are left to the run
        that comes after them.
        """
        due = select(t.run.c.due_at).where(t.run.c.id == run_id).scalar_subquery()
        named = self._connection.execute(
            update(t.run)
            .where(
                t.run.c.checklist == checklist,
                t.run.c.trigger == Trigger.SCHEDULE.value,
                t.unnamed,
                t.run.c.due_at < due,
            )
            .values(told_in=run_id)
        )
        return named.rowcount

    def set_state(self, run_id: int, state: RunState, *, expected: RunState) -> bool:
        """Move on; False when it was not in the expected state any more."""
        moved = self._connection.execute(
            update(t.run)
            .where(t.run.c.id == run_id, t.run.c.state == expected.value)
            .values(state=state.value, version=t.run.c.version + 1)
        )
        return moved.rowcount == 1

    def waiting_before(self, checklist: str, run_id: int) -> list[int]:
        """Earlier runs of the checklist with open manual items, the newest first."""
        query = select(t.run.c.id).where(
            t.run.c.checklist == checklist, t.run.c.id < run_id, t.run.c.state == RunState.WAITING.value
        )
        return list(self._connection.scalars(query.order_by(t.run.c.id.desc())))

    def to_enqueue(self, *, unclaimed_for: timedelta, limit: int = 500) -> list[int]:
        """Runs that nobody works on although somebody should: lost messages and dead workers."""
        waiting = self._now - unclaimed_for
        query = (
            select(t.run.c.id)
            .where(
                or_(
                    and_(
                        t.run.c.state == RunState.NEW.value,
                        or_(t.run.c.enqueued_at.is_(None), t.run.c.enqueued_at <= waiting),
                    ),
                    and_(t.run.c.state == RunState.RUNNING.value, t.run.c.lease_until <= self._now),
                )
            )
            .order_by(t.run.c.due_at)
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def enqueued(self, run_ids: Sequence[int]) -> None:
        """They were handed to a queue now; the sweep leaves them alone for a while."""
        self._connection.execute(update(t.run).where(t.run.c.id.in_(run_ids)).values(enqueued_at=self._now))

    def give_up_late(self, before: datetime) -> list[int]:
        """Slots that nobody finished within their grace become missed; returns them."""
        late = or_(
            t.run.c.state == RunState.NEW.value,
            and_(t.run.c.state == RunState.RUNNING.value, t.run.c.lease_until <= self._now),
        )
        # In one statement: a run that its worker finishes at this moment is not late any more.
        given_up = self._connection.scalars(
            update(t.run)
            .where(late, t.run.c.due_at < before)
            .values(state=RunState.MISSED.value, version=t.run.c.version + 1)
            .returning(t.run.c.id)
        )
        return list(given_up)

    def release_all(self) -> None:
        """We alone hold this file and have just started: whoever held these leases is dead."""
        self._connection.execute(
            update(t.run).where(t.run.c.state == RunState.RUNNING.value).values(lease_until=self._now)
        )

    def get(self, run_id: int) -> Run | None:
        """The run with its items, results and the gaps that it names."""
        row = self._connection.execute(_GET, {"run": run_id}).one_or_none()
        return whole(self._connection, row) if row is not None else None

    def hold(self, run_id: int) -> Run | None:
        """The same, kept from others until this transaction ends: what it says of its items stays so until then.

        Whoever decides on items holds their run first, a newer one before an older, then touches incidents, then
        messages: in another order two who meet would wait for each other.
        """
        row = self._connection.execute(_HOLD, {"run": run_id}).one_or_none()
        return whole(self._connection, row) if row is not None else None

    def before(self, run: Run) -> Run | None:
        """The run of the same checklist before this one, of those that nobody asked for by hand."""
        finished = [state.value for state in RunState if state.finished]
        own = [trigger.value for trigger in Trigger if trigger is not Trigger.HAND]
        query = (
            select(t.run)
            .where(t.run.c.checklist == run.checklist, t.run.c.id < run.id)
            .where(t.run.c.state.in_(finished), t.run.c.trigger.in_(own))
        )
        row = self._connection.execute(query.order_by(t.run.c.id.desc()).limit(1)).one_or_none()
        return whole(self._connection, row) if row is not None else None

    def before_outcomes(self, run: Run) -> Before | None:
        """How the checklist's run before this one came out, of those that were due by its schedule."""
        finished = [state.value for state in RunState if state.finished]
        query = (
            select(t.run.c.id, t.run.c.due_at)
            .where(t.run.c.checklist == run.checklist, t.run.c.due_at < run.due_at)
            .where(t.run.c.state.in_(finished), t.run.c.trigger == Trigger.SCHEDULE.value)
        )
        row = self._connection.execute(query.order_by(t.run.c.due_at.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        outcomes = select(t.result.c.check_name, t.result.c.outcome).where(t.result.c.run_id == row.id)
        return Before(row.due_at, {name: Outcome(outcome) for name, outcome in self._connection.execute(outcomes)})

    def latest_results(self, check: str, *, limit: int = 1) -> list[Result]:
        """The newest results of one check."""
        query = select(t.result).where(t.result.c.check_name == check)
        return [
            row_result(r) for r in self._connection.execute(query.order_by(t.result.c.looked_at.desc()).limit(limit))
        ]

    def latest_of(self, checklist: str) -> int | None:
        """The newest run of a checklist that was begun."""
        none = (RunState.NEW.value, *_GAPS)
        query = select(t.run.c.id).where(t.run.c.checklist == checklist, t.run.c.state.not_in(none))
        return self._connection.scalar(query.order_by(t.run.c.due_at.desc(), t.run.c.id.desc()).limit(1))

    def overdue(self, now: datetime) -> list[Run]:
        """Runs with items that nobody has taken, and that have waited too long."""
        query = select(t.run).where(t.run.c.overdue_at <= now, t.run.c.state == RunState.WAITING.value, _OWNERLESS)
        return [
            whole(self._connection, row)
            for row in self._connection.execute(query.with_for_update(skip_locked=True)).all()
        ]

    def overdue_from(self, run_id: int, moment: datetime | None) -> None:
        """It is told at that moment that it is overdue, if items are still open then; `None`: it has been told."""
        self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(overdue_at=moment))

    def with_open_items(self) -> list[Run]:
        """Runs that wait for a person."""
        rows = self._connection.execute(_WAITING).all()
        return [whole(self._connection, row) for row in rows]

    def posted(self, run_id: int) -> None:
        """It has a message of its own."""
        self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(posted=True))

    def progress(self, run_id: int, done: int) -> None:
        """So many of its checks have been looked at."""
        self._connection.execute(update(t.run).where(t.run.c.id == run_id).values(done=done))

    def done(self, run_id: int) -> int:
        """How many of its checks have been looked at, while it is running."""
        return self._connection.scalar(select(t.run.c.done).where(t.run.c.id == run_id)) or 0

    def oldest_unclaimed(self) -> datetime | None:
        """Since when the oldest due run waits for somebody to work on it."""
        query = select(func.min(t.run.c.due_at)).where(t.run.c.state == RunState.NEW.value)
        return cast(datetime | None, self._connection.scalar(query))
