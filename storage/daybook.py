"""What a day was made of: its runs, its incidents and their stories, and what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from bot.domain.incidents import Entry, Incident, Reason
from bot.domain.reports import RunSummary
from bot.domain.runs import ItemState, RunState, Trigger
from checks import Outcome
from storage import tables as t
from storage.incidents import Incidents
from storage.rollups import hours

MOST = 2_000
"""Runs, incidents or lines of a day that are read; a page of more would be read by nobody."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a metric of a check went: its last value, and between what it was."""

    check: str
    metric: str
    about: str | None
    last: float
    last_at: datetime
    lowest: float
    highest: float


class Daybook:
    """Questions that the report of a day asks."""

    def __init__(self, connection: Connection, incidents: Incidents) -> None:
        self._connection = connection
        self._incidents = incidents

    def runs(self, begin: datetime, end: datetime) -> list[RunSummary]:
        """Runs that were due then, but for the rhythms of single checks, which post nothing; the newest, if many."""
        query = (
            select(t.run)
            .where(t.run.c.due_at >= begin, t.run.c.due_at < end, t.run.c.trigger != Trigger.RHYTHM.value)
            .order_by(t.run.c.id.desc())
            .limit(MOST)
        )
        rows = self._connection.execute(query).all()
        ids = [row.id for row in rows]
        outcomes = self._counted(t.result.c.run_id, t.result.c.outcome, ids)
        items = self._counted(t.run_item.c.run_id, t.run_item.c.state, ids, t.run_item.c.check_name.is_(None))
        return [
            RunSummary(
                row.id,
                row.checklist,
                row.title,
                row.due_at,
                RunState(row.state),
                Trigger(row.trigger),
                Counter({Outcome(name): count for name, count in outcomes.get(row.id, {}).items()}),
                Counter({ItemState(name): count for name, count in items.get(row.id, {}).items()}),
            )
            for row in rows
        ]

    def _counted(self, run_id: Any, what: Any, ids: Collection[int], *more: Any) -> dict[int, dict[str, int]]:
        query = select(run_id, what, func.count()).where(run_id.in_(ids), *more).group_by(run_id, what)
        counted: dict[int, dict[str, int]] = {}
        for owner, name, count in self._connection.execute(query):
            counted.setdefault(owner, {})[name] = count
        return counted

    def incidents(self, begin: datetime, end: datetime) -> list[Incident]:
        """Those that were going on at any time between the two, the oldest first."""
        over = t.incident.c.resolved_at
        query = select(t.incident).where(t.incident.c.opened_at < end, or_(over.is_(None), over >= begin))
        return self._incidents.load(query.order_by(t.incident.c.opened_at).limit(MOST))

    def story(self, incidents: Collection[Incident], begin: datetime, end: datetime) -> list[tuple[Incident, Entry]]:
        """What was written into the timelines of these then, in order."""
        by_id = {incident.id: incident for incident in incidents}
        query = (
            select(t.timeline)
            .where(t.timeline.c.incident_id.in_(by_id), t.timeline.c.at >= begin, t.timeline.c.at < end)
            .order_by(t.timeline.c.id)
            .limit(MOST)
        )
        return [
            (by_id[row.incident_id], Entry(row.at, Reason(row.reason), row.text, row.by, row.via, row.id))
            for row in self._connection.execute(query)
        ]

    def courses(self, checks: Collection[str], begin: datetime, end: datetime) -> list[Course]:
        """How the metrics of these checks went between the two, to the hour in which it begins."""
        found: dict[tuple[str, str, str], Course] = {}
        for row in hours(self._connection, checks, begin, end):
            key = (row["check_name"], row["metric"], row["about"])
            before = found.get(key)
            found[key] = Course(
                row["check_name"],
                row["metric"],
                row["about"] or None,
                row["last"],
                row["last_at"],
                min(row["lowest"], before.lowest) if before else row["lowest"],
                max(row["highest"], before.highest) if before else row["highest"],
            )
        return list(found.values())
