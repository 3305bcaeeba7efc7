"""Durations, and the moments at which a quiet ends."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.durations import BadDuration, parse_duration, parse_until, say, split_until

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LENGTHS = [
    ("90s", timedelta(seconds=90)),
    ("90m", timedelta(minutes=90)),
    ("2h", timedelta(hours=2)),
    ("1h30m", timedelta(minutes=90)),
    ("1 h 30 min", timedelta(minutes=90)),
    ("1.5 hours", timedelta(minutes=90)),
    ("2 days", timedelta(days=2)),
    ("1w", timedelta(weeks=1)),
    ("1 week and 2 days", timedelta(days=9)),
    ("1 day, 2 hours", timedelta(hours=26)),
    ("an hour", timedelta(hours=1)),
    ("a day", timedelta(days=1)),
    ("500ms", timedelta(milliseconds=500)),
    ("0m", timedelta()),
    (" 5 M ", timedelta(minutes=5)),
    ("3650 days", timedelta(days=3650)),
]


@pytest.mark.parametrize(("text", "length"), LENGTHS)
def test_durations_are_read_as_people_write_them(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


BAD = [
    ("", "empty"),
    ("90", "write 90s, 90m or 90h"),
    ("h", "is not a duration"),
    ("5 minuts", "did you mean minutes?"),
    ("3 months", '"30 days"'),
    ("1y", '"y" is not a unit'),
    ("1 year", '"365 days"'),
    ("-5m", "is not a duration"),
    ("5m!", "is not a duration"),
    ("99999999 days", "longer than ten years"),
    ("9" * 400 + "w", "longer than ten years"),
    ("20 soon", '"soon" is not a unit'),
    ("١h", "is not a duration"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_a_bad_duration_is_refused_with_what_was_expected(text: str, sentence: str) -> None:
    with pytest.raises(BadDuration) as refused:
        parse_duration(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(), "0 s"),
        (timedelta(milliseconds=500), "500 ms"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=3, minutes=59), "2 days 3 h"),
        (timedelta(days=14), "14 days"),
        (timedelta(days=1, seconds=1), "1 day"),
        (timedelta(minutes=-5), "minus 5 min"),
        (timedelta(seconds=59, milliseconds=999), "1 min"),
    ],
)
def test_durations_are_said_in_their_two_largest_units(length: timedelta, words: str) -> None:
    assert say(length) == words


@given(some.timedeltas(timedelta(), timedelta(days=3650)))
def test_what_is_said_is_read_as_nearly_the_same(length: timedelta) -> None:
    assert abs(parse_duration(say(length)) - length) <= max(length / 20, timedelta(milliseconds=1))


# Sunday, 10:00 in Amsterdam
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ENDS = [
    ("2h", "2026-11-22 12:00"),
    ("for 90 minutes", "2026-11-22 11:30"),
    ("until 18:00", "2026-11-22 18:00"),
    ("until 6pm", "2026-11-22 18:00"),
    ("18:00", "2026-11-22 18:00"),
    ("until 09:00", "2026-11-23 09:00"),
    ("until 10:00", "2026-11-23 10:00"),
    ("until noon", "2026-11-22 12:00"),
    ("until midnight", "2026-11-23 00:00"),
    ("until morning", "2026-11-23 09:00"),
    ("until tomorrow", "2026-11-23 09:00"),
    ("until tomorrow 14:30", "2026-11-23 14:30"),
    ("until tomorrow at noon", "2026-11-23 12:00"),
    ("until today 11:00", "2026-11-22 11:00"),
    ("until monday", "2026-11-23 09:00"),
    ("until mon 14:00", "2026-11-23 14:00"),
    ("Until Monday at 14:00", "2026-11-23 14:00"),
    ("until next friday", "2026-11-27 09:00"),
    ("until sunday", "2026-11-29 09:00"),
    ("until sunday 18:00", "2026-11-22 18:00"),
    ("until 2026-12-01", "2026-12-01 09:00"),
    ("until 2026-12-01 08:00", "2026-12-01 08:00"),
    ("until 1 december", "2026-12-01 09:00"),
    ("until december 1st, 17:00", "2026-12-01 17:00"),
    ("until 5 january", "2027-01-05 09:00"),
    ("until 2027-03-28 02:30", "2027-03-28 03:30"),
]


@pytest.mark.parametrize(("text", "local"), ENDS)
def test_the_end_of_a_quiet_is_read_on_the_readers_clock(text: str, local: str) -> None:
    end = parse_until(text, NOW, AMSTERDAM)
    assert end.utcoffset() == timedelta()
    assert f"{end.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not say when it ends"),
        ("until", "does not say when it ends"),
        ("until whenever", "does not say when it ends"),
        ("until mondy", "did you mean monday?"),
        ("until monday at lunch", "does not say when it ends"),
        ("until 2026-02-30", "does not say when it ends"),
        ("until 30 february", "does not say when it ends"),
        ("until 2026-11-21", "not in the future"),
        ("until today 09:00", "not in the future"),
        ("0m", "not in the future"),
        ("3 months", "does not say when it ends"),
    ],
)
def test_an_end_that_is_none_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadDuration) as refused:
        parse_until(text, NOW, AMSTERDAM)
    assert sentence in str(refused.value)


@given(
    text=some.text(alphabet="0123456789hmdws :-untilmorwady.ap", max_size=24),
    now=some.datetimes(timezones=some.just(UTC)),
)
def test_any_words_end_later_or_are_refused(text: str, now: datetime) -> None:
    with suppress(BadDuration):
        assert parse_until(text, now, AMSTERDAM) > now


SPLIT = [
    ("2h", "2h", ""),
    ("2h a part is ordered", "2h", "a part is ordered"),
    ("2h 30m waiting", "2h 30m", "waiting"),
    ("for 2 days away", "for 2 days", "away"),
    ("until 18:00 2 servers move", "until 18:00", "2 servers move"),
    ("until monday 09:00 because of the move", "until monday 09:00", "because of the move"),
    ("until next monday at 9 am ok", "until next monday at 9 am", "ok"),
    ("until tomorrow", "until tomorrow", ""),
    ("1 december the freeze", "1 december", "the freeze"),
]


@pytest.mark.parametrize(("text", "end", "rest"), SPLIT)
def test_as_many_words_as_can_be_say_when_a_quiet_ends_and_the_others_why(text, end, rest):
    assert split_until(text, NOW, AMSTERDAM) == (parse_until(end, NOW, AMSTERDAM), rest)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("soon enough", '"soon"'),
        ("until later on", '"until later"'),
        ("until", '"until"'),
        ("2020-01-01 x", '"2020-01-01"'),
    ],
)
def test_what_says_no_end_is_told_by_its_first_words(text, about):
    with pytest.raises(BadDuration) as refused:
        split_until(text, NOW, AMSTERDAM)
    assert about in str(refused.value)


def test_no_words_say_no_end():
    with pytest.raises(BadDuration, match="is missing"):
        split_until(" ", NOW, AMSTERDAM)


@given(some.text(max_size=60))
def test_no_word_after_the_end_is_lost(text):
    with suppress(BadDuration):
        end, rest = split_until(f"2h because {text}", NOW, AMSTERDAM)
        assert end == NOW + timedelta(hours=2)
        assert rest.split() == ["because", *text.split()]
