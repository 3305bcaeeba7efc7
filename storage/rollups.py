"""Roll-ups: an hour's looks of each check, metric and object as a count, a sum and their extremes.

They are made of the stored results once an hour is over. With every result they would cost more than everything else
that is stored of it, in time and in pages of the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select

from storage import tables as t
from storage.rows import upsert

HOUR = timedelta(hours=1)

LATE = timedelta(minutes=10)
"""How long after an hour its last looks may be stored: until then it is not rolled up."""

CHUNK = timedelta(days=1)
"""What is rolled up in one go after a long time without."""

_ABOUT = 200
"""Characters of an object's name; a longer one is cut, with a hash so that it stays itself."""

_KEYS = ("check_name", "metric", "about", "hour")


@dataclass(slots=True)
class Numbers:
    """Looks taken together."""

    count: int = 0
    total: float = 0.0
    lowest: float = inf
    highest: float = -inf

    def add(self, value: float) -> None:
        """One more look."""
        self.count += 1
        self.total += value
        self.lowest = min(self.lowest, value)
        self.highest = max(self.highest, value)

    def merge(self, other: Numbers) -> None:
        """The looks of another hour as well."""
        self.count += other.count
        self.total += other.total
        self.lowest = min(self.lowest, other.lowest)
        self.highest = max(self.highest, other.highest)

    def say(self, function: str) -> float:
        """Their `average`, `lowest` or `highest`."""
        return {"average": self.total / self.count, "lowest": self.lowest, "highest": self.highest}[function]


@dataclass(slots=True)
class _Rolled(Numbers):
    last: float = 0.0
    last_at: datetime | None = None


class Rollups:
    """Rolls results up."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def wanted(self) -> list[tuple[datetime, datetime]]:
        """The spans of whole hours that are over and not rolled up, oldest first.

        The newest hour that is rolled up is done once more with the next, for looks that were stored very late.
        """
        end = hour_of(self._now - LATE)
        edge = rolled_until(self._connection)
        start = edge - HOUR if edge is not None else self._first()
        if start is None or (edge is not None and edge >= end):
            return []
        spans = []
        while start < end:
            spans.append((start, min(start + CHUNK, end)))
            start += CHUNK
        return spans

    def too_early(self) -> bool:
        """Whether an hour is rolled up that is not over: by a clock that was ahead."""
        edge = rolled_until(self._connection)
        return edge is not None and edge > hour_of(self._now)

    def forget_too_early(self) -> None:
        """Forget those: what is looked at from now on would count only after them. Their looks make them anew."""
        self._connection.execute(delete(t.rollup).where(t.rollup.c.hour >= hour_of(self._now)))

    def _first(self) -> datetime | None:
        first: datetime | None = self._connection.scalar(select(func.min(t.result.c.looked_at)))
        return None if first is None else hour_of(first)

    def of(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """The rows of that span, from its results."""
        checks = self._connection.scalars(select(t.watch.c.check_name).order_by(t.watch.c.check_name)).all()
        return [row for check in checks for row in summed(self._connection, check, since, until)]

    def keep(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store them, all of a span at once: readers take the newest hour for the end of what is rolled up."""
        upsert(self._connection, t.rollup, *rows, key=_KEYS)


def summed(connection: Connection, check: str, since: datetime, until: datetime | None) -> Iterator[dict[str, Any]]:
    """The results of a check between two moments, as rows like those of roll-ups; in order of time for each object."""
    rolled: dict[tuple[str, str, datetime], _Rolled] = {}
    for row in connection.execute(looks_of(check, since, until)):
        hour = hour_of(row.looked_at)
        # As in a rule: of two values of one object the last one counts.
        latest = {(metric, key_of(about)): value for metric, value, about in row.metrics}
        for (metric, about), value in latest.items():
            numbers = rolled.setdefault((metric, about, hour), _Rolled())
            numbers.add(value)
            numbers.last, numbers.last_at = value, row.looked_at
    for (metric, about, hour), numbers in sorted(rolled.items(), key=lambda item: item[0]):
        yield {
            "check_name": check,
            "metric": metric,
            "about": about,
            "hour": hour,
            "count": numbers.count,
            "total": numbers.total,
            "lowest": numbers.lowest,
            "highest": numbers.highest,
            "last": numbers.last,
            "last_at": numbers.last_at,
        }


def hours(
    connection: Connection,
    checks: Collection[str],
    since: datetime,
    until: datetime | None = None,
    *,
    metric: str | None = None,
) -> Iterator[Mapping[str, Any]]:
    """The hours of these checks from that of `since` on: rolled up, or summed now; in order of time for each object."""
    begin, edge = hour_of(since), rolled_until(connection)
    if edge is not None:
        query = select(t.rollup).where(t.rollup.c.check_name.in_(checks), t.rollup.c.hour >= begin)
        if metric is not None:
            query = query.where(t.rollup.c.metric == metric)
        if until is not None:
            query = query.where(t.rollup.c.hour < until)
        for rolled in connection.execute(query.order_by(t.rollup.c.hour)):
            yield rolled._asdict()
    for check in checks:
        for row in summed(connection, check, begin if edge is None else max(begin, edge), until):
            if metric is None or row["metric"] == metric:
                yield row


def rolled_until(connection: Connection) -> datetime | None:
    """The end of the newest hour that is rolled up; `None` if none is."""
    newest: datetime | None = connection.scalar(select(func.max(t.rollup.c.hour)))
    return None if newest is None else newest + HOUR


def looks_of(check: str, since: datetime, until: datetime | None) -> Select[Any]:
    """The looks of a check in a span, as moments and metrics, oldest first."""
    query = select(t.result.c.looked_at, t.result.c.metrics).where(t.result.c.check_name == check)
    if until is not None:
        query = query.where(t.result.c.looked_at < until)
    return query.where(t.result.c.looked_at >= since).order_by(t.result.c.looked_at)


def values_of(row: Any, metric: str) -> dict[str | None, float]:
    """What a look reported of a metric, by object."""
    return {about: value for name, value, about in row.metrics if name == metric}


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour, in UTC."""
    return moment.replace(minute=0, second=0, microsecond=0)


def key_of(about: str | None) -> str:
    """An object's name as roll-ups have it."""
    if about is None or len(about) <= _ABOUT:
        return about or ""
    return about[: _ABOUT - 17] + "…" + hashlib.sha256(about.encode()).hexdigest()[:16]
