"""Schedules told back in the words that `bot.domain.words` reads."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.days import ALL_MONTHS, MONTHS, WEEKDAYS, WEEKEND, WORKDAY, WORKDAYS, Days, Pattern
from bot.domain.near import listed

_MOST_TIMES = 6
"""Times of day that a person still reads as a list; more are told as cron, which is how they were written."""

_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_FIRST_OF_QUARTER, _LAST_OF_QUARTER = frozenset((1, 4, 7, 10)), frozenset((3, 6, 9, 12))


def describe(rule: Pattern | timedelta) -> str:
    """Canonical words for a pattern or an interval."""
    if isinstance(rule, timedelta):
        return _interval(int(rule.total_seconds()))
    days = _days(rule.days)
    if rule.hourly is not None and days is not None and len(rule.hourly) <= _MOST_TIMES:
        past = "" if rule.hourly == (0,) else f" at {listed(f':{minute:02}' for minute in rule.hourly)}"
        return f"hourly{past}" if days == "daily" else f"{days} hourly{past}"
    if days is None or (rule.cron and len(rule.times) > _MOST_TIMES):
        return f"cron {rule.cron}"
    return f"{days} at {listed(f'{time // 60:02}:{time % 60:02}' for time in rule.times)}"


def _interval(seconds: int) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)):
        # Of one day and one hour the words mean the clock on the wall, so these stay plural.
        if seconds % size == 0 and (seconds > size or size == 60):
            return f"every {unit}".removesuffix("s") if seconds == size else f"every {seconds // size} {unit}"
    return f"every {seconds} seconds"


def _days(days: Days) -> str | None:
    """The words for days; `None` where only cron has them."""
    if days.every_days > 1:
        return f"every {days.every_days} days"
    if days.annual:
        return f"every year on {listed(f'{day} {MONTHS[month - 1]}' for month, day in sorted(days.annual))}"
    by_week = days.weekdays is not None or bool(days.nth)
    if (days.dates is not None and by_week) or (days.nth and days.weekdays is not None):
        return None
    if days.nth:
        return _nth(days)
    if days.dates is not None:
        return _dates(days.dates, days.months)
    if days.months != ALL_MONTHS:
        return None
    weekdays = _weekdays(days.weekdays)
    return f"every {days.every_weeks} weeks on {weekdays}" if days.every_weeks > 1 else weekdays


def _weekdays(weekdays: frozenset[int] | None) -> str:
    names = {None: "daily", WORKDAYS: "weekdays", WEEKEND: "weekends"}
    return names.get(weekdays) or listed(WEEKDAYS[day] for day in sorted(weekdays or ()))


def _nth(days: Days) -> str | None:
    weekdays = {weekday for _, weekday in days.nth}
    if len(weekdays) > 1:
        return None
    weekday = weekdays.pop()
    places = sorted((place for place, _ in days.nth), key=lambda place: place % 9)
    if any(place not in _PLACES for place in places):
        told = listed(_date(place) if place > 0 else "last" for place in places)
    else:
        told = listed(_PLACES[place] for place in places)
    name = "weekday" if weekday == WORKDAY else WEEKDAYS[weekday]
    return f"{told} {name} of {_of(days.months, places)}"


def _dates(dates: frozenset[int], months: frozenset[int]) -> str:
    places = sorted(dates, key=lambda day: day % 99)
    of = _of(months, places)
    if places == [-1]:
        return f"last day of {of}"
    if months == ALL_MONTHS and -1 not in dates:
        return f"on the {listed(_date(day) for day in places)}"
    return f"on the {listed(_date(day) if day > 0 else 'last day' for day in places)} of {of}"


def _of(months: frozenset[int], places: list[int]) -> str:
    if months == ALL_MONTHS:
        return "the month"
    if months == _FIRST_OF_QUARTER and min(places) > 0 and max(places) < 5:
        return "the quarter"
    if months == _LAST_OF_QUARTER and places == [-1]:
        return "the quarter"
    return listed(MONTHS[month - 1] for month in sorted(months))


def _date(day: int) -> str:
    suffix = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"
