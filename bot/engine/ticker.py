"""The tick: every due slot becomes a row, exactly once, by whichever replica comes first.

And the sweep, which brings back what nobody works on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.config.configuration import Configuration, Planned
from bot.domain.runs import GRACE, Checklist, Run, RunItem, RunState, Trigger
from bot.domain.schedules import Slot, by_instant
from bot.engine.clock import AHEAD
from storage.schedules import ScheduleRow
from storage.tx import Tx

CHUNK = 500
"""Slots of one schedule that one transaction accounts for, the next tick takes the rest; and about as many rows that
one statement inserts, so that a long absence is no flood of memory."""

UNCLAIMED_FOR = timedelta(seconds=3)
"""A run that nobody took for so long is handed over again."""


def synchronise(tx: Tx, configuration: Configuration, now: datetime) -> None:
    """Make the schedule rows those of the configuration. A new or changed schedule counts from now.

    What a changed one had due before, and nobody accounted for, is accounted for first: it may have changed while we
    were away.
    """
    stored = tx.schedules.all()
    for name, planned in configuration.planned.items():
        row = stored.get(name)
        if row is None or row.spec != planned.spec:
            if row is not None:
                _as_it_was(tx, planned, row, now)
                if row.cursor > now + AHEAD:
                    _to_come(tx, planned, now)
            tx.schedules.save(_next(planned, cursor=now))
    if gone := stored.keys() - configuration.planned.keys():
        tx.schedules.forget(gone)
    set_right(tx, configuration, now)


def set_right(tx: Tx, configuration: Configuration, now: datetime) -> None:
    """The clock was ahead: schedules accounted for up to a moment still to come count from now, too.

    Else nobody would look until then. What a checklist did in that time under a slot's name is not done again; what it
    only missed is still to come. A rhythm looks again, and its slots of that time get other names. Hours to come that
    were rolled up are forgotten, so that rules that ask what was count what is seen from now on.
    """
    tx.rollups.forget_too_early()
    for name, row in tx.schedules.all().items():
        planned = configuration.planned.get(name)
        if planned is None or planned.spec != row.spec or row.cursor <= now + AHEAD:
            continue  # what only another replica knows, that one sets right
        _to_come(tx, planned, now)
        tx.schedules.save(_next(planned, cursor=now))


def _to_come(tx: Tx, planned: Planned, now: datetime) -> None:
    """Its slots after this moment were accounted for too early."""
    if planned.trigger is Trigger.RHYTHM:
        tx.runs.free_slots(planned.name, after=now)
    else:
        tx.old_runs.never_came(planned.name, after=now)


def _as_it_was(tx: Tx, planned: Planned, row: ScheduleRow, now: datetime) -> None:
    """Account for what was due by the schedule that a row knows, which is no longer the configured one."""
    if row.next_due is None or row.next_due > now:
        return
    before = planned.as_it_was(row.spec, next_due=row.next_due)
    if before is None:
        missed = _run(planned, by_instant(row.next_due), RunState.MISSED)
        tx.runs.add_all([(missed, 0)])
        return
    cursor = row.cursor
    while cursor < now:
        runs, cursor = _slots(before, cursor, now)
        tx.runs.add_all(runs)


def _next(planned: Planned, *, cursor: datetime, after: datetime | None = None) -> ScheduleRow:
    """Accounted for up to `cursor`; `after` it if the next slot is one later than that."""
    slot = planned.schedule.next_after(after or cursor)
    return ScheduleRow(planned.name, planned.spec, cursor, slot.due if slot else None)


def tick(tx: Tx, configuration: Configuration, now: datetime) -> None:
    """Account for every slot that has come. New runs wake the sweep, which hands them to the queue."""
    moved: list[ScheduleRow] = []
    new: list[tuple[Run, int]] = []
    for row in tx.schedules.due(now):
        planned = configuration.planned.get(row.name)
        if planned is None or planned.spec != row.spec:
            continue  # another replica has a newer configuration; it looks after this row
        if planned.trigger is Trigger.RHYTHM:
            runs, cursor = _rhythm(planned, row.cursor, now)
            moved.append(_next(planned, cursor=cursor, after=now))
        else:
            runs, cursor = _slots(planned, row.cursor, now)
            moved.append(_next(planned, cursor=cursor))
        new += runs
        if len(new) >= CHUNK:
            tx.runs.add_all(new)
            new.clear()
    tx.runs.add_all(new)
    tx.schedules.save(*moved)


def _slots(planned: Planned, cursor: datetime, now: datetime) -> tuple[list[tuple[Run, int]], datetime]:
    """The latest slot within its grace gets a run; those before it are named in that run's digest.

    Returns the runs, and up to where every slot is accounted for with them.
    """
    slots = planned.schedule.between(cursor, now, CHUNK)
    if not slots:
        return [], now
    fresh = [slot for slot in slots if now - slot.due <= GRACE]
    stale = slots[: len(slots) - len(fresh)]
    following = planned.schedule.next_after(slots[-1].due)
    more = following is not None and following.due <= now  # the chunk is full; the latest slot is in another
    states = [RunState.MISSED] * len(stale) + [RunState.COALESCED] * len(fresh)
    if fresh and not more:
        states[-1] = RunState.NEW
    runs = [(_run(planned, slot, state), 0) for slot, state in zip(slots, states, strict=True)]
    return runs, slots[-1].due if more else now


def _rhythm(planned: Planned, cursor: datetime, now: datetime) -> tuple[list[tuple[Run, int]], datetime]:
    """A rhythm posts nothing, so its slots need no row each: the latest one stands for all those before it.

    Where the latest is too late to be run, the next one stands for it, too.
    """
    latest = planned.schedule.latest(cursor, now)
    if latest is None:
        return [], now
    slot, before = latest
    if now - slot.due > GRACE:
        return [], cursor
    return [(_run(planned, slot, RunState.NEW), before)], now


def _run(planned: Planned, slot: Slot, state: RunState) -> Run:
    # What a rhythm looks at is in the configuration, and nobody ticks any of it: 50 rows for each run say nothing more.
    items = planned.checklist.items if state is RunState.NEW and planned.trigger is not Trigger.RHYTHM else ()
    return Run(
        id=0,
        checklist=planned.name,
        title=planned.checklist.title,
        slot=slot.key,
        due_at=slot.due,
        state=state,
        trigger=planned.trigger,
        channel=planned.checklist.channel,
        items=tuple(RunItem(item, owner=item.owner) for item in items),
        overdue_at=slot.due + planned.checklist.due_in if planned.checklist.due_in else None,
    )


def start_run(
    tx: Tx, checklist: Checklist, *, slot: str, trigger: Trigger, now: datetime, channel: str, by: str | None = None
) -> int | None:
    """A run that no schedule asked for: at start, or by hand. `None` if this slot exists already."""
    run = Run(
        id=0,
        checklist=checklist.name,
        title=checklist.title,
        slot=slot,
        due_at=now,
        state=RunState.NEW,
        trigger=trigger,
        channel=channel,
        requested_by=by,
        items=tuple(RunItem(item, owner=item.owner) for item in checklist.items),
        overdue_at=now + checklist.due_in if checklist.due_in else None,
    )
    return tx.runs.add(run)


def sweep(tx: Tx, now: datetime) -> list[int]:
    """Runs to hand over again; those too late for it become missed, and their messages say so."""
    late = tx.runs.give_up_late(now - GRACE)
    tx.messages.touch(*(f"run:{run_id}" for run_id in late))
    waiting = tx.runs.to_enqueue(unclaimed_for=UNCLAIMED_FOR)
    tx.runs.enqueued(waiting)
    return waiting
