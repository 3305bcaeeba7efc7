"""What was measured: raw results for two weeks, and roll-ups by the hour for 400 days.

Roll-ups are written with the results themselves, in the transaction that a fence protects: each look counts once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.history import HistoryNeed, NotEnough
from bot.domain.runs import Result
from storage import tables as t

HOUR = timedelta(hours=1)

_ABOUT = 200
"""Characters of an object's name; a longer one is cut, with a hash so that it stays itself."""

_LOOKS = 20
"""Results that are read to find the newest one with a metric; a look may have failed to report it."""

Fact = float | NotEnough


class History:
    """Facts from stored results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, results: Iterable[Result]) -> None:
        """Count these results into their hours."""
        rows = [row for result in results for row in _rolled(result)]
        if not rows:
            return
        dialect = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        statement = dialect(t.rollup)
        new, old = statement.excluded, t.rollup.c
        newer = new.last_at >= old.last_at
        merged = {
            "count": old.count + new.count,
            "total": old.total + new.total,
            "lowest": case((new.lowest < old.lowest, new.lowest), else_=old.lowest),
            "highest": case((new.highest > old.highest, new.highest), else_=old.highest),
            "last": case((newer, new.last), else_=old.last),
            "last_at": case((newer, new.last_at), else_=old.last_at),
        }
        keys = ["check_name", "metric", "about", "hour"]
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=merged), rows)

    def facts(self, needs: Mapping[str, Iterable[HistoryNeed]], now: datetime) -> dict[str, dict[HistoryNeed, Fact]]:
        """What the rules of these checks ask for, as of `now`, by check; one fact for each object that is known."""
        return {check: self._of(check, wanted, now) for check, wanted in needs.items() if wanted}

    def _of(self, check: str, needs: Iterable[HistoryNeed], now: datetime) -> dict[HistoryNeed, Fact]:
        facts: dict[HistoryNeed, Fact] = {}
        began: dict[str, datetime | None] = {}
        for need in needs:
            if need.metric not in began:
                began[need.metric] = self._began(check, need.metric)
            start = began[need.metric]
            if start is None or (need.window is not None and start > now - need.window):
                facts[need] = NotEnough((start or now) + need.window if need.window is not None else None)
                continue
            for about, value in self._values(check, need, now).items():
                facts[HistoryNeed(need.function, need.metric, need.window, about)] = value
        return facts

    def _values(self, check: str, need: HistoryNeed, now: datetime) -> dict[str | None, float]:
        match need.function:
            case "missing_for":
                latest = select(t.rollup.c.about, func.max(t.rollup.c.last_at)).where(*_of(check, need.metric))
                rows = self._connection.execute(latest.group_by(t.rollup.c.about))
                return {about or None: (now - at).total_seconds() for about, at in rows}
            case "previous":
                return self._at(check, need.metric, now - timedelta(microseconds=1))
            case "change":
                assert need.window is not None  # bot.domain.history reads no change without one
                return self._at(check, need.metric, now - need.window)
            case _:
                assert need.window is not None
                return self._over(check, need, now - need.window, now)

    def _began(self, check: str, metric: str) -> datetime | None:
        """When this was first reported, to the look as long as that is kept, else to the hour."""
        hour: datetime | None = self._connection.scalar(select(func.min(t.rollup.c.hour)).where(*_of(check, metric)))
        if hour is None:
            return None
        looks = self._looks(check).where(t.result.c.looked_at >= hour, t.result.c.looked_at < hour + HOUR)
        for row in self._connection.execute(looks.order_by(t.result.c.looked_at)):
            if any(name == metric for name, _, _ in row.metrics):
                return row.looked_at  # type: ignore[no-any-return]
        return hour

    def _at(self, check: str, metric: str, moment: datetime) -> dict[str | None, float]:
        """Each object's value at the last look up to that moment."""
        looks = self._looks(check).where(t.result.c.looked_at <= moment)
        for row in self._connection.execute(looks.order_by(t.result.c.looked_at.desc()).limit(_LOOKS)):
            if found := {about: value for name, value, about in row.metrics if name == metric}:
                return found
        latest: ScalarSelect[Any] = (
            select(func.max(t.rollup.c.hour)).where(*_of(check, metric), t.rollup.c.last_at <= moment).scalar_subquery()
        )
        rows = self._connection.execute(
            select(t.rollup.c.about, t.rollup.c.last).where(*_of(check, metric), t.rollup.c.hour == latest)
        )
        return {row.about or None: row.last for row in rows}

    def _over(self, check: str, need: HistoryNeed, since: datetime, until: datetime) -> dict[str | None, float]:
        """The looks of a window: whole hours as rolled up, the hour that it begins in from the looks themselves."""
        whole = hour_of(since) + HOUR if since != hour_of(since) else since
        sums: dict[str | None, tuple[int, float, float, float]] = {}
        looks = self._looks(check).where(t.result.c.looked_at >= since, t.result.c.looked_at < min(whole, until))
        for row in self._connection.execute(looks):
            for name, value, about in row.metrics:
                if name == need.metric:
                    _merge(sums, about, (1, value, value, value))
        hours = select(t.rollup).where(*_of(check, need.metric), t.rollup.c.hour >= whole, t.rollup.c.hour < until)
        for row in self._connection.execute(hours):
            _merge(sums, row.about or None, (row._mapping["count"], row.total, row.lowest, row.highest))
        return {
            about: {"average": total / count, "lowest": lowest, "highest": highest}[need.function]
            for about, (count, total, lowest, highest) in sums.items()
        }

    def series(
        self, check: str, metric: str, *, about: str | None, since: datetime, most: int = 60
    ) -> list[tuple[datetime, float]]:
        """A metric's averages by the hour, oldest first, thinned to `most` points, for a chart."""
        query = (
            select(t.rollup.c.hour, t.rollup.c.total / t.rollup.c.count)
            .where(*_of(check, metric), t.rollup.c.about == _key(about), t.rollup.c.hour >= hour_of(since))
            .order_by(t.rollup.c.hour)
        )
        points = [(hour, float(value)) for hour, value in self._connection.execute(query)]
        step = -(-len(points) // most) or 1
        return points[::-1][::step][::-1]  # the newest is always there

    def forget(self, *, before: datetime, limit: int = 5_000) -> int:
        """Delete roll-ups of hours before then; returns how many."""
        keys = [t.rollup.c.check_name, t.rollup.c.metric, t.rollup.c.about, t.rollup.c.hour]
        old = self._connection.execute(select(*keys).where(t.rollup.c.hour < before).limit(limit)).all()
        for row in old:
            self._connection.execute(
                delete(t.rollup).where(*(column == value for column, value in zip(keys, row, strict=True)))
            )
        return len(old)

    @staticmethod
    def _looks(check: str) -> Select[Any]:
        return select(t.result.c.looked_at, t.result.c.metrics).where(t.result.c.check_name == check)


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour, in UTC."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _of(check: str, metric: str) -> Sequence[Any]:
    return (t.rollup.c.check_name == check, t.rollup.c.metric == metric)


def _key(about: str | None) -> str:
    if about is None or len(about) <= _ABOUT:
        return about or ""
    return about[: _ABOUT - 17] + "…" + hashlib.sha256(about.encode()).hexdigest()[:16]


def _rolled(result: Result) -> list[dict[str, Any]]:
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for metric in result.metrics:
        row = {
            "check_name": result.check,
            "metric": metric.name,
            "about": _key(metric.about),
            "hour": hour_of(result.looked_at),
            "count": 1,
            "total": metric.value,
            "lowest": metric.value,
            "highest": metric.value,
            "last": metric.value,
            "last_at": result.looked_at,
        }
        seen[metric.name, row["about"]] = row  # type: ignore[index]
    return list(seen.values())


def _merge(
    sums: dict[str | None, tuple[int, float, float, float]], about: str | None, more: tuple[int, float, float, float]
) -> None:
    if about not in sums:
        sums[about] = more
        return
    count, total, lowest, highest = sums[about]
    sums[about] = (count + more[0], total + more[1], min(lowest, more[2]), max(highest, more[3]))
