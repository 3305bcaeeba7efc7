"""Dialogs: they open at once, ask for what is needed, say what is wrong below the field, and do what was entered."""

from __future__ import annotations

import json

import pytest

from bot.domain.incidents import Refused
from bot.slack.ids import NAMES, Opens, Shortcut
from commands.dialogs import DRAWN, MAY, WHOLE
from commands.entries import DONE, TITLES
from sandbox.block_kit import validate
from tests.commands.conversation import ANN, CHANNEL


def button(opens, value="1"):
    return {"type": "button", "action_id": opens.value, "value": value}


def text(value):
    return {"type": "plain_text_input", "value": value}


def chosen(value):
    return {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "x"}, "value": value}}


def fields(view):
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def reads(view):
    return " ".join(block["text"]["text"] for block in view["blocks"] if block["type"] == "section")


async def incident(story):
    (found,) = (await story.desk.status()).incidents
    return found


def test_every_dialog_can_be_opened_and_entered():
    assert set(DRAWN) | set(WHOLE) == set(DONE) == set(TITLES) == set(MAY) == set(Opens)


async def test_it_stands_there_at_once_and_is_filled_afterwards(ann_at_work, slack):
    await ann_at_work.opens(button(Opens.SNOOZE))
    first, second = (name for name, _ in slack.heard if name.startswith("views."))
    assert (first, second) == ("views.open", "views.update")


@pytest.mark.parametrize("word", ["trigger_expired", "expired_trigger_id", "trigger_exchanged", "exchanged_trigger_id"])
async def test_a_window_that_slack_does_not_open_any_more_is_told_with_what_to_do(ann_at_work, slack, word):
    slack.late = word
    (answer,) = await ann_at_work.presses(Opens.SNOOZE.value, "1")
    assert "press again" in answer
    assert "our side" not in answer


@pytest.mark.parametrize("opens", Opens)
async def test_whoever_may_not_is_told_before_they_fill_it_in(ann_at_work, story, opens, monkeypatch):
    async def admit(user, may):
        if may is MAY[opens]:
            raise Refused(f"You may not {may.value}.")

    monkeypatch.setattr(story.desk, "admit", admit)
    view = await ann_at_work.opens(button(opens))
    assert (fields(view), reads(view)) == ([], f"You may not {MAY[opens].value}.")


