"""Cron's five fields, as cron means them.

Standard: `*`, lists, ranges, steps, names; 0 and 7 are Sunday; with day of month and day of week both restricted,
either suffices, and a field that begins with `*` does not count as restricted. Beyond the standard: ranges that wrap
(`fri-mon`, `22-2`), `L` (last day), `5L` (last Friday), `1#1` (first Monday), `?` for `*`, and `@daily` and its like.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.days import ALL_MONTHS, MONTHS, WEEKDAYS, BadSchedule, Days, Pattern
from bot.domain.near import did_you_mean, listed

_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five: its name, its values, and the words for them."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 5:
            value = int(text)
            if self.low <= value <= self.high:
                return value
            raise BadSchedule(f"cron: the {self.name} {text} is not between {self.low} and {self.high}")
        for index, word in enumerate(self.words):
            if text in (word, word[:3]):
                return index + self.low
        known = (*self.words, *(word[:3] for word in self.words))
        raise BadSchedule(
            f'cron: "{text}" is not a {self.name}{did_you_mean(text, known)}; '
            f"expected {self.low} to {self.high}, *, or a list, range or step of them"
        )

    @property
    def size(self) -> int:
        """How many different values: a week has seven days, though cron has two names for Sunday."""
        return 7 if self.high == 7 else self.high - self.low + 1


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DATE = _Field("day of month", 1, 31)
_MONTH = _Field("month", 1, 12, MONTHS)
# Cron's week begins on Sunday; ours, like Python's, on Monday.
_WEEKDAY = _Field("day of week", 0, 7, (WEEKDAYS[6], *WEEKDAYS[:6]))


def read_cron(text: str) -> Pattern:
    """The pattern of five cron fields or an `@` name.

    Raises:
        BadSchedule: not five fields, a value out of range, or a day that never comes (31 February).
    """
    written = " ".join(text.lower().split())
    if written == "@reboot":
        raise BadSchedule(
            "cron: @reboot is no time; for each start of Rounds write `at_start: true`; "
            "expected five fields such as 0 9 * * 1-5"
        )
    if written.startswith("@") and written not in _NICKNAMES:
        raise BadSchedule(
            f'cron: "{text.strip()}" is unknown{did_you_mean(written, _NICKNAMES)}; there are {listed(_NICKNAMES)}'
        )
    fields = _NICKNAMES.get(written, written).split(" ")
    if len(fields) != 5:
        more = " (a field for seconds or years is not cron)" if len(fields) in (6, 7) else ""
        raise BadSchedule(
            f'cron: "{text.strip()}" has {len(fields) if written else 0} fields{more}; '
            "expected five: minute, hour, day of month, month, day of week"
        )
    minute, hour, dates, months, weekdays = fields
    times = sorted(60 * at + past for at in _values(_HOUR, hour) for past in _values(_MINUTE, minute))
    days = _days(dates, weekdays, frozenset(_values(_MONTH, months)))
    return Pattern(days, tuple(times), cron=written)


def _days(dates: str, weekdays: str, months: frozenset[int]) -> Days:
    on_dates = None if dates in ("*", "?") else frozenset(_dates(dates))
    plain, nth = (None, frozenset[tuple[int, int]]()) if weekdays in ("*", "?") else _weekdays(weekdays)
    # As in cron, `*/2` thins out the other field instead of adding to it.
    thins = on_dates is not None and (plain or nth) and (dates[0] in "*?" or weekdays[0] in "*?")
    either = not thins
    if plain is not None and len(plain) == 7 and (thins or on_dates is None):
        plain = None
    return Days(months=months or ALL_MONTHS, dates=on_dates, weekdays=plain, nth=nth, either=either)


def _dates(text: str) -> set[int]:
    found = set()
    for part in text.split(","):
        if part.endswith("w"):
            raise BadSchedule(
                f'cron: "{part}": W is not supported; say it in words: "last weekday of the month at 09:00"'
            )
        found |= {-1} if part == "l" else _values(_DATE, part)
    return found


def _weekdays(text: str) -> tuple[frozenset[int] | None, frozenset[tuple[int, int]]]:
    """Weekdays in Python's numbers, and the first, second … last of the month."""
    plain: set[int] = set()
    nth: set[tuple[int, int]] = set()
    for part in text.split(","):
        day, hash_sign, place = part.partition("#")
        if hash_sign:
            if place not in ("1", "2", "3", "4", "5"):
                raise BadSchedule(f'cron: "{part}": expected a weekday, # and 1 to 5, such as 1#1 for the first monday')
            nth.add((int(place), _from_sunday(_WEEKDAY.number(day))))
        elif part.endswith("l") and part != "l":
            nth.add((-1, _from_sunday(_WEEKDAY.number(part[:-1]))))
        else:
            plain |= {_from_sunday(day) for day in _values(_WEEKDAY, part)}
    return (frozenset(plain) if plain else None), frozenset(nth)


def _from_sunday(day: int) -> int:
    return (day - 1) % 7


def _values(field: _Field, text: str) -> set[int]:
    """The values of a comma-separated list of `*`, `a`, `a-b`, each perhaps with `/step`."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        step = _step(field, part, step_text) if slash else 1
        low_text, dash, high_text = span.partition("-")
        if span in ("*", "?"):
            low, high = field.low, field.low + field.size - 1
        elif dash:
            low, high = field.number(low_text), field.number(high_text)
            if low > high:
                high += field.size
        else:
            low = field.number(span)
            high = field.low + field.size - 1 if slash else low
        found |= {(value - field.low) % field.size + field.low for value in range(low, high + 1, step)}
    return found


def _step(field: _Field, part: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5) or int(text) == 0:
        raise BadSchedule(f'cron: the step in "{part}" is not a number from 1 on; expected for example */15')
    if int(text) > field.size:
        raise BadSchedule(
            f'cron: the step in "{part}" is longer than the {field.name} goes ({field.low} to {field.high}); '
            "for a rhythm that hours and days do not divide, use every: 90m"
        )
    return int(text)
