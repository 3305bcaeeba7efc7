"""Slips in what says when a quiet ends."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.durations import split_until
from bot.domain.near_ends import ends_meant

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")

SLIPS = [
    ("until mondy", ("until monday",)),
    ("untli monday 09:00 a part", ("until monday 09:00 a part",)),
    ("tomorow", ("tomorrow",)),
    ("2hh", ("2h",)),
    ("2 hous because", ("2 hours because",)),
    ("90 minits", ("90 mins",)),
    ("2", ("2m", "2h")),
    ("2 of them", ("2m of them", "2h of them")),
    ("1 month", ()),
    ("until yesterday", ()),
    ("until 25:00", ()),
    ("whenever", ()),
    ("-2h", ()),
    ("", ()),
]


@pytest.mark.parametrize(("said", "meant"), SLIPS)
def test_a_slip_is_mended_where_it_says_when_then(said, meant):
    assert ends_meant(said, NOW, ZONE) == meant


@given(st.text(max_size=60) | st.lists(st.sampled_from(["until", "mondy", "2", "hous", "25:00", "x"])).map(" ".join))
def test_whatever_is_offered_says_a_moment_to_come(said):
    for meant in ends_meant(said, NOW, ZONE):
        assert split_until(meant, NOW, ZONE)[0] > NOW
