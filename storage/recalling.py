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

_Series = tuple[str, str]
"""A check and a metric."""


class Recall:
    """The facts of one run's checks, as of `now`."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

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
            began |= self._first(some, since=hour, until=hour + HOUR)
        return began | self._first([one for one in series if one not in began], since=self._edge, until=self._now)

    def _first(self, series: Collection[_Series], *, since: datetime, until: datetime) -> dict[_Series, datetime]:
        """When each was first reported in that span: most likely at one of its first looks."""
        checks = {check for check, _ in series}
        found = _earliest(self._few(checks, since=since, until=until), series)
        rest = [one for one in series if one not in found]
        return found | _earliest(self._looks({check for check, _ in rest}, since=since, until=until), rest)

    def _missing(self, metric: str, checks: Collection[str]) -> dict[str, Values]:
        """For how many seconds each object has not been reported."""
        key = (t.rollup.c.check_name, t.rollup.c.about)
        latest = select(*key, func.max(t.rollup.c.last_at)).where(*_of(checks, metric)).group_by(*key)
        found: dict[str, dict[str, tuple[str | None, datetime]]] = {check: {} for check in checks}
        for check, about, at in self._connection.execute(latest):
            found[check][about] = (about or None, at)
        # A look still to come is of a clock that was ahead: nothing is missing for less than no time.
        for row in self._looks(checks, since=self._edge, until=self._now + timedelta(microseconds=1)):
            known = found[row.check_name]
            for about in values_of(row, metric):
                _, at = known.get(key_of(about), (about, row.looked_at))
                known[key_of(about)] = (about, max(at, row.looked_at))
        return {
            check: {about: (self._now - at).total_seconds() for about, at in each.values()}
            for check, each in found.items()
        }

    def _at(self, metric: str, checks: Collection[str], moment: datetime) -> dict[str, Values]:
        """Each object's value at the last look up to that moment that reported any."""
        found: dict[str, Values] = {}

        def take(looks: Iterable[Any]) -> list[str]:
            """The newest of these looks count; returns the checks that none of them told of."""
            newest: dict[str, tuple[datetime, Values]] = {}
            for row in looks:
                known = newest.get(row.check_name)
                if (known is None or row.looked_at > known[0]) and (values := values_of(row, metric)):
                    newest[row.check_name] = row.looked_at, values
            found.update({check: values for check, (_, values) in newest.items()})
            return [check for check in checks if check not in found]

        end = moment + timedelta(microseconds=1)
        rest = take(self._few(checks, until=end))
        if moment >= self._edge and rest:
            # Of what is not rolled up, every look may be the one; of what is, the last few.
            rest = take(self._looks(rest, since=self._edge, until=end))
            rest = take(self._few(rest, until=self._edge))
        return found | self._rolled_at(metric, rest, moment)

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
        spans = [(since, whole), (self._edge, self._now)] if whole < self._edge else [(since, self._now)]
        for start, end in spans:
            for row in self._looks(checks, since=start, until=end):
                check = row.check_name
                for about, value in values_of(row, need.metric).items():
                    names[check, key_of(about)] = about
                    sums[check].setdefault(key_of(about), Numbers()).add(value)
        return {
            check: {names[check, about]: numbers.say(need.function) for about, numbers in each.items()}
            for check, each in sums.items()
        }

    def _looks(self, checks: Collection[str], *, since: datetime, until: datetime | None = None) -> Iterable[Any]:
        """The looks of a span, in no order: they may be many, and none is kept."""
        if not checks:
            return ()
        query = _LOOK.where(t.result.c.check_name.in_(checks), t.result.c.looked_at >= since)
        return self._connection.execute(query if until is None else query.where(t.result.c.looked_at < until))

    def _few(self, checks: Collection[str], *, until: datetime, since: datetime | None = None) -> Iterator[Any]:
        """The first looks of each from `since` on; without it, the last ones before `until`."""
        column = t.result.c.looked_at
        for some in _in_parts(sorted(checks)):
            parts = []
            for check in some:
                query = _LOOK.where(t.result.c.check_name == check, column < until)
                query = (
                    query.order_by(column.desc()) if since is None else query.where(column >= since).order_by(column)
                )
                parts.append(select(query.limit(_LOOKS).subquery()))
            yield from self._connection.execute(union_all(*parts))


_LOOK = select(t.result.c.check_name, t.result.c.looked_at, t.result.c.metrics)


def _earliest(looks: Iterable[Any], series: Iterable[_Series]) -> dict[_Series, datetime]:
    """When each was first reported in these looks."""
    wanted, found = set(series), dict[_Series, datetime]()
    for row in looks:
        for metric in {name for name, _, _ in row.metrics}:
            one = (row.check_name, metric)
            if one in wanted:
                found[one] = min(found.get(one, row.looked_at), row.looked_at)
    return found


def _of(checks: Collection[str], metric: str) -> tuple[Any, Any]:
    return (t.rollup.c.check_name.in_(checks), t.rollup.c.metric == metric)


def _in_parts(checks: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(checks), _AT_ONCE):
        yield checks[first : first + _AT_ONCE]
