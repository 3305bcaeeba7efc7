"""Holidays from an iCalendar text: the days on which a schedule rests (`except:`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.days import Days

LAST_YEAR = 2050
"""How far a yearly holiday without an end is followed, if nothing else is said."""

_LONGEST_EVENT = timedelta(days=366)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNDERSTOOD = frozenset(("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"))


class BadHolidays(ValueError):
    """The text is no calendar, or repeats in a way that we do not follow; the message is a sentence."""


def holidays(ics_text: str, *, last_year: int = LAST_YEAR) -> frozenset[date]:
    """The days of all-day events, each day of longer ones included.

    Events with a time of day are appointments and are left out, cancelled events too. Of repetitions those that
    holidays have are followed, until `last_year`: every year (or every n-th) on a date, or on the n-th weekday of a
    month. Any other repetition is refused rather than half understood.

    Raises:
        BadHolidays: no calendar, or an event that repeats otherwise.
    """
    from icalendar import Calendar  # few configurations have holidays

    try:
        calendars = Calendar.from_ical(ics_text, multiple=True)
        events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise BadHolidays(f"this is no iCalendar text ({error})") from error
    if not calendars:
        raise BadHolidays("this is no iCalendar text: it has no VCALENDAR")
    return frozenset(day for event in events for day in _days(event, last_year))


def _days(event: Any, last_year: int) -> Iterator[date]:
    name = str(event.get("SUMMARY", "an event without a name"))
    try:
        first = _day(event.get("DTSTART"))
        if first is None or str(event.get("STATUS", "")).upper() == "CANCELLED":
            return
        length = _length(event, first)
        rules = event.get("RRULE")
        starts = {first, *_listed(event, "RDATE")}
        for rule in rules if isinstance(rules, list) else [rules] if rules else []:
            starts |= set(_yearly(rule, first, last_year))
        starts -= set(_listed(event, "EXDATE"))
    except BadHolidays as error:
        raise BadHolidays(f'"{name}" {error}') from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise BadHolidays(f'"{name}" is not understood ({error})') from error
    for start in starts:
        yield from (start + timedelta(days=number) for number in range(length.days))


def _day(field: Any) -> date | None:
    """The day of a DATE value; `None` for one with a time."""
    value = getattr(field, "dt", None)
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _length(event: Any, first: date) -> timedelta:
    end = _day(event.get("DTEND"))
    length = end - first if end is not None else getattr(event.get("DURATION"), "dt", timedelta(days=1))
    if length > _LONGEST_EVENT:
        raise BadHolidays(f"lasts {length.days} days; expected at most a year")
    return max(length, timedelta(days=1))  # an end on the first day itself means that day, as calendars show it


def _listed(event: Any, name: str) -> Iterator[date]:
    """The dates of RDATE or EXDATE, which may stand in one field or in several."""
    fields = event.get(name)
    for field in fields if isinstance(fields, list) else [fields] if fields else []:
        for value in field.dts:
            day = _day(value)
            if day is not None:
                yield day


def _yearly(rule: Any, first: date, last_year: int) -> Iterator[date]:
    """The starts that a repetition adds, `first` among them if the rule means it."""
    strange = {str(name).upper() for name in rule} - _UNDERSTOOD
    if strange or _values(rule, "FREQ") != ["YEARLY"]:
        raise BadHolidays(
            f"repeats as {rule.to_ical().decode()}; expected FREQ=YEARLY with BYMONTH, BYMONTHDAY or BYDAY"
        )
    days = _rule_days(rule, first)
    interval, count = int(_one(rule, "INTERVAL", 1)), int(_one(rule, "COUNT", 0))
    until = rule.get("UNTIL", [None])[0]
    last = min(date(last_year, 12, 31), until.date() if isinstance(until, datetime) else until or date.max)
    found = 0
    day = days.first_from(first)
    while day is not None and day <= last and (not count or found < count):
        if (day.year - first.year) % max(interval, 1) == 0:
            found += 1
            yield day
        day = days.first_from(day + timedelta(days=1))


def _rule_days(rule: Any, first: date) -> Days:
    months, dates, weekdays = (_values(rule, name) for name in ("BYMONTH", "BYMONTHDAY", "BYDAY"))
    if weekdays and not months:
        raise BadHolidays("repeats on a weekday without BYMONTH; expected for example BYMONTH=11;BYDAY=4TH")
    plain, nth = set(), set()
    for text in weekdays:
        match = re.fullmatch(r"([+-]?\d+)?([A-Z]{2})", text)
        if match is None or match[2] not in _WEEKDAYS:
            raise BadHolidays(f"repeats on {text}, which is no weekday")
        weekday = _WEEKDAYS.index(match[2])
        if match[1]:
            nth.add((int(match[1]), weekday))
        else:
            plain.add(weekday)
    return Days(
        months=frozenset(map(int, months)) or frozenset({first.month}),
        dates=frozenset(map(int, dates)) or (None if weekdays else frozenset({first.day})),
        weekdays=frozenset(plain) if plain else None,
        nth=frozenset(nth),
        either=False,
    )


def _values(rule: Any, name: str) -> list[str]:
    return [str(value).upper() for value in rule.get(name, [])]


def _one(rule: Any, name: str, otherwise: int) -> Any:
    return rule.get(name, [otherwise])[0]
