"""`/rounds`: every verb does what it says, and says what it did."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.incidents import Refused, State
from bot.domain.permissions import May
from bot.engine.desk import Repeated
from commands.grammar import VERBS
from commands.verbs import DOES, MAY
from tests.commands.conversation import ANN, CHANNEL
from tests.slack import limits

HOSTILE = "<!channel>`<@U9>*&amp;<https://evil.example|x>"

SAID = {
    # verb: what is said before, what is said, what is answered
    "status": ([], "status", ["#1 cache", "Critical", "cache:6379 refuses"]),
    "show": ([], "show #1", ["#1 cache", "Critical, open", "opened: cache:6379 refuses"]),
    "run": ([], "run morning", ["Running", "Morning &lt;round&gt;", "its message shows"]),
    "ack": ([], "ack #1 looking at it", ["You have #1 cache now"]),
    "unack": (["ack #1"], "unack cache", ["#1 cache is open again; next call: @ben, "]),
    "snooze": ([], "snooze #1 2h a part is ordered", ["#1 cache is quiet until", "told anew"]),
    "unsnooze": (["snooze #1 2h"], "unsnooze #1", ["#1 cache is quiet no longer; next call: @ben, "]),
    "escalate": ([], "escalate #1 needs a hand", ["Escalated #1 cache"]),
    "resolve": ([], "resolve cache mended", ["#1 cache is resolved"]),
    "reopen": (["resolve #1"], "reopen #1", ["#1 cache is open again; next call: @ben, "]),
    "tick": (["run morning"], "tick plants all wet", ["Done: “Water the plants”"]),
    "skip": (["run morning"], "skip plants it rains", ["Skipped this time: “Water the plants”"]),
    "untick": (["run morning", "skip plants it rains"], "untick plants", ["Open again: “Water the plants”"]),
    "log": ([], "log action restarted it", ["Written down as action 1: restarted it"]),
    "unlog": (["log a party"], "unlog", ["Taken back: a party"]),
    "report": (["log issue slow"], "report", ["Report of Monday, 2 March 2026", "slow", "#1 cache"]),
    "oncall": ([], "oncall", ["*team*", "1. at once: @ann", "2. after 2 h: @ben"]),
    "help": ([], "help ack", ["/rounds ack", "`/rounds unack` takes it back", "Example"]),
}


def test_the_table_knows_every_verb_and_every_verb_does_something():
    assert set(SAID) == set(VERBS) == set(DOES) == set(MAY)


@pytest.mark.parametrize("verb", SAID)
async def test_a_verb_is_answered_once_to_the_person_alone(ann_at_work, slack, story, verb):
    before, text, parts = SAID[verb]
    for n, each in enumerate(before):
        await ann_at_work.says(each, trigger=f"before {n}")
        await story.settle()
    (answer,) = await ann_at_work.says(text)
    assert [part for part in parts if part not in answer] == []
    assert slack.heard[-1][1]["response_type"] == "ephemeral"
    assert limits.problems(slack.heard[-1][1]["blocks"]) == []


ASKED_FIRST = ["ack all", "ack", "snooze #1 whenever", "snooze #1", "run m", "resolve cahce", "skip plants", "log"]
"""Said so, somebody who may is asked what they mean, or whether they are sure."""


@pytest.mark.parametrize("text", ASKED_FIRST)
async def test_whoever_may_not_is_refused_before_they_are_asked_anything(ann_at_work, slack, story, monkeypatch, text):
    await ann_at_work.says(text, trigger="while they may")
    (asked,) = (body for _, body in slack.heard)
    assert "You may not" not in asked["text"]

    async def admit(_user, may):
        if may is not May.READ:
            raise Refused(f"You may not {may.value}.")

    monkeypatch.setattr(story.desk, "admit", admit)
    (answer,) = await ann_at_work.says(text)
    assert answer == f"You may not {MAY[text.split()[0]].value}."
    assert "button" not in str(slack.heard[-1][1]["blocks"])


@pytest.mark.parametrize("verb", [verb for verb in SAID if MAY[verb] is not May.READ])
async def test_what_a_verb_needs_is_what_the_desk_asks_for(ann_at_work, story, monkeypatch, verb):
    before, text, _ = SAID[verb]
    for n, each in enumerate(before):
        await ann_at_work.says(each, trigger=f"before {n}")
        await story.settle()
    wanted = []

    async def admit(_user, may):
        wanted.append(may)

    monkeypatch.setattr(story.desk, "admit", admit)
    await ann_at_work.says(text)
    assert wanted == [May.READ, MAY[verb], MAY[verb]]


UNDONE = {
    "ack #1": "unack #1",
    "ack plants": "unack plants",
    "snooze cache 2h": "unsnooze #1",
    "resolve #1": "reopen #1",
    "tick plants": "untick plants",
    "skip plants no": "untick plants",
    "log a party": "unlog 1",
}


@pytest.mark.parametrize("text", UNDONE)
async def test_what_was_done_is_taken_back_by_the_button_in_its_answer(ann_at_work, story, slack, text):
    await ann_at_work.says("run morning", trigger="1")
    await story.settle()
    before = await told(story)
    await ann_at_work.says(text, trigger="2")
    assert await told(story) != before
    (press,) = list(limits.elements(slack.heard[-1][1]["blocks"]))
    assert (press["action_id"], press["value"]) == ("say", UNDONE[text])
    (answer,) = await ann_at_work.presses(press["action_id"], press["value"])
    assert "wrong" not in answer
    assert await told(story) == before


async def told(story):
    """What people may change."""
    status, report = await story.desk.status(), await story.desk.report()
    incidents = [(i.id, i.state, i.acknowledged_by, i.snoozed_until) for i in status.incidents]
    items = [(item.item.id, item.state, item.owner) for run in status.waiting for item in run.open_items]
    return incidents, items, report.notes


def test_every_verb_that_can_be_taken_back_says_how():
    assert {verb.undo for verb in VERBS.values() if verb.undo} == {"unack", "unsnooze", "reopen", "untick", "unlog"}


async def test_what_was_said_has_happened(ann_at_work, story):
    card = story.the("#1 cache")
    await ann_at_work.says("ack cache looking at it", trigger="1")
    await story.after("2s")
    assert card.shows(f"<@{ANN}> has it")
    assert story.replies("looking at it")
    await ann_at_work.says("escalate #1 needs a hand", trigger="2")
    await story.after("2s")
    assert story.replies("Escalated to* @ben", "needs a hand")
    await ann_at_work.says("run morning", trigger="3")
    await story.settle()
    assert story.the("Morning", f"asked for by <@{ANN}>").channel == CHANNEL
    await ann_at_work.says("resolve 1 mended", trigger="4")
    await story.after("2s")
    assert card.shows("Resolved by")


async def test_everything_is_taken_only_after_a_question(ann_at_work, story, slack):
    (question,) = await ann_at_work.says("ack all")
    assert "Acknowledge all 1?" in question
    assert (await story.desk.status()).incidents[0].state is State.OPEN
    (press,) = list(limits.elements(slack.heard[-1][1]["blocks"]))
    await ann_at_work.presses(press["action_id"], press["value"])
    assert (await story.desk.status()).incidents[0].state is State.ACKNOWLEDGED


async def test_a_manual_item_is_taken_by_name_and_is_not_ticked_by_that(ann_at_work, story):
    await ann_at_work.says("run morning", trigger="1")
    await story.settle()
    (answer,) = await ann_at_work.says("ack plants", trigger="2")
    assert "You have “Water the plants”" in answer
    await story.after("2s")
    assert story.the("Morning", "to do by hand", f"<@{ANN}> has it")


@pytest.mark.parametrize(
    "text",
    [
        f"run {HOSTILE}",
        f"ack {HOSTILE}",
        f"unack {HOSTILE}",
        f"escalate {HOSTILE}",
        f"resolve {HOSTILE}",
        f"help {HOSTILE}",
        HOSTILE,
        "ack #²",
        "ack #99999999999999999999999999",
        "ack ٣",
        "resolve #-1",
        "run \u202e",
        "ack " + "x" * 8_000,
        "run " + "&amp;" * 3_000,
        "x" * 8_000,
    ],
)
async def test_hostile_words_are_answered_with_a_sentence_that_mentions_nobody(ann_at_work, slack, text):
    (answer,) = await ann_at_work.says(text)
    assert "Something went wrong" not in answer
    assert limits.tokens(answer) == set()
    assert len(answer) < 2_000
    assert limits.problems(slack.heard[-1][1]["blocks"]) == []


@pytest.mark.parametrize("text", ["ack #1 {}", "escalate #1 {}", "resolve #1 {}", "escalate api {}"])
async def test_hostile_notes_mention_nobody_on_any_card(ann_at_work, story, text):
    await ann_at_work.says(text.format(HOSTILE))
    await story.after("2s")
    shown = "\n".join(message.everything for message in story.slack.messages)
    assert not {token for token in limits.tokens(shown) if "channel" in token or "U9" in token or "evil" in token}


async def test_a_command_that_slack_delivers_twice_works_once(ann_at_work, story):
    await ann_at_work.says("run morning", trigger="7.7")
    assert await ann_at_work.says("run morning", trigger="7.7") == []
    await story.settle()
    assert len(story.roots("Morning")) == 1


@pytest.mark.parametrize("text", ["run morning", "ack #1", "unack #1", "escalate #1", "resolve #1", "status"])
async def test_a_refusal_is_told_in_its_own_words(ann, recording, text):
    recording.failing = Refused("#1 is resolved already.")
    assert await ann.says(text) == ["#1 is resolved already."]


async def test_what_was_done_already_needs_no_second_answer(ann, recording):
    recording.failing = Repeated()
    assert await ann.says("ack #1") == []


async def test_slack_is_acknowledged_although_the_desk_takes_its_time(ann, recording):
    recording.closed = asyncio.Event()
    body = {"command": "/rounds", "text": "run morning", "user_id": ANN, "channel_id": CHANNEL, "team_id": "T1"}
    assert (await asyncio.wait_for(ann.hears(body), 60)).status == 200
    recording.closed.set()
    await ann.crew.drain(60)
    assert len(recording.asked) == 1
