"""Holidays from iCalendar texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.holidays import BadHolidays, holidays
from bot.domain.schedules import parse_schedule


def calendar(*events: str) -> str:
    """A calendar of events, each given as its lines after the name."""
    bodies = "".join(f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:Day {n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test\n{bodies}END:VCALENDAR\n".replace("\n", "\r\n")


def days(*texts: str) -> set[date]:
    return {date.fromisoformat(text) for text in texts}


EVENTS = [
    pytest.param("DTSTART;VALUE=DATE:20261225", {"2026-12-25"}, id="one day"),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227",
        {"2026-12-25", "2026-12-26"},
        id="the end is exclusive",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225", {"2026-12-25"}, id="an empty end is one day"
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261231\nDURATION:P2D", {"2026-12-31", "2027-01-01"}, id="a duration over new year"
    ),
    pytest.param("DTSTART:20261225T090000Z\nDTEND:20261225T100000Z", set(), id="an appointment is no holiday"),
    pytest.param("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", set(), id="a cancelled one is none"),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY",
        {"2026-12-25", "2027-12-25", "2028-12-25"},
        id="every year until the last year asked for",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nRRULE:FREQ=YEARLY;COUNT=2",
        {"2026-12-25", "2026-12-26", "2027-12-25", "2027-12-26"},
        id="two days, two years",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;UNTIL=20271225", {"2026-12-25", "2027-12-25"}, id="until a date"
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;INTERVAL=2", {"2026-12-25", "2028-12-25"}, id="every other"
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        {"2026-11-26", "2027-11-25", "2028-11-23"},
        id="the fourth thursday of november",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20260525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO",
        {"2026-05-25", "2027-05-31", "2028-05-29"},
        id="the last monday of may",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261103\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        {"2026-11-03", "2027-11-02", "2028-11-07"},
        id="the tuesday after the first monday",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20271225",
        {"2026-12-25", "2028-12-25"},
        id="without an excepted one",
    ),
    pytest.param(
        "DTSTART;VALUE=DATE:20261225\nRDATE;VALUE=DATE:20270405,20280417",
        {"2026-12-25", "2027-04-05", "2028-04-17"},
        id="with listed ones, as for Easter",
    ),
    pytest.param("DTSTART;VALUE=DATE:20280229\nRRULE:FREQ=YEARLY", {"2028-02-29"}, id="a leap day comes in leap years"),
]


@pytest.mark.parametrize(("event", "expected"), EVENTS)
def test_all_day_events_are_holidays(event: str, expected: set[str]) -> None:
    assert holidays(calendar(event), last_year=2028) == days(*expected)


def test_events_are_joined_and_a_calendar_may_be_empty() -> None:
    text = calendar("DTSTART;VALUE=DATE:20261225", "DTSTART;VALUE=DATE:20270101")
    assert holidays(text) == days("2026-12-25", "2027-01-01")
    assert holidays(calendar()) == frozenset()


BAD = [
    pytest.param("", "no iCalendar text", id="nothing"),
    pytest.param("2026-12-25\n", "no iCalendar text", id="a list of dates"),
    pytest.param(
        calendar("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=WEEKLY"), '"Day 0" repeats as FREQ=WEEKLY', id="weekly"
    ),
    pytest.param(
        calendar("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;BYWEEKNO=20"), "BYWEEKNO", id="a week's number"
    ),
    pytest.param(
        calendar("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;BYDAY=20MO"),
        "without BYMONTH",
        id="a weekday of the year",
    ),
    pytest.param(calendar("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20990101"), "at most a year", id="a lifetime"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_what_is_not_understood_is_refused_by_name(text: str, sentence: str) -> None:
    with pytest.raises(BadHolidays) as refused:
        holidays(text)
    assert sentence in str(refused.value)


def test_a_schedule_rests_on_holidays() -> None:
    off = holidays(calendar("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nRRULE:FREQ=YEARLY"))
    schedule = parse_schedule("daily at 09:00", zone=ZoneInfo("Europe/Amsterdam"), exceptions=off)
    after_eve = [schedule.next_after(datetime(year, 12, 24, 12, tzinfo=UTC)) for year in (2026, 2036)]
    assert [slot and slot.key for slot in after_eve] == ["2026-12-27T09:00", "2036-12-27T09:00"]
