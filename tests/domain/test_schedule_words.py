"""Schedules in words and in cron: what they mean, how they are said back, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.schedules import BadSchedule, parse_cron, parse_schedule

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WORDS = [
    ("weekdays at 09:00", "weekdays at 09:00", ["2026-11-23T09:00", "2026-11-24T09:00"]),
    ("every weekday at 7:30", "weekdays at 07:30", ["2026-11-23T07:30", "2026-11-24T07:30"]),
    ("mon-fri at 9am", "weekdays at 09:00", ["2026-11-23T09:00", "2026-11-24T09:00"]),
    ("at 09:00 on weekdays", "weekdays at 09:00", ["2026-11-23T09:00", "2026-11-24T09:00"]),
    ("weekdays 09:00", "weekdays at 09:00", ["2026-11-23T09:00", "2026-11-24T09:00"]),
    ("Weekends at noon", "weekends at 12:00", ["2026-11-22T12:00", "2026-11-28T12:00"]),
    ("daily at 09:00 and 13:00", "daily at 09:00 and 13:00", ["2026-11-22T13:00", "2026-11-23T09:00"]),
    ("every day at midnight", "daily at 00:00", ["2026-11-23T00:00", "2026-11-24T00:00"]),
    ("at 06:00, 14:00 and 22:00", "daily at 06:00, 14:00 and 22:00", ["2026-11-22T14:00", "2026-11-22T22:00"]),
    ("monday and friday at 16:00", "monday and friday at 16:00", ["2026-11-23T16:00", "2026-11-27T16:00"]),
    ("Mon, Wed and Fri at 9:00 pm", "monday, wednesday and friday at 21:00", ["2026-11-23T21:00", "2026-11-25T21:00"]),
    ("mondays at 09:00", "monday at 09:00", ["2026-11-23T09:00", "2026-11-30T09:00"]),
    (
        "friday to monday at 09:00",
        "monday, friday, saturday and sunday at 09:00",
        ["2026-11-23T09:00", "2026-11-27T09:00"],
    ),
    (
        "weekends and wednesday at 09:00",
        "wednesday, saturday and sunday at 09:00",
        ["2026-11-25T09:00", "2026-11-28T09:00"],
    ),
    ("first of the month at 09:00", "on the 1st at 09:00", ["2026-12-01T09:00", "2027-01-01T09:00"]),
    ("first of month at 09:00", "on the 1st at 09:00", ["2026-12-01T09:00", "2027-01-01T09:00"]),
    ("weekly on tuesday at 09:00", "tuesday at 09:00", ["2026-11-24T09:00", "2026-12-01T09:00"]),
    ("hourly", "hourly", ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"]),
    ("hourly at :15 and :45", "hourly at :15 and :45", ["2026-11-22T09:15:00Z", "2026-11-22T09:45:00Z"]),
    ("weekdays hourly at :15", "weekdays hourly at :15", ["2026-11-22T23:15:00Z", "2026-11-23T00:15:00Z"]),
    ("every 6 hours", "every 6 hours", ["2026-11-22T12:00:00Z", "2026-11-22T18:00:00Z"]),
    ("every 5 minutes", "every 5 minutes", ["2026-11-22T09:05:00Z", "2026-11-22T09:10:00Z"]),
    ("every minute", "every minute", ["2026-11-22T09:01:00Z", "2026-11-22T09:02:00Z"]),
    ("every 1h30m", "every 90 minutes", ["2026-11-22T10:30:00Z", "2026-11-22T12:00:00Z"]),
    ("every 2 days", "every 2 days", ["2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"]),
    ("every 2 days at 09:00", "every 2 days at 09:00", ["2026-11-23T09:00", "2026-11-25T09:00"]),
    ("every other monday at 09:00", "every 2 weeks on monday at 09:00", ["2026-11-23T09:00", "2026-12-07T09:00"]),
    ("every 2nd monday at 09:00", "every 2 weeks on monday at 09:00", ["2026-11-23T09:00", "2026-12-07T09:00"]),
    ("every 3rd day at 09:00", "every 3 days at 09:00", ["2026-11-24T09:00", "2026-11-27T09:00"]),
    ("the 3rd thursday at 10:00", "third thursday of the month at 10:00", ["2026-12-17T10:00", "2027-01-21T10:00"]),
    ("1st weekday at 10:00", "first weekday of the month at 10:00", ["2026-12-01T10:00", "2027-01-01T10:00"]),
    ("first monday of the month at 10:00", None, ["2026-12-07T10:00", "2027-01-04T10:00"]),
    (
        "the last friday of every month at 17:00",
        "last friday of the month at 17:00",
        ["2026-11-27T17:00", "2026-12-25T17:00"],
    ),
    (
        "2nd and 4th tuesday of the month at 10:00",
        "second and fourth tuesday of the month at 10:00",
        ["2026-11-24T10:00", "2026-12-08T10:00"],
    ),
    ("fifth monday of the month at 10:00", None, ["2026-11-30T10:00", "2027-03-29T10:00"]),
    ("first monday of the quarter at 10:00", None, ["2027-01-04T10:00", "2027-04-05T10:00"]),
    ("last friday of the quarter at 10:00", None, ["2026-12-25T10:00", "2027-03-26T10:00"]),
    ("first monday of the year at 10:00", "first monday of january at 10:00", ["2027-01-04T10:00", "2028-01-03T10:00"]),
    ("last friday of the year at 10:00", "last friday of december at 10:00", ["2026-12-25T10:00", "2027-12-31T10:00"]),
    (
        "quarterly on the first monday at 10:00",
        "first monday of the quarter at 10:00",
        ["2027-01-04T10:00", "2027-04-05T10:00"],
    ),
    ("on the 1st and 15th at 09:00", "on the 1st and 15th at 09:00", ["2026-12-01T09:00", "2026-12-15T09:00"]),
    ("monthly on the 1st at 03:00", "on the 1st at 03:00", ["2026-12-01T03:00", "2027-01-01T03:00"]),
    ("on the 31st at 09:00", "on the 31st at 09:00", ["2026-12-31T09:00", "2027-01-31T09:00"]),
    ("last day of the month at 23:30", None, ["2026-11-30T23:30", "2026-12-31T23:30"]),
    ("last day of the quarter at 12:00", None, ["2026-12-31T12:00", "2027-03-31T12:00"]),
    ("last day of february at 12:00", None, ["2027-02-28T12:00", "2028-02-29T12:00"]),
    (
        "first day of the quarter at 00:00",
        "on the 1st of the quarter at 00:00",
        ["2027-01-01T00:00", "2027-04-01T00:00"],
    ),
    (
        "last working day of the month at 16:00",
        "last weekday of the month at 16:00",
        ["2026-11-30T16:00", "2026-12-31T16:00"],
    ),
    (
        "on the 1st and last day of the month at 09:00",
        "on the 1st and last day of the month at 09:00",
        ["2026-11-30T09:00", "2026-12-01T09:00"],
    ),
    ("every year on 15 january at 10:00", None, ["2027-01-15T10:00", "2028-01-15T10:00"]),
    ("january 15th at 10:00", "every year on 15 january at 10:00", ["2027-01-15T10:00", "2028-01-15T10:00"]),
    ("every year on 1 april and 1 october at 10:00", None, ["2027-04-01T10:00", "2027-10-01T10:00"]),
    ("every year on 29 february at 10:00", None, ["2028-02-29T10:00", "2032-02-29T10:00"]),
    ("0 9 * * 1-5", "weekdays at 09:00", ["2026-11-23T09:00", "2026-11-24T09:00"]),
    ("@daily", "daily at 00:00", ["2026-11-23T00:00", "2026-11-24T00:00"]),
]


@pytest.mark.parametrize(("text", "canonical", "keys"), [pytest.param(*row, id=row[0]) for row in WORDS])
def test_words_mean_what_they_say_and_are_said_back(text: str, canonical: str | None, keys: list[str]) -> None:
    schedule = parse_schedule(text, zone=AMSTERDAM)
    assert schedule.describe() == (canonical or text)
    assert parse_schedule(schedule.describe(), zone=AMSTERDAM) == schedule
    assert [slot.key for slot in schedule.between(utc("2026-11-22T09:00"), utc("2060-01-01"), 2)] == keys


BAD = [
    ("", 'expected for example "weekdays at 09:00"'),
    ("mondy at 09:00", "did you mean monday?"),
    ("weekdys at 09:00", "did you mean weekdays?"),
    ("first mondy of the month at 09:00", "did you mean monday?"),
    ("first monday of the mnth at 09:00", "did you mean month?"),
    ("evry 5 minutes", "did you mean every?"),
    ("every 5 minuts", "did you mean minutes?"),
    ("weekdays", 'write "weekdays at 09:00"'),
    ("weekdays at", 'write "weekdays at 09:00"'),
    ("weekdays at 9", "write 09:00"),
    ("weekdays at 25:00", '"25:00" is not a time of day'),
    ("weekdays at 24:00", '"24:00" is not a time of day'),
    ("weekdays at 09:60", '"09:60" is not a time of day'),
    ("hourly at 15", "expected for example hourly at :15"),
    ("tomorrow at 09:00", '"tomorrow" is not a day'),
    ("every 3 months", "differ in length"),
    ("every 3 seconds", "expected at least 5 s"),
    ("every 20 years", "differ in length"),
    ("every 9000 days", "ten years"),
    ("every 0 days at 09:00", "not from 1 to 366"),
    ("every 2 weeks at 09:00", 'write "every 2 weeks on monday at 09:00"'),
    ("on the 32nd at 09:00", "no month has a day 32"),
    ("sixth monday of the month at 09:00", "is not a day"),
    ("6th monday of the month at 09:00", "first to fifth, or last"),
    ("fifth monday of the quarter at 09:00", "first to fourth, or a last"),
    ("every year on 30 february at 09:00", "february has no day 30"),
    ("on the 31st of april at 09:00", "april has no day 31"),
    ("on the 30th and 31st of february at 09:00", "february has no day 31"),
    ("a " * 150, "too long"),
    ("0 9 * *", "has 4 fields"),
    ("0 0 9 * * 1-5", "has 6 fields (a field for seconds or years is not cron)"),
    ("60 9 * * *", "the minute 60 is not between 0 and 59"),
    ("0 24 * * *", "the hour 24 is not between 0 and 23"),
    ("0 9 0 * *", "the day of month 0 is not between 1 and 31"),
    ("0 9 * 13 *", "the month 13 is not between 1 and 12"),
    ("0 9 * * 8", "the day of week 8 is not between 0 and 7"),
    ("0 9 * * mnday", '"mnday" is not a day of week (did you mean monday?)'),
    ("0 9 * jnuary *", "did you mean january?"),
    ("0 9 * * 1#6", "1#1 for the first monday"),
    ("0 9 15w * *", "W is not supported"),
    ("*/0 * * * *", "is not a number from 1 on"),
    ("*/90 * * * *", "use every: 90m"),
    ("1- * * * *", '"" is not a minute'),
    ("1,,2 * * * *", '"" is not a minute'),
    ("0 0 31 2 *", "never happens"),
    ("@dayly", "did you mean @daily?"),
    ("@reboot", "@reboot is no time"),
    ("cron 1", "has 1 fields"),
    ("²5 * * * *", "is not"),
]


@pytest.mark.parametrize(("text", "sentence"), [pytest.param(*row, id=row[0] or "nothing") for row in BAD])
def test_a_bad_schedule_is_refused_with_what_was_expected(text: str, sentence: str) -> None:
    with pytest.raises(BadSchedule) as refused:
        parse_schedule(text, zone=AMSTERDAM)
    assert sentence in str(refused.value)


@given(text=some.text(alphabet="0123456789*/-,# lLmonjafribdy:at", max_size=30))
def test_no_text_is_refused_with_anything_but_a_sentence(text: str) -> None:
    for parse in (parse_schedule, parse_cron):
        with suppress(BadSchedule):
            parse(text, zone=AMSTERDAM)
