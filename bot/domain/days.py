"""Which days: the calendar half of a schedule, as a set of rules over months, dates and weekdays."""

from __future__ import annotations

import calendar
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
ALL_MONTHS = frozenset(range(1, 13))
WORKDAYS = frozenset(range(5))
WEEKEND = frozenset((5, 6))

WORKDAY = 7
"""In place of a weekday: any day from Monday to Friday, as in "last weekday of the month"."""

HORIZON_YEARS = 40
"""How far a next day is looked for. 29 February on one weekday comes after 28 years, around 2100 after 40."""

_FIRST_DAY = date(1970, 1, 1).toordinal()
_FIRST_MONDAY = date(1970, 1, 5).toordinal()


class BadSchedule(ValueError):
    """The text is no schedule; the message is a sentence that says what was expected."""


@dataclass(frozen=True, slots=True)
class Days:
    """A rule that says of each day whether it is meant. Without restrictions: every day.

    Args:
        months: 1 to 12.
        dates: days of the month; -1 is the last. `None`: any.
        weekdays: 0 is Monday. `None`: any, unless `nth` restricts them.
        nth: (1, 0) is the first Monday of the month, (-1, 4) the last Friday; a weekday may be `WORKDAY`.
        either: with dates and weekdays both given, one of them suffices (as in cron), or both must hold.
        annual: (month, day) pairs; then only they count.
        every_days: only each n-th day, counted from 1 January 1970.
        every_weeks: only each n-th week, counted from Monday, 5 January 1970.
    """

    months: frozenset[int] = ALL_MONTHS
    dates: frozenset[int] | None = None
    weekdays: frozenset[int] | None = None
    nth: frozenset[tuple[int, int]] = frozenset()
    either: bool = True
    annual: frozenset[tuple[int, int]] = frozenset()
    every_days: int = 1
    every_weeks: int = 1

    def first_from(self, day: date) -> date | None:
        """`day` itself or the next day that is meant; `None` when there is none within `HORIZON_YEARS`."""
        year, month, earliest = day.year, day.month, day.day
        last = min(year + HORIZON_YEARS, 9990)
        while year <= last:
            if month in self.months:
                numbers = _numbers(self, year, month)
                place = bisect_left(numbers, earliest)
                if place < len(numbers):
                    return date(year, month, numbers[place])
            earliest = 1
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return None

    def means(self, day: date) -> bool:
        return day.month in self.months and day.day in _numbers(self, day.year, day.month)


@lru_cache(maxsize=8192)
def _numbers(days: Days, year: int, month: int) -> tuple[int, ...]:
    """The days of one month that are meant, ascending."""
    first_weekday, length = calendar.monthrange(year, month)
    meant = range(1, length + 1)
    if days.annual:
        found = {day for number, day in days.annual if number == month and day <= length}
    else:
        by_date = None if days.dates is None else {day if day > 0 else length + 1 + day for day in days.dates}
        by_week = _by_weekday(days, first_weekday, length)
        found = set(meant)
        if by_date is not None and by_week is not None and days.either:
            found &= by_date | by_week
        else:
            for restriction in (by_date, by_week):
                found = found if restriction is None else found & restriction
    start = date(year, month, 1).toordinal() - 1
    return tuple(
        day
        for day in sorted(found)
        if (start + day - _FIRST_DAY) % days.every_days == 0
        and (start + day - _FIRST_MONDAY) // 7 % days.every_weeks == 0
    )


def _by_weekday(days: Days, first_weekday: int, length: int) -> set[int] | None:
    if days.weekdays is None and not days.nth:
        return None
    of = {day: (first_weekday + day - 1) % 7 for day in range(1, length + 1)}
    found = {day for day, weekday in of.items() if weekday in (days.weekdays or ())}
    for place, wanted in days.nth:
        having = [day for day, weekday in of.items() if weekday == wanted or (wanted == WORKDAY and weekday < 5)]
        index = place - 1 if place > 0 else place
        if -len(having) <= index < len(having):
            found.add(having[index])
    return found


@dataclass(frozen=True)
class Pattern:
    """Days and times of day. `times` are minutes since midnight on the wall, ascending; `cron` where it came so."""

    days: Days
    times: tuple[int, ...]
    cron: str | None = field(default=None, compare=False)

    @cached_property
    def hourly(self) -> tuple[int, ...] | None:
        """The minutes, if the pattern is the same in all 24 hours; then it means hours as they pass."""
        minutes = tuple(time for time in self.times if time < 60)
        same = [hour * 60 + minute for hour in range(24) for minute in minutes]
        return minutes if minutes and list(self.times) == same else None
