"""Manual items: by name, what can be ticked now and what can be taken back; and what a person did with one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from bot.domain.runs import ItemState, RunItem, RunState
from storage import tables as t
from storage.failures import Outrun

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

    def runs_with_open(self, item_id: str) -> list[int]:
        """The runs in which the item of that id waits for a person."""
        query = (
            select(t.run_item.c.run_id)
            .join(t.run, t.run.c.id == t.run_item.c.run_id)
            .where(t.run.c.state == RunState.WAITING.value, t.run_item.c.item_id == item_id)
            .where(t.run_item.c.check_name.is_(None), t.run_item.c.state == ItemState.OPEN.value)
            .order_by(t.run_item.c.run_id)
        )
        return list(self._connection.scalars(query))

    def save(self, run_id: int, item: RunItem, *, was: ItemState) -> None:
        """What a person did with a manual item.

        Args:
            was: how it stood when that was decided.

        Raises:
            Outrun: somebody else did something with it first.
        """
        values = {
            "state": item.state.value,
            "by": item.by,
            "at": item.at,
            "note": item.note,
            "attached": item.attached,
            "owner": item.owner,
        }
        saved = self._connection.execute(
            update(t.run_item)
            .where(t.run_item.c.run_id == run_id, t.run_item.c.item_id == item.item.id)
            .where(t.run_item.c.state == was.value)
            .values(**values)
        )
        if saved.rowcount != 1:
            raise Outrun("Somebody changed that item a moment ago; look at it again.")

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
