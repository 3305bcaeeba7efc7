"""Dialogs: what they carry for us comes back as it was, or not at all."""

from __future__ import annotations

import json

import pytest

from bot.slack.ids import Opens
from bot.slack.modals import log_modal
from bot.slack.modals.parts import dialog

LONG = ("x" * 4_000, '"' * 2_900, "\\" * 2_000, "é" * 2_900, "👩‍👩‍👧" * 400, "\x00" * 600)


@pytest.mark.parametrize("text", LONG)
def test_what_is_too_long_to_be_carried_is_left_out_whole_and_the_rest_arrives(text):
    view = dialog(Opens.SKIP, "Skip", "Skip", [], about={"run": 7, "item": text, "channel": "C1"})
    assert len(view["private_metadata"]) <= 3_000
    assert json.loads(view["private_metadata"]) == {"run": 7, "channel": "C1"}


def test_what_just_fits_is_carried():
    room = 3_000 - len(json.dumps({"link": ""}))
    carried = dialog(Opens.LOG, "Log", "Add", [], about={"link": "x" * room})["private_metadata"]
    assert json.loads(carried) == {"link": "x" * room}
    assert dialog(Opens.LOG, "Log", "Add", [], about={"link": "x" * (room + 1)})["private_metadata"] == "{}"


def test_an_entry_of_the_log_keeps_its_incident_when_its_link_is_too_long():
    view = log_modal(channel="C1", incident=12, link="https://town.example/" + "p" * 3_000)
    assert json.loads(view["private_metadata"]) == {"channel": "C1", "incident": 12}
