"""Stretches of time as people write and read them: `90m`, `1h30m`, `2 days`, `until monday 14:00`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.days import MONTHS, WEEKDAYS
from bot.domain.near import did_you_mean

LONGEST = timedelta(days=3660)
"""Ten years: longer is a slip of the finger, and far from where dates overflow."""

MORNING = time(9)
"""What a day without an hour means to somebody who says "quiet until monday"."""

_LONGEST_UNTIL = 6
"""Words that say when a quiet ends: `until next monday at 9 am`."""

_BEGINNINGS = ("until", "till", "for", "in")

_MEANT = 'expected a time such as "90s", "15m", "1h30m", "2 days" or "1w"'
_SPELLINGS = {
    "milliseconds": ("ms", "millisecond", "milliseconds"),
    "seconds": ("s", "sec", "secs", "second", "seconds"),
    "minutes": ("m", "min", "mins", "minute", "minutes"),
    "hours": ("h", "hr", "hrs", "hour", "hours"),
    "days": ("d", "day", "days"),
    "weeks": ("w", "wk", "wks", "week", "weeks"),
}
UNITS = {word: timedelta(**{unit: 1}) for unit, words in _SPELLINGS.items() for word in words}
"""How people write the units of time, and how long each is."""

_UNEQUAL = {"month": "30 days", "months": "30 days", "mo": "30 days", "year": "365 days", "years": "365 days"}
_PART = re.compile(r"(?P<count>\d+(?:\.\d+)?|\ban?\b)\s*(?P<unit>[a-z]*)(?:\s*(?:,|\band\b))?\s*", re.ASCII)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?\s*(?P<half>am|pm)?", re.ASCII)
_NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0), "morning": MORNING}


class BadDuration(ValueError):
    """The text is no stretch of time; the message is a sentence that says what was expected."""


class TooLong(BadDuration):
    """It is a stretch of time, but no sane one."""


def parse_duration(text: str) -> timedelta:
    """`90m`, `2h`, `1h30m`, `1.5 h`, `2 days`, `1w`, `an hour`; `0m` is a duration, too.

    Raises:
        BadDuration: no unit, an unknown unit, months or years (which differ in length), or over ten years.
    """
    rest = " ".join(text.lower().split())
    total, position = timedelta(), 0
    while position < len(rest):
        part = _PART.match(rest, position)
        if part is None:
            raise BadDuration(f'"{text}" is not a duration; {_MEANT}')
        total += _part(part["count"], part["unit"], text)
        position = part.end()
        if total > LONGEST:
            raise TooLong(f'"{text}" is longer than ten years; {_MEANT}')
    if not rest:
        raise BadDuration(f"a duration is empty; {_MEANT}")
    return total


def _part(count: str, unit: str, text: str) -> timedelta:
    if not unit:
        raise BadDuration(f'"{text}" has a number without a unit; write {count}s, {count}m or {count}h')
    if unit in _UNEQUAL:
        raise BadDuration(f'"{text}": months and years differ in length; write days, for example "{_UNEQUAL[unit]}"')
    if unit not in UNITS:
        raise BadDuration(f'"{text}": "{unit}" is not a unit of time{did_you_mean(unit, UNITS)}; {_MEANT}')
    number = 1.0 if count.startswith("a") else float(count)
    if number > 1e9:
        raise TooLong(f'"{text}" is longer than ten years; {_MEANT}')
    return number * UNITS[unit]


def is_unequal(word: str) -> bool:
    """Whether that is a unit of time that is not always as long: a month, a year."""
    return word.lower() in _UNEQUAL


def says_an_end(word: str) -> bool:
    """Whether a word begins to say how long, or until when: `2h`, `until`."""
    if word.lower() in _BEGINNINGS:
        return True
    try:
        return parse_duration(word) > timedelta()
    except BadDuration:
        return False


def say(length: timedelta) -> str:
    """A duration for people, in its two largest units: `1 h 30 min`, `2 days`, `45 s`, `500 ms`."""
    if length < timedelta():
        return f"minus {say(-length)}"
    if length < timedelta(seconds=1):
        return f"{length // timedelta(milliseconds=1)} ms" if length else "0 s"
    seconds = round(length.total_seconds())
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next(index for index, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


def parse_clock(text: str) -> time | None:
    """A time of day: `09:00`, `9:30`, `9am`, `9:30 pm`, `noon`, `midnight`; `None` when it is none."""
    word = " ".join(text.lower().split())
    if word in _NAMED_TIMES:
        return _NAMED_TIMES[word]
    match = _CLOCK.fullmatch(word)
    if match is None or not (match["minute"] or match["half"]):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive wall time.

    A wall time that happens twice (autumn) is its first; one that never happens (spring) is as long after
    midnight as it says: 02:30 on a 23-hour day is 03:30 on the wall.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def parse_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When a quiet ends: `2h`, `for 2 days`, `until 18:00`, `until tomorrow`, `until monday 14:00`, `until 2026-12-01`.

    Args:
        now: aware.
        zone: whose clock and calendar the words mean. A day without an hour means 09:00.

    Returns:
        A UTC instant after `now`.

    Raises:
        BadDuration: not understood, or not in the future.
    """
    words = " ".join(text.lower().replace(",", " ").split())
    words = re.sub(r"^(?:until|till|for|in) ", "", words)
    try:
        end = _calendar_end(words, now.astimezone(zone).replace(tzinfo=None), zone)
        if end is None:
            end = now.astimezone(UTC) + parse_duration(words)
    except TooLong:
        raise
    except (BadDuration, ValueError, OverflowError) as error:
        hint = did_you_mean(words.split(" ")[0], WEEKDAYS) if words else ""
        raise BadDuration(
            f'"{text}" does not say when it ends{hint}; expected for example "2h", "until 18:00", '
            '"until tomorrow", "until monday 14:00" or "until 2026-12-31"'
        ) from error
    if end <= now:
        raise BadDuration(f'"{text}" is not in the future; every quiet needs an end that is')
    return end


