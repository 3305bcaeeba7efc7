"""Schedules in words: `weekdays at 09:00`, `last friday of the quarter at noon`, `every 90 minutes`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.days import MONTHS, WEEKDAYS, WEEKEND, WORKDAY, WORKDAYS, BadSchedule, Days, Pattern
from bot.domain.durations import BadDuration, parse_clock, parse_duration
from bot.domain.near import nearest

ORDINALS = ("first", "second", "third", "fourth", "fifth")

_QUARTERS = {1: frozenset((1, 4, 7, 10)), -1: frozenset((3, 6, 9, 12))}
_GROUPS = {
    **dict.fromkeys(("day", "days", "daily"), frozenset(range(7))),
    **dict.fromkeys(("weekday", "weekdays", "workday", "workdays"), WORKDAYS),
    **dict.fromkeys(("weekend", "weekends"), WEEKEND),
}
_GRAMMAR = """hourly every each other on at and to through of the in hour minute second week month quarter year
minutes hours seconds weeks months quarters weekly monthly quarterly yearly annually last noon midnight
past working business cron"""
_VOCABULARY = (*WEEKDAYS, *MONTHS, *ORDINALS, *_GROUPS, *_GRAMMAR.split())
_SHORT = frozenset(word[:3] for word in (*WEEKDAYS, *MONTHS)) | {"tues", "thur", "thurs", "sept"}
_LONGEST = 200
_EXAMPLES = '"weekdays at 09:00", "first monday of the month at 10:00" or "every 6 hours"'

_CLOCKS = re.compile(r"(?P<days>.*?)\s*(?:(?:^|\b)at )\s*(?P<times>.+?)(?: (?:on|every|each) (?P<after>.+))?")
_BARE_CLOCK = re.compile(r"(?P<days>.+?) (?P<times>\d{1,2}:\d{2}.*|noon|midnight)(?P<after>)")
_HOURLY = re.compile(r"(?:(?P<days>.*?),? ?(?:hourly|every hour))(?: (?:at|on) (?P<minutes>.+))?")
_INTERVAL = re.compile(r"every (?P<length>(?:\d|an? ).*|minute|second)")
_EVERY_FEW = re.compile(
    r"(?:every (?P<word>other|second|2nd|third|3rd|fourth|4th)|(?:every )?(?P<count>\d+)) "
    r"(?P<unit>days?|weeks?|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?: on (?P<weekdays>.+))?"
)
_OF = r"(?: (?:of|in) (?:the |every |each )?(?P<of>.+))?"
_AND = "(?:, and |, | and )"
_PLACE = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|last)"
_NTH = re.compile(rf"(?P<places>{_PLACE}(?:{_AND}{_PLACE})*) (?P<day>[a-z]+){_OF}")
_DATE = r"(?:the )?(?:\d{1,2}(?:st|nd|rd|th)?|last day)"
_DATES = re.compile(rf"(?P<dates>{_DATE}(?:{_AND}{_DATE})*){_OF}")


def read_words(text: str) -> Pattern | timedelta:
    """What the words mean: days and times, or an interval.

    Raises:
        BadSchedule: not understood.
    """
    words = re.sub(r"\s*,\s*", ", ", " ".join(text.lower().split())).replace("–", "-").strip(" ,.")
    words = words.removesuffix(" at")
    words = re.sub(r"\b(?:working|business) day", "weekday", words)
    if len(words) > _LONGEST:
        raise BadSchedule(f"a schedule of {len(words)} characters is too long; expected for example {_EXAMPLES}")
    if not words:
        raise BadSchedule(f"the schedule is empty; expected for example {_EXAMPLES}")
    try:
        return _hourly(words) or _interval(words) or _timed(words)
    except BadSchedule as error:
        sentence, expected, rest = str(error).partition("; expected")
        near = "" if "did you mean" in sentence else _suggestion(words)
        raise BadSchedule(f'"{text.strip()}": {sentence}{near}{expected}{rest}') from None


def _hourly(words: str) -> Pattern | None:
    match = _HOURLY.fullmatch(words)
    if match is None:
        return None
    minutes = {0}
    if match["minutes"]:
        minutes = set()
        for part in _parts(match["minutes"]):
            past = re.fullmatch(r":([0-5]\d)", part.removeprefix("at "))
            if past is None:
                raise BadSchedule(f'"{part}" is not a minute of the hour; expected for example hourly at :15')
            minutes.add(int(past[1]))
    days = _days(match["days"]) if match["days"] else Days()
    return Pattern(days, tuple(60 * hour + minute for hour in range(24) for minute in sorted(minutes)))


def _interval(words: str) -> timedelta | None:
    match = _INTERVAL.fullmatch(words)
    if match is None or re.search(r"\b(?:at|on)\b", words) or re.match(rf"every {_PLACE} ", words):
        return None
    length = match["length"]
    try:
        return parse_duration(f"1 {length}" if length.isalpha() else length)
    except BadDuration as error:
        raise BadSchedule(str(error)) from None


def _timed(words: str) -> Pattern:
    match = _CLOCKS.fullmatch(words) or _BARE_CLOCK.fullmatch(words)
    if match is None:
        days = _days(words)  # a misspelt day is told before a missing time
        raise BadSchedule(f'it says no time of day; write "{words} at 09:00"' if days else "")
    times = {_minutes(part.removeprefix("at ")) for part in _parts(match["times"])}
    return Pattern(_days(match["days"].rstrip(",") or match["after"] or "day"), tuple(sorted(times)))


def _minutes(text: str) -> int:
    clock = parse_clock(text)
    if clock is None:
        hint = f"; write {int(text):02}:00" if text.isdigit() and int(text) < 24 else _elsewhere(text)
        raise BadSchedule(f'"{text}" is not a time of day{hint or "; expected for example 09:00"}')
    return clock.hour * 60 + clock.minute


def _elsewhere(text: str) -> str:
    """Where what stands behind a time of day belongs; empty if there is no other key for it."""
    clock, _, rest = text.partition(" ")
    if parse_clock(clock) is None:
        return ""
    if re.match(r"(?:except|excluding|without|but not|not on)\b", rest):
        return f"; write {clock}, and the days under `except:`"
    if re.fullmatch(r"z|utc|gmt|[ecmp][sd]t|ces?t|[bij]st|aest|[a-z]+/[a-z_]+", rest):
        return f"; write {clock}, and the zone under `timezone:`"
    return ""


def _days(words: str) -> Days:
    words = re.sub(r"^(?:weekly|monthly|quarterly|yearly|annually|every year|each year),?(?: on)? ", r"\g<0>\n", words)
    rhythm, _, words = words.rpartition("\n")
    few = _EVERY_FEW.fullmatch(words)
    if few:
        return _every_few(few["count"] or few["word"], few["unit"], few["weekdays"])
    words = re.sub(r"^(?:(?:on|every|each|the) )+", "", words)
    words = re.sub(r"^first (?=of )", "1st ", words)
    annual = [_annual(part) for part in _parts(words)]
    if None not in annual:
        return _on_annual(frozenset(pair for pair in annual if pair))
    of = {"quarterly": "quarter", "yearly": "year", "annually": "year"}.get(rhythm.split(" ")[0].strip(","), "month")
    nth = _NTH.fullmatch(words)
    if nth:
        return _nth(nth["places"], nth["day"], nth["of"] or of)
    dates = _DATES.fullmatch(words)
    if dates:
        numbers = frozenset(_date(part) for part in _parts(dates["dates"]))
        return Days(months=_months(dates["of"] or of, numbers, numbers), dates=numbers)
    return Days() if (weekdays := _weekdays(words)) == frozenset(range(7)) else Days(weekdays=weekdays)


def _every_few(count: str, unit: str, weekdays: str | None) -> Days:
    step = int(count) if count.isdigit() else 2 if count == "other" else _place(count)
    if not 1 <= step <= 366:
        raise BadSchedule(f"every {step} {unit} is not from 1 to 366")
    if unit.rstrip("s") == "day":
        return Days(every_days=step)
    named = unit if unit in WEEKDAYS else weekdays
    if named is None:
        raise BadSchedule(f'it does not say on which day; write "every {step} weeks on monday at 09:00"')
    return Days(weekdays=_weekdays(named), every_weeks=step)


def _nth(places: str, day: str, of: str) -> Days:
    numbers = frozenset(_place(part) for part in _parts(places))
    if day == "day":
        return Days(months=_months(of, numbers, numbers), dates=numbers)
    weekday = WORKDAY if day in ("weekday", "workday") else _weekday(day)
    if any(number > 5 and weekday != WORKDAY for number in numbers):
        raise BadSchedule(f"no month has a {max(numbers)}th {day}; expected first to fifth, or last")
    return Days(months=_months(of, numbers, {4}), nth=frozenset((number, weekday) for number in numbers))


def _months(of: str, places: frozenset[int], sure: Iterable[int]) -> frozenset[int]:
    """The months of `month`, `quarter`, `year` or a list of names.

    Args:
        places: first, second … of it; -1 is the last.
        sure: up to the largest of these, a place of a quarter or year lies in its first month.
    """
    if of in ("month", "months"):
        return frozenset(range(1, 13))
    if of in ("quarter", "year"):
        ends = {-1 if place < 0 else 1 for place in places}
        if len(ends) > 1 or max(places) > max(sure) or max(places) > 28:
            raise BadSchedule(f"of the {of} there can be a first to fourth, or a last, in one schedule")
        months = _QUARTERS[ends.pop()]
        return months if of == "quarter" else frozenset({max(months) if -1 in places else min(months)})
    return frozenset(_month(part) for part in _parts(of))


def _annual(words: str) -> tuple[int, int] | None:
    """(1, 15) of `15 january`, `january 15th`, `15th of january`."""
    match = re.fullmatch(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3,})", words)
    day, month = (match[1], match[2]) if match else ("", "")
    if match is None and (match := re.fullmatch(r"([a-z]{3,}) (?:the )?(\d{1,2})(?:st|nd|rd|th)?", words)):
        day, month = match[2], match[1]
    if match is None or month in ("month", "weeks", "quarter") or _names_days(month):
        return None
    number = _month(month)
    if not 1 <= int(day) <= (29 if number == 2 else 30 if number in (4, 6, 9, 11) else 31):
        raise BadSchedule(f"{MONTHS[number - 1]} has no day {day}")
    return number, int(day)


def _on_annual(pairs: frozenset[tuple[int, int]]) -> Days:
    return Days(months=frozenset(month for month, _ in pairs), annual=pairs)


def _date(text: str) -> int:
    if text.removeprefix("the ") == "last day":
        return -1
    number = int(re.sub(r"\D", "", text))
    if not 1 <= number <= 31:
        raise BadSchedule(f"no month has a day {number}")
    return number


def _place(text: str) -> int:
    if text == "last":
        return -1
    return ORDINALS.index(text) + 1 if text in ORDINALS else _date(text)


def _weekdays(words: str) -> frozenset[int]:
    found: set[int] = set()
    for part in _parts(words):
        first, dash, last = re.sub(r" (?:to|through|thru|until) | ?- ?", "-", part.removeprefix("on ")).partition("-")
        if dash:
            low, high = _weekday(first), _weekday(last)
            found |= {day % 7 for day in range(low, high + 1 if low <= high else high + 8)}
        else:
            found |= _GROUPS.get(first) or {_weekday(first)}
    return frozenset(found)


def _names_days(word: str) -> bool:
    return word in _GROUPS or any(_stands_for(name, word) for name in WEEKDAYS)


def _stands_for(name: str, word: str) -> bool:
    """Whether a word is a day's or a month's name, or a beginning of it that is long enough."""
    return word in (name, f"{name}s", name[:3]) or (len(word) > 3 and name.startswith(word))


def _weekday(word: str) -> int:
    for index, name in enumerate(WEEKDAYS):
        if _stands_for(name, word):
            return index
    raise BadSchedule(f'"{word}" is not a day; expected for example {_EXAMPLES}')


def _month(word: str) -> int:
    for index, name in enumerate(MONTHS, 1):
        if _stands_for(name, word):
            return index
    raise BadSchedule(f'"{word}" is not a month')


def _parts(words: str) -> list[str]:
    """The members of `a, b and c`."""
    return [part for part in re.split(r", and |, | and ", words) if part]


def _suggestion(words: str) -> str:
    for word in re.findall(r"[a-z]{3,}", words):
        if word not in _VOCABULARY and word.removesuffix("s") not in _VOCABULARY and word not in _SHORT:
            near = nearest(word, _VOCABULARY)
            if near:
                return f" (did you mean {near}?)"
    return ""
