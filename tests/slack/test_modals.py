"""Dialogs: Slack takes them, each is heard, and what they carry for us comes back as it was, or not at all."""

from __future__ import annotations

import json

import pytest

from bot.slack.ids import NAMES, Opens
from bot.slack.modals import log_modal
from bot.slack.modals.parts import dialog
from sandbox.block_kit import validate
from tests.commands.test_buttons import registered
from tests.slack import limits
from tests.slack.dialogs import dialogs
from tests.slack.test_cards import HOSTILE

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


@pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_slack_takes_every_dialog_whatever_is_written_in_it(said):
    refused = {name: found for name, view in dialogs(said).items() if (found := validate.view(view))}
    assert not refused


@pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_no_dialog_makes_a_mention_or_a_link_of_what_somebody_wrote(said):
    for name, view in dialogs(said).items():
        shown = [each["text"] for each in limits.parsed_texts(view["blocks"])]
        assert [token for text in shown for token in limits.tokens(text)] == [], name


def test_every_dialog_can_be_submitted_and_every_submission_has_its_dialog():
    drawn = {view["callback_id"] for view in dialogs("x").values() if "submit" in view}
    assert drawn == set(registered()["view"]) == {opens.value for opens in Opens}


def test_every_field_with_suggestions_is_heard_and_every_such_listener_has_its_field():
    elements = [element for view in dialogs("x").values() for element in limits.elements(view["blocks"])]
    drawn = {element["action_id"] for element in elements if element["type"] == "external_select"}
    assert drawn == set(registered()["options"]) == {NAMES}


def test_nothing_in_a_dialog_is_sent_before_it_is_submitted():
    """A menu within an input block reports nothing by itself, so it needs no listener of its own."""
    for name, view in dialogs("x").items():
        outside = [block for block in view["blocks"] if block["type"] not in ("input", "section", "context")]
        assert outside == [], name
        assert not [block for block in view["blocks"] if "accessory" in block or block.get("dispatch_action")], name
