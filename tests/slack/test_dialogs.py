"""Dialogs: to the letter, within Slack's limits whatever is in them, and each taken up by somebody."""

from __future__ import annotations

import pytest

from bot.slack.ids import Opens
from commands.entries import DONE
from tests.slack import limits
from tests.slack.dialogs import dialogs
from tests.slack.golden_files import golden

TYPICAL = dialogs()


@pytest.mark.parametrize("name", TYPICAL)
def test_the_dialog_is_as_the_golden_file_says(name):
    assert TYPICAL[name] == golden(name, TYPICAL[name])


HOSTILE = {
    "long": "x" * 3_000,
    "right to left": "\u202e" + "שלום " * 600,
    "emoji": "🧨" * 1_500,
    "markup": "<!channel> *b* _i_ `c` <https://example.com|x> & " * 60,
    "control characters": "\x00\x1b[2J\n\r\t" * 400,
    "nothing to be seen": " \u200b ",
}


@pytest.mark.parametrize("many", [1, 150], ids=["one", "many"])
@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE.keys())
def test_slack_takes_it_whatever_is_in_it(said, many):
    for name, view in dialogs(said, many=many).items():
        assert limits.view_problems(view) == [], name
        for block in view["blocks"]:
            text = block.get("text") or {}
            assert text.get("type") != "mrkdwn" or "<!channel>" not in text["text"], name


def test_each_dialog_that_is_drawn_has_somebody_who_takes_what_is_entered_and_the_other_way_round():
    assert {view["callback_id"] for view in TYPICAL.values()} == {each.value for each in Opens} == {*DONE}