async def test_snoozing_for_as_long_as_one_chooses(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    assert "#1 cache" in reads(view)
    assert validate.view(view) == []
    answer = await ann_at_work.enters(view, length=chosen("2h"), why=text("a deployment"))
    assert answer == {}
    snoozed = await incident(story)
    assert (snoozed.snoozed_until - story.clock.at).total_seconds() == 7200
    assert snoozed.snoozed_by == ANN


async def test_a_time_of_day_in_a_dialog_is_that_of_whoever_enters_it_and_the_dialog_says_so(ann_at_work, story):
    async def lives(user):
        return "Europe/Amsterdam" if user == ANN else "UTC"

    story.desk.zone_of = lives
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    assert "Europe/Amsterdam" in next(b["hint"]["text"] for b in view["blocks"] if b.get("block_id") == "length")
    await ann_at_work.enters(view, length=chosen("until tomorrow 09:00"))
    assert f"{(await incident(story)).snoozed_until:%H:%M %Z}" == "08:00 UTC"


async def test_what_is_no_length_is_said_below_the_field_and_can_be_corrected(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    answer = await ann_at_work.enters(view, length=chosen("2h"), until=text("a while"))
    assert answer["response_action"] == "errors"
    assert "expected for example" in answer["errors"]["until"]
    assert (await incident(story)).snoozed_until is None
    await ann_at_work.enters(view, length=chosen("2h"), until=text("until tomorrow"), turn="2")
    assert (await incident(story)).snoozed_until is not None


async def test_escalating_to_a_step_to_a_person_and_with_a_reason(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.ESCALATE))
    assert validate.view(view) == []
    assert fields(view) == ["step", "person", "why"]
    await ann_at_work.enters(view, step=chosen("step:2"), why=text("it burns"))
    assert (await incident(story)).steps[1].state == "fired"
    person = {"type": "users_select", "selected_user": "U0CHI"}
    await ann_at_work.enters(view, step=chosen("next"), person=person, turn="2")
    assert "user:U0CHI" in [target for step in (await incident(story)).steps for target in step.notify]


async def test_what_cannot_be_done_any_more_is_said_in_the_dialog(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    await story.desk.resolve("#1", story.asked("U2"))
    answer = await ann_at_work.enters(view, length=chosen("2h"))
    assert answer["response_action"] == "update"
    assert "resolved already" in reads(answer["view"])


@pytest.mark.parametrize("opens", [Opens.SNOOZE, Opens.ESCALATE, Opens.SKIP, Opens.PROVE])
async def test_what_is_not_there_is_said_in_the_dialog(ann_at_work, opens):
    view = await ann_at_work.opens(button(opens, "999"))
    assert "no incident #999" in reads(view) or "does not exist any more" in reads(view)
    assert validate.view(view) == []


@pytest.fixture
async def waiting(ann_at_work, story):
    """A morning round with an item that waits; the value that stands for it."""
    await story.desk.run("morning", story.asked(ANN), channel=CHANNEL)
    await story.after("2s")
    (run,) = await story.store.read(lambda tx: tx.runs.with_open_items())
    return f"{run.id}:plants"


async def items(story):
    return {
        item.item.id: item
        for run in [await story.store.read(lambda tx: tx.runs.get(tx.runs.latest_of("morning")))]
        for item in run.items
    }


async def test_an_item_is_ticked_with_a_note_and_a_link(ann_at_work, story, waiting):
    view = await ann_at_work.opens(button(Opens.PROVE, waiting))
    assert "Water the plants" in reads(view)
    assert validate.view(view) == []
    link = {"type": "url_text_input", "value": "https://example.com/plants"}
    assert await ann_at_work.enters(view, note=text("all green"), link=link) == {}
    done = (await items(story))["plants"]
    assert (done.state, done.note, done.attached) == ("done", "all green", "https://example.com/plants")


async def test_an_item_is_skipped_with_a_reason(ann_at_work, story, waiting):
    view = await ann_at_work.opens(button(Opens.SKIP, waiting))
    await ann_at_work.enters(view, why=text("it rains"))
    skipped = (await items(story))["plants"]
    assert (skipped.state, skipped.note, skipped.by) == ("skipped", "it rains", ANN)


async def test_of_several_items_one_chooses_which(ann_at_work, story, waiting):
    view = await ann_at_work.opens(button(Opens.SKIP, waiting.partition(":")[0]))
    assert validate.view(view) == []
    await ann_at_work.enters(view, item=chosen("plants"), why=text("it rains"))
    assert (await items(story))["plants"].state == "skipped"


async def test_the_same_submission_delivered_twice_works_once(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    for _ in range(2):
        await ann_at_work.enters(view, length=chosen("1h"))
    assert (await incident(story)).version == 2


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", {"api": "api", "cache": "cache", "morning": "Morning <round> (morning)"}),
        ("ca", {"cache": "cache"}),
        ("  ROUND", {"morning": "Morning <round> (morning)"}),
        ("m", {"morning": "Morning <round> (morning)"}),
        ("<!channel>*`", {}),
        ("(.*+", {}),
        ("x" * 5_000, {}),
        ("\u202e\x00", {}),
    ],
)
async def test_names_and_titles_are_suggested_while_one_types(ann_at_work, typed, offered):
    body = {
        "type": "block_suggestion",
        "user": {"id": ANN},
        "team": {"id": "T1"},
        "action_id": NAMES,
        "block_id": NAMES,
        "value": typed,
        "view": {"id": "V1", "type": "modal"},
    }
    response = await ann_at_work.hears(body)
    options = json.loads(response.body)["options"]
    assert {option["value"]: option["text"]["text"] for option in options} == offered


async def test_a_check_is_run_from_slacks_own_menu(ann_at_work, story):
    body = {"type": "shortcut", "callback_id": Shortcut.RUN, "user": {"id": ANN}, "team": {"id": "T1"}}
    view = await ann_at_work.dialog({**body, "trigger_id": "1.2.d", "action_ts": "1.0"})
    assert validate.view(view) == []
    name = {"type": "external_select", "selected_option": chosen("api")["selected_option"]}
    where = {"type": "conversations_select", "selected_conversation": CHANNEL}
    await ann_at_work.enters(view, **{NAMES: name}, where=where)
    await story.after("2s")
    assert story.roots("api")


FROM_THE_MENU = {
    "type": "shortcut",
    "callback_id": Shortcut.RUN,
    "user": {"id": ANN},
    "team": {"id": "T1"},
    "trigger_id": "1.2.d",
    "action_ts": "1.0",
}


async def test_what_to_run_is_asked_at_once_because_slack_chooses_the_place_only_in_what_is_opened(ann_at_work, slack):
    await ann_at_work.dialog(FROM_THE_MENU)
    (name, given), *more = [heard for heard in slack.heard if heard[0].startswith("views.")]
    (where,) = [block for block in given["view"]["blocks"] if block["block_id"] == "where"]
    assert (name, more) == ("views.open", [])
    assert where["element"]["default_to_current_conversation"]


async def test_whoever_may_not_run_anything_is_told_so_before_they_have_chosen(ann, recording, slack):
    async def refuses(_user, _may):
        raise Refused("That is for on-call.")

    recording.admit = refuses
    assert reads(await ann.dialog(FROM_THE_MENU)) == "That is for on-call."


def on_message(shortcut, ts):
    return {
        "type": "message_action",
        "callback_id": shortcut,
        "user": {"id": ANN},
        "team": {"id": "T1"},
        "channel": {"id": CHANNEL},
        "trigger_id": "1.2.e",
        "message": {"type": "message", "ts": ts, "thread_ts": ts, "text": "disk <b> is full"},
    }


async def test_an_incident_is_acknowledged_from_its_message_or_its_thread(ann_at_work, story):
    card = story.the("#1 cache")
    body = on_message(Shortcut.ACKNOWLEDGE, "9.9")
    body["message"]["thread_ts"] = card.ts
    assert await ann_at_work._answered(body) == []
    assert (await incident(story)).acknowledged_by == ANN


async def test_a_message_that_is_no_incident_is_said_so(ann_at_work, story):
    (answer,) = await ann_at_work._answered(on_message(Shortcut.ACKNOWLEDGE, "7.7"))
    assert "not about an incident" in answer


async def test_a_message_becomes_an_entry_of_the_log(ann_at_work, story):
    view = await ann_at_work.dialog(on_message(Shortcut.LOG, "7.7"))
    assert validate.view(view) == []
    await ann_at_work.enters(view, kind=chosen("action"), text=text("emptied it"))
    (entry,) = await story.store.read(
        lambda tx: tx.log.between(story.clock.at.replace(hour=0), story.clock.at.replace(hour=23))
    )
    assert (entry.text, entry.kind, entry.by) == ("emptied it", "action", ANN)
    assert entry.link == "https://town.example/archives/C0OPS/p1"


async def test_evidence_is_shown_to_whoever_asks(ann_at_work, slack):
    answers = await ann_at_work.presses("evidence", "1")
    assert "cache:6379 refuses connections" in answers[0]


async def test_hostile_text_in_a_dialog_reaches_the_card_escaped(ann_at_work, story):
    view = await ann_at_work.opens(button(Opens.SNOOZE))
    await ann_at_work.enters(view, length=chosen("1h"), why=text("<!channel> `x` &"))
    await story.after("2s")
    (reply,) = story.replies("snoozed it")
    assert "<!channel>" not in reply.everything
    assert "&lt;!channel&gt;" in reply.everything


async def test_nothing_but_blanks_is_asked_for_again(ann_at_work, waiting):
    view = await ann_at_work.opens(button(Opens.SKIP, waiting))
    assert "Say why" in (await ann_at_work.enters(view, why=text("  ")))["errors"]["why"]
    view = await ann_at_work.opens(button(Opens.PROVE, waiting))
    answer = await ann_at_work.enters(view, note=text("seen"), link={"type": "url_text_input", "value": "ftp://x"})
    assert list(answer["errors"]) == ["link"]
    view = await ann_at_work.dialog(on_message(Shortcut.LOG, "7.7"))
    assert list((await ann_at_work.enters(view, kind=chosen("note"), text=text(" ")))["errors"]) == ["text"]
