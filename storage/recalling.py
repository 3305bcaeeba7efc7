"""Recalls the facts that rules ask for: each question is asked once, for all checks of a run.

Up to the *edge* hours are rolled up; what came after it is read from the results themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, func, select, tuple_, union_all

from bot.domain.history import HistoryNeed, NotEnough
from storage import tables as t
from storage.rollups import HOUR, Numbers, hour_of, key_of, rolled_until, values_of

_LOOKS = 20
"""Results that are read to find the newest one with a metric; a look may have failed to report it."""

_AT_ONCE = 100
"""Checks in one statement that has a part for each."""

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)

Fact = float | NotEnough
Values = dict[str | None, float]
"""Numbers by object."""

Looks = dict[str, list[Any]]
"""Looks by check, each with its moment and its metrics."""

_Series = tuple[str, str]
"""A check and a metric."""


class Recall:
    """The facts of one run's checks, as of `now`."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._recent: Looks = {}

    @cached_property
    def _edge(self) -> datetime:
        return rolled_until(self._connection) or _BEFORE_ALL

    def facts(self, needs: Mapping[str, Collection[HistoryNeed]]) -> dict[str, dict[HistoryNeed, Fact]]:
        """What each check needs, as far as there is enough history; one fact for each object that is known."""
        facts: dict[str, dict[HistoryNeed, Fact]] = {check: {} for check in needs}
        asked: dict[HistoryNeed, list[str]] = {}
        for check, wanted in needs.items():
            for need in wanted:
                asked.setdefault(need, []).append(check)
        began = self._began(asked)
        for need, checks in asked.items():
            ready = []
            for check in checks:
                start = began.get((check, need.metric))
                if start is None or (need.window is not None and start > self._now - need.window):
                    enough = (start or self._now) + need.window if need.window is not None else None
                    facts[check][need] = NotEnough(enough)
                else:
                    ready.append(check)
            for check, values in self._values(need, ready).items():
                for about, value in values.items():
                    facts[check][HistoryNeed(need.function, need.metric, need.window, about)] = value
        return facts

    def _values(self, need: HistoryNeed, checks: Collection[str]) -> dict[str, Values]:
        if not checks:
            return {}
        if need.function == "missing_for":
            return self._missing(need.metric, checks)
        if need.function == "previous":
            return self._at(need.metric, checks, self._now - timedelta(microseconds=1))
        assert need.window is not None  # bot.domain.history reads none of these without one
        since = self._now - need.window
        return self._at(need.metric, checks, since) if need.function == "change" else self._over(need, checks, since)

    def _began(self, asked: Mapping[HistoryNeed, Collection[str]]) -> dict[_Series, datetime]:
        """When each was first reported: to the look where that decides whether there is enough, else to the hour."""
        series = {(check, need.metric) for need, checks in asked.items() for check in checks}
        checks, metrics = sorted({check for check, _ in series}), sorted({metric for _, metric in series})
        key = (t.rollup.c.check_name, t.rollup.c.metric)
        first = select(*key, func.min(t.rollup.c.hour)).where(key[0].in_(checks), key[1].in_(metrics)).group_by(*key)
        began = {(check, metric): hour for check, metric, hour in self._connection.execute(first)}
        # Rolled up or not, a beginning within an hour of the longest window's end is looked for among the looks.
        longest: dict[_Series, timedelta] = {}
        for need, each in asked.items():
            for check in each:
                window = need.window or timedelta()
                longest[check, need.metric] = max(longest.get((check, need.metric), window), window)
        unsure: dict[datetime, list[_Series]] = {}
        for one in series:
            hour = began.get(one)
            if hour is not None and hour + HOUR > self._now - longest[one]:
                unsure.setdefault(hour, []).append(one)
        for hour, some in unsure.items():
            began |= _first(self._looks({check for check, _ in some}, since=hour, until=hour + HOUR), some)
        unknown = [one for one in series if one not in began]
        return began | _first(self._since_edge({check for check, _ in unknown}), unknown)

    def _missing(self, metric: str, checks: Collection[str]) -> dict[str, Values]:
        """For how many seconds each object has not been reported."""
        key = (t.rollup.c.check_name, t.rollup.c.about)
        latest = select(*key, func.max(t.rollup.c.last_at)).where(*_of(checks, metric)).group_by(*key)
        found: dict[str, dict[str, tuple[str | None, datetime]]] = {check: {} for check in checks}
        for check, about, at in self._connection.execute(latest):
            found[check][about] = (about or None, at)
        for check, rows in self._since_edge(checks).items():
            for row in rows:
                found[check] |= {key_of(about): (about, row.looked_at) for about in values_of(row, metric)}
        return {
            check: {about: (self._now - at).total_seconds() for about, at in each.values()}
            for check, each in found.items()
        }

    def _at(self, metric: str, checks: Collection[str], moment: datetime) -> dict[str, Values]:
        """Each object's value at the last look up to that moment that reported any."""
        found: dict[str, Values] = {}

        def take(looks: Looks) -> None:
            for check, newest_first in looks.items():
                values = next((v for row in newest_first if (v := values_of(row, metric))), None)
                if values and check not in found:
                    found[check] = values

        def rest() -> list[str]:
            return [check for check in checks if check not in found]

        take(self._newest(checks, moment))
        if moment >= self._edge and rest():
            # Of what is not rolled up, every look may be the one; of what is, the last few.
            recent = self._since_edge(rest())
            take({check: [row for row in reversed(rows) if row.looked_at <= moment] for check, rows in recent.items()})
            take(self._newest(rest(), self._edge - timedelta(microseconds=1)))
        return found | self._rolled_at(metric, rest(), moment)

    def _rolled_at(self, metric: str, checks: Collection[str], moment: datetime) -> dict[str, Values]:
        """The same of looks that are forgotten, to the hour."""
        if not checks:
            return {}
        latest = select(t.rollup.c.check_name, func.max(t.rollup.c.hour)).where(
            *_of(checks, metric), t.rollup.c.last_at <= moment
        )
        hours = self._connection.execute(latest.group_by(t.rollup.c.check_name)).all()
        rows = select(t.rollup.c.check_name, t.rollup.c.about, t.rollup.c.last).where(
            *_of(checks, metric), tuple_(t.rollup.c.check_name, t.rollup.c.hour).in_([tuple(each) for each in hours])
        )
        found: dict[str, Values] = {}
        for check, about, last in self._connection.execute(rows) if hours else ():
            found.setdefault(check, {})[about or None] = last
        return found

    def _over(self, need: HistoryNeed, checks: Collection[str], since: datetime) -> dict[str, Values]:
        """The looks of a window: whole hours as rolled up; the hour that it begins in, and the last, as they were."""
        sums: dict[str, dict[str, Numbers]] = {check: {} for check in checks}
        names: dict[tuple[str, str], str | None] = {}
        whole = hour_of(since) + HOUR if since != hour_of(since) else since
        key = (t.rollup.c.check_name, t.rollup.c.about)
        summed = (func.sum(t.rollup.c["count"]), func.sum(t.rollup.c.total))
        extremes = (func.min(t.rollup.c.lowest), func.max(t.rollup.c.highest))
        rolled = select(*key, *summed, *extremes).where(
            *_of(checks, need.metric), t.rollup.c.hour >= whole, t.rollup.c.hour < self._edge
        )
        for check, about, *numbers in self._connection.execute(rolled.group_by(*key)):
            names[check, about] = about or None
            sums[check][about] = Numbers(*numbers)
        parts = [self._since_edge(checks)]
        if since < self._edge:
            parts.insert(0, self._looks(checks, since=since, until=min(whole, self._edge)))
        for part in parts:
            for check, rows in part.items():
                for row in rows:
                    if not since <= row.looked_at < self._now:
                        continue
                    for about, value in values_of(row, need.metric).items():
                        names[check, key_of(about)] = about
                        sums[check].setdefault(key_of(about), Numbers()).add(value)
        return {
            check: {names[check, about]: numbers.say(need.function) for about, numbers in each.items()}
            for check, each in sums.items()
        }

    def _since_edge(self, checks: Collection[str]) -> Looks:
        """The looks that are not rolled up yet, oldest first."""
        if unread := [check for check in checks if check not in self._recent]:
            self._recent |= self._looks(unread, since=self._edge)
        return {check: self._recent[check] for check in checks}

    def _looks(self, checks: Collection[str], *, since: datetime, until: datetime | None = None) -> Looks:
        """The looks of a span, oldest first."""
        query = _LOOK.where(t.result.c.check_name.in_(checks), t.result.c.looked_at >= since)
        if until is not None:
            query = query.where(t.result.c.looked_at < until)
        return self._by_check(checks, self._connection.execute(query.order_by(t.result.c.looked_at)))

    def _newest(self, checks: Collection[str], until: datetime) -> Looks:
        """The last looks up to that moment, newest first."""
        found: Looks = {}
        for some in _in_parts(sorted(checks)):
            parts = []
            for check in some:
                query = _LOOK.where(t.result.c.check_name == check, t.result.c.looked_at <= until)
                newest = query.order_by(t.result.c.looked_at.desc()).limit(_LOOKS).subquery()
                parts.append(select(newest))
            rows = self._connection.execute(union_all(*parts)).all()
            found |= self._by_check(some, sorted(rows, key=lambda row: row.looked_at, reverse=True))
        return found

    def _by_check(self, checks: Collection[str], rows: Iterable[Any]) -> Looks:
        looks: Looks = {check: [] for check in checks}
        for row in rows:
            looks[row.check_name].append(row)
        return looks


_LOOK = select(t.result.c.check_name, t.result.c.looked_at, t.result.c.metrics)


def _first(looks: Looks, series: Iterable[_Series]) -> dict[_Series, datetime]:
    """When each was first reported in these looks."""
    found: dict[_Series, datetime] = {}
    for check, metric in series:
        first = next((row.looked_at for row in looks.get(check, ()) if values_of(row, metric)), None)
        if first is not None:
            found[check, metric] = first
    return found


def _of(checks: Collection[str], metric: str) -> tuple[Any, Any]:
    return (t.rollup.c.check_name.in_(checks), t.rollup.c.metric == metric)


def _in_parts(checks: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(checks), _AT_ONCE):
        yield checks[first : first + _AT_ONCE]
