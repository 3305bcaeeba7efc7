"""What comes back with a dialog is whole JSON within Slack's limit, whatever it is about."""

from __future__ import annotations

import json

import pytest

from bot.slack import modals
from bot.slack.ids import Opens
from bot.slack.modals.parts import dialog


@pytest.mark.parametrize("text", ["x" * 480, '"' * 480, "\\" * 480, "é" * 480, "x" * 481, "\x00" * 5_000])
def test_it_is_whole_and_within_the_limit(text):
    drawn = dialog(Opens.LOG, "Log", "Add", [], about={"channel": text, "link": text, "item": text, "run": 12})
    assert len(drawn["private_metadata"]) <= 3_000
    about = json.loads(drawn["private_metadata"])
    assert about == ({"run": 12} if len(text) > 480 else {"run": 12, "channel": text, "link": text, "item": text})


def test_what_is_usual_comes_back():
    drawn = modals.log_modal(channel="C1", incident=12, link="https://example.slack.com/archives/C1/p1")
    about = json.loads(drawn["private_metadata"])
    assert about == {"channel": "C1", "incident": 12, "link": "https://example.slack.com/archives/C1/p1"}
