"""The report as a file: whole, one line an entry, and nothing in it is markup but ours."""

from __future__ import annotations

import re

import pytest

from bot.slack.report_file import report_file
from tests.slack.states import ANN, report
from tests.slack.test_cards import HOSTILE

OURS = re.compile(r"(?:# |## |- |up to |its rounds are |\d+ rounds?, ).*|")
MARKUP = re.compile(r"(?<!\\)(?:\\\\)*[*_`~|<>!\]]")


@pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_every_entry_stays_on_its_line(said):
    lines = report_file(report(said)).split("\n")
    assert [line for line in lines if not OURS.fullmatch(line)] == []
    assert sum(line.startswith("- ") for line in lines) > 300


@pytest.mark.parametrize("said", ["*b* _i_ `c` [a](https://evil.example) <!channel> # h | ~s~ \\", "](<x>) ![i](y)"])
def test_nothing_that_somebody_wrote_is_markup(said):
    text = re.sub(r" \[message\]\(<https://example\.com/[^>]*>\)", "", report_file(report(said)))
    for line in text.split("\n"):
        assert not MARKUP.search(line), line


def test_nothing_is_left_out_and_people_are_named():
    text = report_file(report("something happened", count=200))
    assert text.count("something happened") > 1_500
    assert "… and" not in text
    assert ANN not in text
    assert " ann: " in text


def test_a_link_is_one_only_if_it_leads_to_a_page():
    text = report_file(report("javascript:alert(1)"))
    assert "](<javascript" not in text
    assert "[message](<https://example.com/" in text
