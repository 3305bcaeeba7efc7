"""Slots on the days on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.schedules import parse_schedule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
APIA = ZoneInfo("Pacific/Apia")
BEIRUT = ZoneInfo("Asia/Beirut")
HAVANA = ZoneInfo("America/Havana")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(text: str, zone: ZoneInfo, after: str, count: int) -> list[str]:
    """`key = due` of the next slots; the due time without its date if it is the key's."""
    return [
        f"{slot.key} = {slot.due:%d %H:%M}"
        for slot in parse_schedule(text, zone=zone).between(utc(after), utc("2100-01-01"), count)
    ]


CHANGES = [
    pytest.param(
        "daily at 02:30",
        AMSTERDAM,
        "2027-03-26T12:00",
        ["2027-03-27T02:30 = 27 01:30", "2027-03-28T02:30 = 28 01:30", "2027-03-29T02:30 = 29 00:30"],
        id="a time that spring skips runs once, an hour later, under its own name",
    ),
    pytest.param(
        "daily at 02:30",
        AMSTERDAM,
        "2026-10-24T12:00",
        ["2026-10-25T02:30 = 25 00:30", "2026-10-26T02:30 = 26 01:30"],
        id="a time that autumn repeats runs once, the first time",
    ),
    pytest.param(
        "daily at 02:30 and 03:30",
        AMSTERDAM,
        "2027-03-27T12:00",
        ["2027-03-28T03:30 = 28 01:30", "2027-03-29T02:30 = 29 00:30"],
        id="a skipped time that falls on another is one slot",
    ),
    pytest.param(
        "daily at 02:30 and 03:00",
        AMSTERDAM,
        "2027-03-27T12:00",
        ["2027-03-28T03:00 = 28 01:00", "2027-03-28T02:30 = 28 01:30", "2027-03-29T02:30 = 29 00:30"],
        id="a skipped time comes in the order in which it is due",
    ),
    pytest.param(
        "*/30 0-4 * * *",
        AMSTERDAM,
        "2027-03-28T00:00",
        [
            "2027-03-28T01:30 = 28 00:30",
            "2027-03-28T03:00 = 28 01:00",
            "2027-03-28T03:30 = 28 01:30",
            "2027-03-28T04:00 = 28 02:00",
        ],
        id="half hours of some hours have no doubles in spring",
    ),
    pytest.param(
        "*/30 0-4 * * *",
        AMSTERDAM,
        "2026-10-25T00:00",
        ["2026-10-25T02:30 = 25 00:30", "2026-10-25T03:00 = 25 02:00", "2026-10-25T03:30 = 25 02:30"],
        id="half hours of some hours wait for the clock in autumn",
    ),
    pytest.param(
        "hourly at :30",
        AMSTERDAM,
        "2026-10-25T00:00",
        ["2026-10-25T00:30:00Z = 25 00:30", "2026-10-25T01:30:00Z = 25 01:30", "2026-10-25T02:30:00Z = 25 02:30"],
        id="hourly goes through the repeated hour",
    ),
    pytest.param(
        "*/30 * * * *",
        AMSTERDAM,
        "2027-03-28T00:00",
        ["2027-03-28T00:30:00Z = 28 00:30", "2027-03-28T01:00:00Z = 28 01:00", "2027-03-28T01:30:00Z = 28 01:30"],
        id="hourly goes over the skipped hour without a gap",
    ),
    pytest.param(
        "daily at 02:30",
        NEW_YORK,
        "2026-03-07T12:00",
        ["2026-03-08T02:30 = 08 07:30", "2026-03-09T02:30 = 09 06:30"],
        id="New York in spring",
    ),
    pytest.param(
        "daily at 01:30",
        NEW_YORK,
        "2026-10-31T12:00",
        ["2026-11-01T01:30 = 01 05:30", "2026-11-02T01:30 = 02 06:30"],
        id="New York in autumn",
    ),
    pytest.param(
        "daily at 02:15",
        LORD_HOWE,
        "2026-10-02T18:00",
        ["2026-10-04T02:15 = 03 15:45", "2026-10-05T02:15 = 04 15:15"],
        id="Lord Howe skips half an hour",
    ),
    pytest.param(
        "daily at 01:45",
        LORD_HOWE,
        "2026-04-04T00:00",
        ["2026-04-05T01:45 = 04 14:45", "2026-04-06T01:45 = 05 15:15"],
        id="Lord Howe repeats half an hour",
    ),
    pytest.param(
        "hourly at :45",
        LORD_HOWE,
        "2026-04-04T14:00",
        ["2026-04-04T14:45:00Z = 04 14:45", "2026-04-04T15:15:00Z = 04 15:15", "2026-04-04T16:15:00Z = 04 16:15"],
        id="hourly sees both quarters to two on Lord Howe",
    ),
    pytest.param(
        "daily at 09:00",
        KATHMANDU,
        "2026-03-28T00:00",
        ["2026-03-28T09:00 = 28 03:15", "2026-03-29T09:00 = 29 03:15"],
        id="Kathmandu is a quarter to six ahead all year",
    ),
    pytest.param(
        "hourly at :15",
        KATHMANDU,
        "2026-03-28T00:00",
        ["2026-03-28T00:30:00Z = 28 00:30", "2026-03-28T01:30:00Z = 28 01:30"],
        id="hourly means the local minute",
    ),
    pytest.param(
        "daily at 00:00 and 00:30",
        BEIRUT,
        "2026-03-28T12:00",
        ["2026-03-29T00:00 = 28 22:00", "2026-03-29T00:30 = 28 22:30", "2026-03-30T00:00 = 29 21:00"],
        id="Beirut skips its midnight",
    ),
    pytest.param(
        "daily at 00:30",
        HAVANA,
        "2026-10-31T12:00",
        ["2026-11-01T00:30 = 01 04:30", "2026-11-02T00:30 = 02 05:30"],
        id="Havana repeats the hour after midnight",
    ),
    pytest.param(
        "daily at 09:00",
        APIA,
        "2011-12-29T00:00",
        ["2011-12-29T09:00 = 29 19:00", "2011-12-31T09:00 = 30 19:00", "2012-01-01T09:00 = 31 19:00"],
        id="Apia skipped a whole day, which is one slot with the next",
    ),
    pytest.param(
        "friday at 09:00",
        APIA,
        "2011-12-24T00:00",
        ["2011-12-30T09:00 = 30 19:00", "2012-01-06T09:00 = 05 19:00"],
        id="Apia's friday that never was runs on the saturday",
    ),
    pytest.param(
        "friday at 09:00",
        APIA,
        "2011-12-30T12:00",
        ["2011-12-30T09:00 = 30 19:00"],
        id="and is still due when one asks on that saturday morning",
    ),
    pytest.param(
        "hourly at :45",
        ZoneInfo("Asia/Pyongyang"),
        "2018-05-04T14:00",
        ["2018-05-04T14:15:00Z = 04 14:15", "2018-05-04T15:45:00Z = 04 15:45"],
        id="Pyongyang went from 23:30 to midnight, and its last quarter to twelve never came",
    ),
]


@pytest.mark.parametrize(("text", "zone", "after", "expected"), CHANGES)
def test_the_days_on_which_the_clock_is_changed(text: str, zone: ZoneInfo, after: str, expected: list[str]) -> None:
    assert slots(text, zone, after, len(expected)) == expected
