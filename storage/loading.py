"""A run put together from its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.runs import Gap, Item, Result, Run, RunItem, RunState, Trigger
from storage import tables as t
from storage.rows import row_item, row_result

# Made once: with SQLAlchemy, making a statement costs more than executing it.
_RESULTS = select(t.result).where(t.result.c.run_id == bindparam("run"))
_ITEMS = select(t.run_item).where(t.run_item.c.run_id == bindparam("run")).order_by(t.run_item.c.position)
_GAPS = select(t.run).where(t.run.c.told_in == bindparam("run")).order_by(t.run.c.due_at)


def whole(connection: Connection, row: Any) -> Run:
    """The run of that row with its items, their results, and the gaps that it names."""
    results = {r.check_name: row_result(r) for r in connection.execute(_RESULTS, {"run": row.id})}
    gaps = tuple(Gap(g.slot, g.due_at, RunState(g.state)) for g in connection.execute(_GAPS, {"run": row.id}))
    return _run(row, items=_items(connection, row.id, results), gaps=gaps)


def unseen(connection: Connection, row: Any) -> Run:
    """The run of that row as it is before anybody has looked: there are no results, and it names no gaps yet."""
    return _run(row, items=_items(connection, row.id, {}))


def _items(connection: Connection, run_id: int, results: Mapping[str, Result]) -> tuple[RunItem, ...]:
    rows = connection.execute(_ITEMS, {"run": run_id}).all()
    if not results:
        return tuple(row_item(row) for row in rows)
    if not rows:  # a check's own rhythm: its items are what was looked at
        return tuple(RunItem(Item(name, name, name), result) for name, result in results.items())
    return tuple(replace(row_item(row), result=results.get(row.check_name)) for row in rows)


def _run(row: Any, *, items: tuple[RunItem, ...], gaps: tuple[Gap, ...] = ()) -> Run:
    return Run(
        id=row.id,
        checklist=row.checklist,
        title=row.title,
        slot=row.slot,
        due_at=row.due_at,
        state=RunState(row.state),
        trigger=Trigger(row.trigger),
        channel=row.channel,
        requested_by=row.requested_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        attempt=row.attempt,
        version=row.version,
        posted=row.posted,
        overdue_at=row.overdue_at,
        items=items,
        gaps=gaps,
    )
