"""Schedules against an oracle: five years of random crons, walked day by day."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.days import MONTHS
from bot.domain.schedules import BadSchedule, Schedule, parse_cron, parse_schedule

APIA = ZoneInfo("Pacific/Apia")
ZONES = tuple(
    map(
        ZoneInfo,
        (
            "Europe/Amsterdam",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Asia/Beirut",
            "America/Havana",
            "Europe/London",
            "UTC",
        ),
    )
)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORDS = (
    "weekdays at 09:00",
    "daily at 02:30 and 03:00",
    "weekends at 00:30 and 02:15",
    "hourly at :15 and :45",
    "weekdays hourly at :15",
    "every 6 hours",
    "every 7 minutes",
    "every 2 days at 02:30",
    "every 2 weeks on monday at 09:00",
    "second and fourth tuesday of the month at 10:00",
    "last friday of the quarter at 10:00",
    "on the 1st and last day of the month at 02:00",
    "last weekday of the month at 16:00",
    "every year on 29 february at 10:00",
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# An oracle that shares nothing with the schedules: it makes a cron text together with the values it means, takes the
# wall from walking UTC hour by hour, and looks at every day.


@dataclass(frozen=True)
class Cron:
    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    dates: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday

    either: bool  # neither of the two begins with a star

    def means(self, day: date) -> bool:
        by_date, by_week = day.day in self.dates, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (by_date or by_week if self.either else by_date and by_week)


def random_field(dice: random.Random, low: int, high: int, names: tuple[str, ...] = ()) -> tuple[str, frozenset[int]]:
    """A cron field and its values."""

    def name(value: int) -> str:
        return names[value - low] if names and dice.random() < 0.3 else str(value)

    def part() -> tuple[str, set[int]]:
        first, last = sorted((dice.randint(low, high), dice.randint(low, high)))
        match dice.randrange(5):
            case 0:
                step = dice.randint(1, high - low)
                return f"*/{step}", set(range(low, high + 1, step))
            case 1:
                return f"{name(first)}-{name(last)}", set(range(first, last + 1))
            case 2:
                step = dice.randint(1, 9) if high > 9 else dice.randint(1, 3)
                return f"{name(first)}-{name(last)}/{step}", set(range(first, last + 1, step))
            case _:
                return name(first), {first}

    if dice.random() < 0.35:
        return "*", frozenset(range(low, high + 1))
    parts = [part() for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    return ",".join(text for text, _ in parts), frozenset(value for _, values in parts for value in values)


def random_cron(dice: random.Random) -> Cron:
    months = tuple(name[:3] for name in MONTHS)
    fields = [
        random_field(dice, 0, 59),
        random_field(dice, 0, 23),
        random_field(dice, 1, 31),
        random_field(dice, 1, 12, months),
        random_field(dice, 0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
    ]
    either = not any(fields[place][0].startswith("*") for place in (2, 4))
    return Cron(" ".join(text for text, _ in fields), *(values for _, values in fields), either=either)


@dataclass(frozen=True)
class Stretch:
    """Between two changes of the clock: from when (UTC, naive) the wall is how far ahead."""

    start: datetime
    end: datetime
    ahead: timedelta


def stretches(zone: ZoneInfo, start: datetime, end: datetime) -> list[Stretch]:
    """The offsets of a zone, found by reading its wall every half hour (UTC to wall is never ambiguous)."""
    found: list[Stretch] = []
    moment = begun = start
    ahead = None
    while moment <= end:
        wall = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        if ahead is not None and wall - moment != ahead:
            found.append(Stretch(begun, moment, ahead))
            begun = moment
        ahead = wall - moment
        moment += 30 * MINUTE
    assert ahead is not None
    return [*found, Stretch(begun, moment, ahead)]


def oracle(cron: Cron, walls: list[Stretch], days: Iterable[date]) -> set[tuple[str, datetime]]:
    """(key, due) of all slots whose nominal day is among `days`."""
    minutes = sorted(60 * hour + minute for hour in cron.hours for minute in cron.minutes)
    hourly = len(cron.hours) == 24
    dues: dict[datetime, tuple[bool, str]] = {}
    for day in days:
        if not cron.means(day):
            continue
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
        near = [wall for wall in walls if wall.start - DAY < midnight + DAY and midnight - DAY < wall.end + DAY]
        for minute in minutes:
            wall = midnight + minute * MINUTE
            real = [wall - one.ahead for one in near if one.start <= wall - one.ahead < one.end]
            for due in real if hourly else real[:1]:
                dues[due] = (True, f"{due:%Y-%m-%dT%H:%M:%SZ}" if hourly else f"{wall:%Y-%m-%dT%H:%M}")
            if not real and not hourly:
                before = max((one for one in near if one.end <= wall - one.ahead), key=lambda one: one.end)
                dues.setdefault(wall - before.ahead, (False, f"{wall:%Y-%m-%dT%H:%M}"))
    return {(key, due.replace(tzinfo=UTC)) for due, (_, key) in dues.items()}


FIRST, YEARS_LATER = datetime(2024, 1, 1), datetime(2029, 1, 1)  # noqa: DTZ001


@pytest.fixture(scope="module")
def walls() -> dict[ZoneInfo, list[Stretch]]:
    return {zone: stretches(zone, FIRST - 3 * DAY, YEARS_LATER + 3 * DAY) for zone in ZONES}


@pytest.mark.parametrize("hundred", range(5))
def test_random_crons_agree_with_a_walk_over_every_day_of_five_years(
    hundred: int, walls: dict[ZoneInfo, list[Stretch]]
) -> None:
    dice = random.Random(hundred)
    everyday = [FIRST.date() + timedelta(days=number) for number in range((YEARS_LATER - FIRST).days)]
    for _ in range(100):
        cron, zone = random_cron(dice), dice.choice(ZONES)
        meant = sum(map(cron.means, everyday))
        try:
            schedule = parse_cron(cron.text, zone=zone)
        except BadSchedule:
            assert not meant
            continue
        busy = len(cron.minutes) * len(cron.hours) * meant > 800
        for start, days in _windows(dice, walls[zone], everyday) if busy else [(everyday[0], len(everyday))]:
            expected = oracle(cron, walls[zone], (start + timedelta(days=number) for number in range(-2, days + 2)))
            lower = datetime(start.year, start.month, start.day, tzinfo=UTC)
            upper = lower + timedelta(days=days)
            wanted = sorted((slot for slot in expected if lower < slot[1] <= upper), key=lambda slot: slot[1])
            found = schedule.between(lower, upper, 10**6)
            assert [(slot.key, slot.due) for slot in found] == wanted, (cron.text, zone)


def _windows(dice: random.Random, walls: list[Stretch], everyday: list[date]) -> list[tuple[date, int]]:
    """For crons that are due very often: the days on which something can go wrong, and some others."""
    changes = [(wall.start - DAY).date() for wall in walls[1:]]
    chosen = dice.sample(changes, 2) if len(changes) > 1 else []
    leap = date(2024, 2, 28), date(2028, 2, 28)
    return [*((day, 3) for day in chosen), (dice.choice(leap), 3), (dice.choice(everyday[:-9]), 2), (everyday[364], 3)]


def test_random_crons_agree_with_croniter_where_no_clock_is_changed() -> None:
    dice = random.Random(2026)
    for _ in range(150):
        cron = random_cron(dice)
        odd = re.search(r"\b(\w+)-\1\b", cron.text)  # croniter stumbles over 42-42/6
        if odd or re.fullmatch(r"\S+ \S+ (\*/.*|\S+ \S+ \*/.*|.*,.*)", cron.text):
            continue  # croniter counts */2 as a restriction, cron does not
        try:
            schedule = parse_cron(cron.text, zone=ZoneInfo("UTC"))
        except BadSchedule:
            continue
        other = croniter(cron.text, utc("2026-11-22T09:00"))
        expected = [other.get_next(datetime) for _ in range(15)]
        assert [slot.due for slot in schedule.between(utc("2026-11-22T09:00"), utc("2200-01-01"), 15)] == expected, cron


_schedules = some.one_of(
    some.builds(
        lambda seed, zone: _some_schedule(random.Random(seed), zone),
        some.integers(0, 10**6),
        some.sampled_from((*ZONES, APIA)),
    ),
    some.builds(
        lambda text, zone, off: parse_schedule(text, zone=zone, exceptions=frozenset(off)),
        some.sampled_from(WORDS),
        some.sampled_from((*ZONES, APIA)),
        some.sets(some.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5),
    ),
)
_instants = some.datetimes(datetime(2008, 1, 1), datetime(2040, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001


def _some_schedule(dice: random.Random, zone: ZoneInfo) -> Schedule:
    try:
        return parse_cron(random_cron(dice).text, zone=zone)
    except BadSchedule:
        return parse_cron("30 2 * * *", zone=zone)


@given(schedule=_schedules, start=_instants)
def test_slots_never_repeat_and_never_go_backwards(schedule: Schedule, start: datetime) -> None:
    found = schedule.between(start, start + timedelta(days=20_000), 40)
    assert all(slot.due > start for slot in found)
    assert all(earlier.due < later.due for earlier, later in pairwise(found))
    assert len({slot.key for slot in found}) == len(found)


@given(schedule=_schedules, start=_instants, part=some.floats(0, 1, exclude_max=True))
def test_wherever_one_asks_from_the_same_slot_is_next(schedule: Schedule, start: datetime, part: float) -> None:
    first = schedule.next_after(start)
    if first is not None:
        between = start + (first.due - start) * part
        assert between >= first.due or schedule.next_after(between) == first
