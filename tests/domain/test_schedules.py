"""Schedules and the slots they make around the year."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.domain.schedules import BadSchedule, every, parse_cron, parse_schedule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CALENDAR = [
    ("0 12 31 * *", ["2027-12-31", "2028-01-31", "2028-03-31", "2028-05-31"], "2027-12-30"),
    ("0 12 29 2 *", ["2028-02-29", "2032-02-29"], "2027-01-01"),
    ("0 12 29 2 1", ["2027-02-01", "2027-02-08"], "2027-01-01"),
    ("0 12 l 2 *", ["2027-02-28", "2028-02-29"], "2027-01-01"),
    ("0 12 L,15 * *", ["2027-01-15", "2027-01-31", "2027-02-15", "2027-02-28"], "2027-01-01"),
    ("0 12 * * 0", ["2027-01-03", "2027-01-10"], "2027-01-01"),
    ("0 12 * * 7", ["2027-01-03", "2027-01-10"], "2027-01-01"),
    ("0 12 * * sun-tue", ["2027-01-03", "2027-01-04", "2027-01-05", "2027-01-10"], "2027-01-01"),
    ("0 12 * * fri-mon", ["2027-01-02", "2027-01-03", "2027-01-04", "2027-01-08"], "2027-01-01T13"),
    ("0 12 * * 5-7", ["2027-01-02", "2027-01-03", "2027-01-08"], "2027-01-01T13"),
    ("0 12 * * 6-2", ["2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05", "2027-01-09"], "2027-01-01"),
    ("0 12 * * 1#1", ["2027-01-04", "2027-02-01"], "2027-01-01"),
    ("0 12 * * 5L", ["2027-01-29", "2027-02-26"], "2027-01-01"),
    ("0 12 * * 1#1,3", ["2027-01-04", "2027-01-06", "2027-01-13"], "2027-01-01"),
    ("0 12 1 * 1", ["2027-01-04", "2027-01-11", "2027-01-18", "2027-01-25", "2027-02-01"], "2027-01-02"),
    ("0 12 */2 * 1", ["2027-01-11", "2027-01-25", "2027-02-01"], "2027-01-02"),
    ("0 12 1 nov-feb *", ["2027-01-01", "2027-02-01", "2027-11-01"], "2026-12-31"),
    ("0 12 1 */5 ?", ["2027-01-01", "2027-06-01", "2027-11-01", "2028-01-01"], "2026-12-31"),
    ("0 12 25/3 * *", ["2027-01-25", "2027-01-28", "2027-01-31", "2027-02-25"], "2027-01-01"),
    ("0 12 1-31 * 1", ["2027-01-01", "2027-01-02"], "2026-12-31T13"),
]


@pytest.mark.parametrize(("text", "days", "after"), [pytest.param(*row, id=row[0]) for row in CALENDAR])
def test_cron_days_are_crons(text: str, days: list[str], after: str) -> None:
    schedule = parse_cron(text, zone=AMSTERDAM)
    found = schedule.between(utc(after if "T" in after else f"{after}T00"), utc("2100-01-01"), len(days))
    assert [slot.key for slot in found] == [f"{day}T12:00" for day in days]


def test_cron_hours_may_go_over_midnight() -> None:
    found = parse_cron("0 22-1 * * *", zone=AMSTERDAM).between(utc("2027-01-01T12:00"), utc("2027-01-02T12:00"), 9)
    assert [slot.key[-5:] for slot in found] == ["22:00", "23:00", "00:00", "01:00"]


def test_the_rarest_day_is_found_and_an_excepted_one_is_not() -> None:
    rare = parse_schedule(
        "every year on 29 february at 10:00", zone=AMSTERDAM, exceptions=frozenset({date(2028, 2, 29)})
    )
    slot = rare.next_after(utc("2026-11-22"))
    assert slot is not None
    assert slot.key == "2032-02-29T10:00"
    around_2100 = rare.next_after(utc("2096-03-01"))
    assert around_2100 is not None
    assert around_2100.key == "2104-02-29T10:00"


HOLIDAYS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("daily at 09:00", ["2026-12-24T09:00", "2026-12-27T09:00"]),
        ("hourly at :59", ["2026-12-24T22:59:00Z", "2026-12-26T23:59:00Z"]),
        ("every 12 hours", ["2026-12-24T12:00:00Z", "2026-12-27T00:00:00Z"]),
        ("every 1 days", ["2026-12-27T00:00:00Z", "2026-12-28T00:00:00Z"]),
    ],
)
def test_excepted_days_have_no_slots(text: str, keys: list[str]) -> None:
    schedule = parse_schedule(text, zone=AMSTERDAM, exceptions=HOLIDAYS)
    found = schedule.between(utc("2026-12-24T00:30"), utc("2027-01-01"), 999)
    assert set(keys) <= {slot.key for slot in found}
    assert not {slot.due.astimezone(AMSTERDAM).date() for slot in found} & HOLIDAYS


def test_a_schedule_that_is_always_excepted_has_no_next_slot() -> None:
    never = frozenset(date(year, 1, 15) for year in range(2020, 2100))
    assert (
        parse_schedule("every year on 15 january at 10:00", zone=AMSTERDAM, exceptions=never).next_after(
            utc("2026-11-22")
        )
        is None
    )


def test_intervals_are_aligned_to_the_epoch_and_spread_by_their_key() -> None:
    plain = every(timedelta(hours=6), phase_key="")
    assert plain.next_after(utc("2026-11-22T06:00")) == plain.next_after(utc("2026-11-22T11:59:59"))
    phases = {
        every(timedelta(minutes=5), phase_key=f"check-{number}").next_after(utc("2026-11-22")) for number in range(99)
    }
    assert len(phases) > 60
    long = every(timedelta(days=700), phase_key="audit")
    found = long.between(utc("2026-01-01"), utc("2036-01-01"), 99)
    assert [later.due - earlier.due for earlier, later in pairwise(found)] == [timedelta(days=700)] * (len(found) - 1)
    assert len(found) == 5


def test_the_phase_is_the_same_in_another_process() -> None:
    program = (
        "from datetime import *; from bot.domain.schedules import every; "
        "print(every(timedelta(hours=1), phase_key='api-live').next_after(datetime(2026, 1, 1, tzinfo=UTC)).key)"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    here = every(timedelta(hours=1), phase_key="api-live").next_after(utc("2026-01-01"))
    assert here is not None
    assert told == {f"{here.key}\n"}


@pytest.mark.parametrize("length", [timedelta(), timedelta(seconds=4), timedelta(seconds=5.5), timedelta(days=4000)])
def test_an_interval_has_whole_seconds_from_five_to_ten_years(length: timedelta) -> None:
    with pytest.raises(BadSchedule, match="every"):
        every(length, phase_key="x")


def test_between_excludes_its_start_includes_its_end_and_stops_at_the_limit() -> None:
    schedule = parse_schedule("hourly", zone=AMSTERDAM)
    assert len(schedule.between(utc("2026-01-01T00:00"), utc("2026-01-01T03:00"), 99)) == 3
    assert len(schedule.between(utc("2026-01-01T00:00"), utc("2026-01-01T03:00"), 2)) == 2
    assert schedule.between(utc("2026-01-01T00:00"), utc("2025-01-01T03:00"), 2) == []


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        parse_schedule("hourly", zone=AMSTERDAM).next_after(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_next_slot_is_found_fast() -> None:
    for text in ("weekdays at 09:00", "*/5 9-17 * * 1-5", "hourly at :15", "every year on 29 february at 10:00"):
        schedule = parse_schedule(text, zone=AMSTERDAM)
        start, instant = time.process_time(), utc("2026-11-22")
        for _ in range(500):
            schedule.next_after(instant)
            instant += timedelta(hours=7)
        # The goal is 0.1 ms; a busy machine may take ten times that, a day-by-day search takes a hundred times.
        assert (time.process_time() - start) / 500 < 0.001, text