def split_until(text: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """When a quiet ends, and the words after that: `2h a part is ordered`, `until monday 09:00 because of the move`.

    As many words as can be are the end. Args, returns and errors as with `parse_until`.
    """
    words = text.split()
    mistakes: list[BadDuration] = []
    for count in range(min(len(words), _LONGEST_UNTIL), 0, -1):
        try:
            return parse_until(" ".join(words[:count]), now, zone), " ".join(words[count:])
        except BadDuration as error:
            mistakes.append(error)
    if not words:
        raise BadDuration(f"how long is missing; {_MEANT}")
    shortest = 2 if words[0].lower() in _BEGINNINGS else 1
    raise mistakes[-min(shortest, len(mistakes))]


def _calendar_end(words: str, here: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of words that name a day or a time of day; `here` is the wall time now, naive."""
    clock = parse_clock(words.removeprefix("at "))
    if clock is not None:
        today = instant(datetime.combine(here.date(), clock), zone)
        later = today if today > instant(here, zone) else None
        return later or instant(datetime.combine(here.date() + timedelta(days=1), clock), zone)
    first, _, rest = words.removeprefix("next ").partition(" ")
    day = _day(first, here.date())
    if day is None and rest:
        second, _, after = rest.partition(" ")
        day, rest = _day_and_month(first, second, here.date()), after
    if day is None:
        return None
    clock = parse_clock(rest.removeprefix("at ")) if rest else MORNING
    if clock is None:
        raise BadDuration(f'"{rest}" is not a time of day')
    end = datetime.combine(day, clock)
    if first in WEEKDAYS and end <= here:
        end += timedelta(days=7)
    return instant(end, zone)


def _day(word: str, today: date) -> date | None:
    if word == "today":
        return today
    if word == "tomorrow":
        return today + timedelta(days=1)
    for index, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]):
            return today + timedelta(days=(index - today.weekday()) % 7)
    return date.fromisoformat(word) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word) else None


def _day_and_month(first: str, second: str, today: date) -> date | None:
    """`1 december`, `december 1st`: this year's, or next year's once that has passed."""
    number, month = (first, second) if first[:1].isdigit() else (second, first)
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", number)
    index = next((index for index, name in enumerate(MONTHS, 1) if month in (name, name[:3])), None)
    if found is None or index is None:
        return None
    day = date(today.year, index, int(found[1]))
    return day if day >= today else day.replace(year=today.year + 1)
