"""What cannot be done as it was entered: the form stays open, or what they wrote comes back to them."""

from __future__ import annotations

import json

import pytest

from bot.domain.ledger import LedgerAway
from bot.slack.ids import Opens
from sandbox.block_kit import validate
from tests.commands.test_dialogs import button, chosen, text


def wrote(view):
    """What a dialog or an answer gives back of what somebody wrote, by the label of its field."""
    found = {}
    for block in view["blocks"]:
        if block["type"] == "rich_text":
            label, text = (part["elements"][0]["text"] for part in block["elements"])
            found[label] = text
    return found


async def test_what_they_wrote_comes_back_where_the_form_has_had_its_day(ann_at_work, story, slack):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    await story.desk.resolve("#1", story.asked("U2"))
    answer = await ann_at_work.enters(view, length=chosen("2h"), why=text("*why* <!channel>\nand how"))
    assert wrote(answer["view"]) == {"Why": "*why* <!channel>\nand how"}
    assert validate.view(answer["view"]) == []
    (said,) = [body for name, body in slack.heard if name == "chat.postEphemeral"]
    assert "resolved already" in said["text"]
    blocks = said["blocks"]
    assert wrote({"blocks": json.loads(blocks) if isinstance(blocks, str) else blocks}) == wrote(answer["view"])


async def test_nothing_is_said_twice_where_nothing_was_written(ann_at_work, story, slack):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    await story.desk.resolve("#1", story.asked("U2"))
    await ann_at_work.enters(view, length=chosen("2h"))
    assert [name for name, _ in slack.heard if name == "chat.postEphemeral"] == []


async def test_a_quiet_that_is_too_long_is_said_where_it_was_chosen(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    answer = await ann_at_work.enters(view, length=chosen("2h"), until=text("300 days"), why=text("x"))
    assert list(answer["errors"]) == ["until"]
    answer = await ann_at_work.enters(view, length=chosen("300 days"), why=text("x"))
    assert list(answer["errors"]) == ["length"]


async def test_a_step_that_does_not_exist_keeps_the_form(ann_at_work):
    view = await ann_at_work.opens(button(Opens.ESCALATE))
    answer = await ann_at_work.enters(view, step=chosen("step:9"), why=text("it burns"))
    assert "there is no step 9" in answer["errors"]["step"]


async def test_a_person_who_cannot_be_called_keeps_the_form(ann_at_work, story, monkeypatch):
    class Nobody:
        async def why_not(self, user, may):
            return None

        async def why_nobody(self, target):
            return "<@U9> has left &amp; *cannot* be called."

    monkeypatch.setattr(story.desk, "_gate", Nobody())
    view = await ann_at_work.opens(button(Opens.ESCALATE))
    person = {"type": "users_select", "selected_user": "U9"}
    answer = await ann_at_work.enters(view, step=chosen("next"), person=person, why=text("it burns"))
    assert answer["errors"] == {"person": "somebody has left & cannot be called."}


@pytest.mark.parametrize("error", [LedgerAway("the disk is full"), RuntimeError("a bug")], ids=["storage", "bug"])
async def test_where_we_are_to_blame_the_form_stays_open(ann_at_work, story, monkeypatch, error):
    async def fails(*_, **__):
        raise error

    view = await ann_at_work.opens(button(Opens.SNOOZE))
    monkeypatch.setattr(story.desk, "snooze", fails)
    answer = await ann_at_work.enters(view, length=chosen("2h"), why=text("a deployment"))
    assert answer["response_action"] == "errors"
    assert "try again" in answer["errors"]["why"]


async def test_a_dialog_closed_before_it_was_filled_needs_no_word(ann_at_work, slack, caplog):
    slack.gone = True
    assert await ann_at_work.presses(Opens.SNOOZE.value, "1") == []
    assert caplog.records == []


async def test_a_dialog_is_filled_at_a_second_try_where_the_first_got_lost(ann_at_work, slack):
    slack.stumbles["views.update"] = 1
    assert "#1 cache" in str(await ann_at_work.opens(button(Opens.SNOOZE)))


async def test_a_dialog_that_can_not_be_filled_is_told(ann_at_work, slack):
    slack.stumbles["views.update"] = 2
    (answer,) = await ann_at_work.presses(Opens.SNOOZE.value, "1")
    assert "our side" in answer
