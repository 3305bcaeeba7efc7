"""Being spoken to: a mention, a direct message and a pressed suggestion mean what `/rounds` means."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.incidents import Refused, State
from bot.engine.desk import Repeated
from bot.slack.ears import ME
from bot.slack.ids import Press
from commands.mentions import after_mention
from tests.commands.conversation import ANN, CHANNEL, DIRECT, INCIDENT_TS, Conversation
from tests.slack import limits

SAME = {
    "run morning": ("run", ("morning",)),
    "ack #12 looking at it": ("acknowledge", ("#12",)),
    "unack #12": ("unacknowledge", ("#12",)),
    "escalate cache to <@U0BEN|ben> knows caches": ("escalate", ("cache",)),
    "resolve cache": ("resolve", ("cache",)),
    "log issue the queue is stuck": ("log", ("issue the queue is stuck",)),
}


@pytest.mark.parametrize("text", SAME)
async def test_a_mention_and_a_direct_message_ask_the_desk_for_the_same_as_the_command(ann, recording, text):
    recording.failing = Refused("not now")
    assert await ann.says(text) == ["not now"]
    assert await ann.mentions(text) == ["not now"]
    assert await ann.writes(text) == ["not now"]
    ways = [asked[len(args)] for _, asked, _ in recording.asked for args in [SAME[text][1]]]
    assert [(name, asked[:1]) for name, asked, _ in recording.asked] == [SAME[text]] * 3
    assert [(way.by, way.via) for way in ways] == [(ANN, "command"), (ANN, "mention"), (ANN, "message")]


async def test_a_mention_is_answered_to_the_person_alone_and_in_the_thread_where_it_stood(ann, slack):
    await ann.mentions("help")
    await ann.mentions("help", thread="1772442099.000001")
    assert [way for way, _ in slack.heard] == ["chat.postEphemeral"] * 2
    assert [(b["channel"], b["user"], b.get("thread_ts")) for _, b in slack.heard] == [
        (CHANNEL, ANN, None),
        (CHANNEL, ANN, "1772442099.000001"),
    ]


async def test_a_direct_message_is_answered_where_it_was_written(ann, slack):
    await ann.writes("help")
    ((way, body),) = slack.heard
    assert (way, body["channel"]) == ("chat.postMessage", DIRECT)


async def test_a_channel_that_hides_no_answer_is_replaced_by_a_direct_message(ann, slack):
    slack.closed = "channel_not_found"
    await ann.mentions("help")
    ((way, body),) = slack.heard
    assert (way, body["channel"]) == ("chat.postMessage", ANN)


async def test_in_an_incidents_thread_the_incident_is_left_away(ann, recording):
    recording.failing = Refused("not now")
    await ann.mentions("ack looking at it", thread=INCIDENT_TS)
    await ann.mentions("log restarted it", thread=INCIDENT_TS, ts="1772442100.000002")
    await ann.mentions("ack", thread="1772442099.000001", ts="1772442100.000003")
    (ack, log) = recording.asked
    assert (ack[0], ack[1][0], ack[2]["note"]) == ("acknowledge", "#12", "looking at it")
    assert (log[0], log[2]["incident"]) == ("log", 12)


async def test_the_same_words_told_as_a_mention_and_as_a_message_have_one_effect(ann_at_work, story):
    await ann_at_work.mentions("run morning")
    await ann_at_work.happens(
        {"type": "message", "channel_type": "im", "user": ANN, "text": "run morning", "channel": CHANNEL}
        | {"ts": "1772442100.000001"}
    )
    await story.settle()
    assert len(story.roots("Morning")) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"bot_id": "B0OTHER"},
        {"channel_type": "channel"},
        {"channel_type": "mpim"},
        {"user": None},
        {"user": {"id": ANN}},
        {"user": "\x00"},
        {"channel": "nowhere"},
        {"ts": "now"},
    ],
    ids=str,
)
async def test_what_nobody_said_to_us_is_acknowledged_and_changes_nothing(ann, recording, more):
    assert await ann.writes("run morning", **more) == []
    assert recording.asked == []


async def test_a_direct_message_with_a_file_is_read_for_its_words(ann, recording):
    recording.failing = Refused("not now")
    assert await ann.writes("ack #12", subtype="file_share") == ["not now"]


BOT = "U0BOT"
SAID = [
    ("<@U0BOT> status", "status"),
    ("<@U0BOT|rounds>: status", "status"),
    ("<@U0BOT>", ""),
    ("please <@U0BOT> ack #12 <@U1>", "ack #12 <@U1>"),
    ("<@U1> and <@U0BOT>, status", "status"),
    ("<@U0BOTHER> status", "<@U0BOTHER> status"),
    ("status", "status"),
]


@pytest.mark.parametrize(("text", "said"), SAID)
def test_what_follows_our_mention_is_said_to_us(text, said):
    assert after_mention(text, BOT) == said


def test_while_slack_has_not_said_who_we_are_the_first_mention_is_ours():
    assert after_mention("<@U0WHO> status", None) == "status"


async def test_who_we_are_is_still_known_of_a_mention_that_a_crash_left(slack, recording):
    ann = Conversation(slack, recording)
    recording.failing = Refused("not now")
    said = {"type": "app_mention", "user": ANN, "text": "<@U0BEN> and <@UBOT> ack #12", "channel": CHANNEL}
    await ann.inbox.keep("event:Ev1", {**said, "ts": "1772442100.000001", ME: "UBOT"})
    await ann.ears.recall()
    await ann.crew.drain(60)
    ((name, args, _),) = recording.asked
    assert (name, args[0]) == ("acknowledge", "#12")
    assert slack.answers() == ["not now"]
    assert ann.inbox.kept == {}


async def test_a_direct_message_may_begin_with_our_name_or_with_somebody_elses(ann, recording):
    recording.failing = Refused("not now")
    assert await ann.writes("<@UBOT> ack #12") == ["not now"]
    (answer,) = await ann.writes("<@U0BEN> ack #12")
    assert "does not know" in answer


async def test_a_near_miss_is_answered_with_a_button_that_does_just_that(ann, recording, slack):
    (answer,) = await ann.says('ack chace a "quoted" &lt;note&gt; for <@U1|ann>')
    assert "Did you mean `cache`?" in answer
    assert recording.asked == []
    (press,) = list(limits.elements(slack.heard[-1][1]["blocks"]))
    assert press["text"]["text"] == '/rounds ack cache a "quoted" <note> for <@U1|ann>'
    recording.failing = Refused("not now")
    assert await ann.presses(press["action_id"], press["value"]) == ["not now"]
    ((name, args, given),) = recording.asked
    assert (name, args[0], given["note"]) == ("acknowledge", "cache", 'a "quoted" <note> for @ann')
    assert (args[1].by, args[1].via) == (ANN, "button")


async def test_what_is_ambiguous_is_asked_with_a_button_for_each(ann, slack):
    (answer,) = await ann.says("re #12")
    assert "may be `/rounds reopen`, `/rounds report` or `/rounds resolve`" in answer
    presses = list(limits.elements(slack.heard[-1][1]["blocks"]))
    assert [press["value"] for press in presses] == ["reopen #12", "report #12", "resolve #12"]
    assert {press["action_id"] for press in presses} == {Press.SAY.value}


async def test_a_suggestion_that_no_button_can_hold_is_said_in_words(ann, slack):
    (answer,) = await ann.says("ack chace " + "x" * 2_500)
    assert "Did you mean `cache`?" in answer
    assert list(limits.elements(slack.heard[-1][1]["blocks"])) == []


async def test_a_suggestion_is_done_by_whoever_presses_it(ann_at_work, story, slack):
    await ann_at_work.says("ack chace mine")
    (press,) = list(limits.elements(slack.heard[-1][1]["blocks"]))
    (answer,) = await ann_at_work.presses(press["action_id"], press["value"])
    assert "You have #1 cache now" in answer
    (incident,) = (await story.desk.status()).incidents
    assert (incident.state, incident.acknowledged_by) == (State.ACKNOWLEDGED, ANN)


@pytest.fixture
def impatient(slack, recording):
    """Ann, before a desk that takes its time and an app without patience."""
    recording.closed, recording.failing = asyncio.Event(), Refused("not now")
    return Conversation(slack, recording, patience_s=0)


async def test_what_takes_a_moment_says_so_and_the_answer_takes_its_place(impatient, slack, recording):
    asked = asyncio.create_task(impatient.says("run morning"))
    await slack.has_heard(1)
    recording.closed.set()
    assert await asked == ["One moment …", "not now"]
    assert [body["replace_original"] for _, body in slack.heard] == [False, True]


async def test_in_a_direct_message_the_first_words_become_the_answer(impatient, slack, recording):
    asked = asyncio.create_task(impatient.writes("run morning"))
    await slack.has_heard(1)
    recording.closed.set()
    assert await asked == ["One moment …", "not now"]
    assert [way for way, _ in slack.heard] == ["chat.postMessage", "chat.update"]
    assert slack.heard[1][1]["ts"] == "1.2"


async def test_what_was_done_already_is_not_left_at_one_moment(impatient, slack, recording):
    recording.failing = Repeated()
    asked = asyncio.create_task(impatient.says("run morning"))
    await slack.has_heard(1)
    recording.closed.set()
    assert await asked == ["One moment …", "That has been done already."]


async def test_a_press_whose_effect_is_seen_on_its_card_needs_no_first_words(impatient, slack, recording):
    recording.failing = None
    recording.closed.set()
    assert await impatient.presses("acknowledge", "12") == []


REPORT = "2026-03-02"


async def test_a_report_is_posted_as_a_file_where_it_was_asked_for(ann_at_work, slack):
    await ann_at_work.says("log issue the *queue* is stuck", trigger="1")
    await ann_at_work.says("report", trigger="2")
    (press,) = list(limits.elements(slack.heard[-1][1]["blocks"]))
    assert (press["action_id"], press["value"]) == ("report_file", REPORT)
    answers = await ann_at_work.presses(press["action_id"], press["value"])
    assert answers == [f"Writing the report of {REPORT} …", f"The report of {REPORT} is posted here."]
    ((channel, text),) = slack.files
    assert channel == CHANNEL
    assert text.startswith("# Report of Monday, 2 March 2026\n")
    assert r"the \*queue\* is stuck" in text


@pytest.mark.parametrize("place", [CHANNEL, None], ids=["a channel that takes none", "App Home"])
async def test_where_no_file_can_be_posted_it_is_sent_to_whoever_asked(ann_at_work, slack, place):
    slack.no_files = CHANNEL
    *_, answer = await ann_at_work.presses("report_file", REPORT, channel=place)
    assert answer == f"The report of {REPORT} is sent to you."
    assert [channel for channel, _ in slack.files] == [DIRECT]


@pytest.mark.parametrize("value", ["", "today", "2026-03-02x", "2026-3-2", "٢٠٢٦-٠٣-٠٢"])
async def test_a_report_that_no_card_of_ours_offers_is_answered_with_a_sentence(ann, slack, value):
    (answer,) = await ann.presses("report_file", value)
    assert "older version" in answer
    assert slack.files == []


async def test_a_day_to_come_has_no_report(ann, slack):
    (answer,) = await ann.presses("report_file", "2026-03-03")
    assert "still to come" in answer
