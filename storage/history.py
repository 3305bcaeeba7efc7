"""What was measured: raw results for two weeks, and roll-ups by the hour for 400 days.

An hour is rolled up when it is over (`storage.rollups`); what came after is read from the results themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, ScalarSelect, delete, func, select

from bot.domain.history import HistoryNeed, NotEnough
from storage import tables as t
from storage.rollups import HOUR, Numbers, hour_of, hours, key_of, looks_of, rolled_until, values_of

_LOOKS = 20
"""Results that are read to find the newest one with a metric; a look may have failed to report it."""

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)

Fact = float | NotEnough


class History:
    """Facts from stored results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, needs: Mapping[str, Iterable[HistoryNeed]], now: datetime) -> dict[str, dict[HistoryNeed, Fact]]:
        """What the rules of these checks ask for, as of `now`, by check; one fact for each object that is known."""
        asking = {check: wanted for check, wanted in needs.items() if wanted}
        if not asking:
            return {}
        edge = rolled_until(self._connection) or _BEFORE_ALL
        return {check: _Facts(self._connection, check, edge, now).of(wanted) for check, wanted in asking.items()}

    def series(
        self, check: str, metric: str, *, about: str | None, since: datetime, most: int = 60
    ) -> list[tuple[datetime, float]]:
        """A metric's averages by the hour, oldest first, thinned to `most` points, for a chart."""
        points = [
            (row["hour"], row["total"] / row["count"])
            for row in hours(self._connection, [check], since, metric=metric)
            if row["about"] == key_of(about)
        ]
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


class _Facts:
    """The facts of one check. Up to `edge` its hours are rolled up."""

    def __init__(self, connection: Connection, check: str, edge: datetime, now: datetime) -> None:
        self._connection = connection
        self._check = check
        self._edge = edge
        self._now = now

    def of(self, needs: Iterable[HistoryNeed]) -> dict[HistoryNeed, Fact]:
        facts: dict[HistoryNeed, Fact] = {}
        began: dict[str, datetime | None] = {}
        for need in needs:
            if need.metric not in began:
                began[need.metric] = self._began(need.metric)
            start = began[need.metric]
            if start is None or (need.window is not None and start > self._now - need.window):
                facts[need] = NotEnough((start or self._now) + need.window if need.window is not None else None)
                continue
            for about, value in self._values(need).items():
                facts[HistoryNeed(need.function, need.metric, need.window, about)] = value
        return facts

    def _values(self, need: HistoryNeed) -> dict[str | None, float]:
        match need.function:
            case "missing_for":
                return {about: (self._now - at).total_seconds() for about, at in self._newest(need.metric).items()}
            case "previous":
                return self._at(need.metric, self._now - timedelta(microseconds=1))
            case "change":
                assert need.window is not None  # bot.domain.history reads no change without one
                return self._at(need.metric, self._now - need.window)
            case _:
                assert need.window is not None
                return self._over(need, self._now - need.window)

    def _began(self, metric: str) -> datetime | None:
        """When this was first reported, to the look as long as that is kept, else to the hour."""
        hour: datetime | None = self._connection.scalar(
            select(func.min(t.rollup.c.hour)).where(*_of(self._check, metric))
        )
        since, until = (self._edge, None) if hour is None else (hour, hour + HOUR)
        first = next(self._looks(metric, since=since, until=until), None)
        return first[0] if first is not None else hour

    def _newest(self, metric: str) -> dict[str | None, datetime]:
        """When each object was last reported."""
        latest = select(t.rollup.c.about, func.max(t.rollup.c.last_at)).where(*_of(self._check, metric))
        found = {
            about: (about or None, at) for about, at in self._connection.execute(latest.group_by(t.rollup.c.about))
        }
        for at, values in self._looks(metric, since=self._edge):
            found |= {key_of(about): (about, at) for about in values}
        return dict(found.values())

    def _at(self, metric: str, moment: datetime) -> dict[str | None, float]:
        """Each object's value at the last look up to that moment."""
        query = select(t.result.c.metrics).where(t.result.c.check_name == self._check, t.result.c.looked_at <= moment)
        newest_first = query.order_by(t.result.c.looked_at.desc())
        recent = newest_first.where(t.result.c.looked_at >= self._edge)
        older = newest_first.where(t.result.c.looked_at < self._edge).limit(_LOOKS)
        for part in (recent, older):
            for row in self._connection.execute(part):
                if found := values_of(row, metric):
                    return found
        latest: ScalarSelect[Any] = (
            select(func.max(t.rollup.c.hour))
            .where(*_of(self._check, metric), t.rollup.c.last_at <= moment)
            .scalar_subquery()
        )
        rows = self._connection.execute(
            select(t.rollup.c.about, t.rollup.c.last).where(*_of(self._check, metric), t.rollup.c.hour == latest)
        )
        return {row.about or None: row.last for row in rows}

    def _over(self, need: HistoryNeed, since: datetime) -> dict[str | None, float]:
        """The looks of a window: whole hours as rolled up; the hour that it begins in, and the last, as they were."""
        whole = hour_of(since) + HOUR if since != hour_of(since) else since
        sums: dict[str, Numbers] = {}
        names: dict[str, str | None] = {}
        hours = select(t.rollup).where(*_of(self._check, need.metric))
        for row in self._connection.execute(hours.where(t.rollup.c.hour >= whole, t.rollup.c.hour < self._edge)):
            names[row.about] = row.about or None
            numbers = Numbers(row._mapping["count"], row.total, row.lowest, row.highest)
            sums.setdefault(row.about, Numbers()).merge(numbers)
        spans = [(since, whole), (self._edge, self._now)] if whole < self._edge else [(since, self._now)]
        for start, end in spans:
            for _, values in self._looks(need.metric, since=start, until=end):
                for about, value in values.items():
                    names[key_of(about)] = about
                    sums.setdefault(key_of(about), Numbers()).add(value)
        return {names[key]: numbers.say(need.function) for key, numbers in sums.items()}

    def _looks(
        self, metric: str, *, since: datetime, until: datetime | None = None
    ) -> Iterator[tuple[datetime, Mapping[str | None, float]]]:
        """The looks that reported a metric, oldest first, with its value for each object."""
        for row in self._connection.execute(looks_of(self._check, since, until)):
            if found := values_of(row, metric):
                yield row.looked_at, found


def _of(check: str, metric: str) -> Sequence[Any]:
    return (t.rollup.c.check_name == check, t.rollup.c.metric == metric)
