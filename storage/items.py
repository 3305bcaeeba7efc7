"""Manual items by name: what can be ticked now, and what can be taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from bot.domain.runs import ItemState, RunState
from storage import tables as t

MOST = 500
"""Items that are read."""


@dataclass(frozen=True, slots=True)
class NamedItem:
    """A manual item of a run."""

    run_id: int
    item_id: str
    text: str


class Items:
    """Manual items of runs that are finished and not carried over, the newest run first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self) -> list[NamedItem]:
        """Those that wait for a person."""
        return self._found(t.run_item.c.state == ItemState.OPEN.value, t.run.c.state == RunState.WAITING.value)

    def done(self, checklists: Collection[str], *, since: datetime) -> list[NamedItem]:
        """Those of these checklists that were done or skipped in runs since then, which no later run took over."""
        return self._found(
            t.run_item.c.state.in_((ItemState.DONE.value, ItemState.SKIPPED.value)),
            t.run.c.state.in_((RunState.WAITING.value, RunState.COMPLETE.value)),
            t.run.c.checklist.in_(checklists),
            t.run.c.due_at >= since,
        )

    def _found(self, *which: ColumnElement[bool]) -> list[NamedItem]:
        query = (
            select(t.run_item.c.run_id, t.run_item.c.item_id, t.run_item.c.text)
            .join(t.run, t.run.c.id == t.run_item.c.run_id)
            .where(t.run_item.c.check_name.is_(None), *which)
            .order_by(t.run_item.c.run_id.desc(), t.run_item.c.position)
            .limit(MOST)
        )
        return [NamedItem(*row) for row in self._connection.execute(query)]
