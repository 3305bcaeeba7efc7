"""What an answer says: its own sentence is never lost in, or changed by, what the world put into it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents import Refused
from bot.domain.runs import Item, RunItem
from bot.engine.desk import Started
from commands.grammar import ALIASES, VERBS, Misunderstood, help_text, parse
from storage.opening import sqlite_url
from tests.commands.conversation import ANN, CHANNEL, Conversation
from tests.slack import limits, states
from tests.story import Story

HOSTILE = {
    "3,000 letters": "x" * 3_000,
    "3,000 characters that grow": "&" * 3_000,
    "3,000 lines": "a\n" * 1_500,
    "mentions": "<!channel> <@U9> <#C1|x> <!subteam^S1>",
    "right to left": "שלום \u202e gnp.exe",
    "half a pair": "\ud83d broken \udc00",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x85",
    "nothing": "",
}
SENTENCES = {
    "run morning": ("Running *", "*; its message shows how far it is."),
    "ack #12": ("You have #12 ", " now; nobody else is called."),
    "unack #12": (
        "#12 ",
        " is open again; next call: @ann, <!date^1772440500^{date_short_pretty} {time}|2026-03-02 08:35 UTC>.",
    ),
    "escalate #12": ("Escalated #12 ", "; its thread says whom that called."),
    "resolve #12": ("#12 ", " is resolved."),
}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
PINGS = re.compile(r"<|@(?:here|channel|everyone)")


@pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
@pytest.mark.parametrize("text", SENTENCES)
async def test_the_answer_to_a_verb_is_a_whole_sentence_whatever_the_title(ann, recording, slack, text, said):
    recording.answer = Started(said) if text.startswith("run") else states.incident(said)
    (answer,) = await ann.says(text)
    begin, end = SENTENCES[text]
    assert answer.startswith(begin)
    assert answer.endswith(end)
    assert not UNSEEN.search(answer)
    assert limits.tokens(answer) == limits.tokens(end)
    assert limits.problems(slack.heard[-1][1]["blocks"]) == []


@pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
async def test_the_answer_to_who_takes_an_item_is_a_whole_sentence_whatever_its_text(ann, recording, said):
    recording.answer = RunItem(Item("plants", said))
    (answer,) = await ann.says("ack plants")
    assert answer.startswith("You have “")
    assert answer.endswith("”; tick it when it is done.")
    assert limits.tokens(answer) == set()


near_misses = st.sampled_from([*VERBS, *ALIASES]).flatmap(
    lambda word: st.tuples(st.integers(0, len(word)), st.sampled_from("aeiou<&`@\ud800\u202e\x07")).map(
        lambda at: word[: at[0]] + at[1] + word[at[0] :]
    )
)
typed = st.text(alphabet=st.characters(), max_size=200) | near_misses


@given(typed, st.sampled_from(["", " #12", " <!channel>", " @here"]))
def test_no_answer_to_what_is_not_understood_pings_or_links(text, rest):
    try:
        said = parse(text + rest)
    except Misunderstood as error:
        answer = str(error)
    else:
        answer = help_text(said.target)
    assert not PINGS.search(answer)
    assert not UNSEEN.search(answer)
    assert limits.problems([{"type": "section", "text": {"type": "mrkdwn", "text": answer, "verbatim": True}}]) == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_letter_too_many_is_answered_with_the_verb_that_was_meant(verb):
    with pytest.raises(Misunderstood) as refused:
        parse(f"{verb}e #12")
    usage = VERBS[verb].usage.replace("<", "&lt;").replace(">", "&gt;")
    assert f"Did you mean `/rounds {usage}`?" in str(refused.value)


@pytest.mark.parametrize(("alias", "verb"), ALIASES.items())
def test_an_alias_says_the_same_as_its_verb(alias, verb):
    assert parse(f"{alias} #12 a note" if alias else "").verb == verb


@pytest.mark.parametrize("alias", [alias for alias in ALIASES if alias])
def test_help_on_an_alias_explains_its_verb(alias):
    assert help_text(alias) == help_text(ALIASES[alias])


@pytest.mark.parametrize("all_of_them", ["all", "ALL", "All"])
async def test_all_is_asked_about_however_it_is_written(ann, recording, all_of_them):
    recording.answer = (states.incident("x"),)
    (question,) = await ann.says(f"ack {all_of_them}")
    assert "Acknowledge all 1?" in question


@pytest.mark.parametrize("text", ["run morning", "ack #1", "statsu"])
async def test_a_refusal_reaches_only_the_one_who_asked(ann, recording, slack, text):
    recording.failing = Refused("There is nothing to do.")
    await ann.says(text)
    ((way, body),) = slack.heard
    assert (way, body["response_type"], body["replace_original"]) == ("response_url", "ephemeral", False)


async def test_a_refused_press_leaves_the_card_alone_and_is_told_only_to_the_one_who_pressed(ann, recording, slack):
    recording.failing = Refused("#12 is resolved already.")
    assert await ann.presses("acknowledge", "12") == ["#12 is resolved already."]
    ((way, body),) = slack.heard
    assert (way, body["response_type"], body["replace_original"]) == ("response_url", "ephemeral", False)


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"])
async def test_a_channel_that_takes_no_answer_is_replaced_by_a_direct_message(ann, slack, error):
    slack.dead, slack.closed = "404", error
    (answer,) = await ann.says("help")
    ((way, body),) = slack.heard
    assert (way, body["channel"]) == ("chat.postMessage", ANN)
    assert "What you can say" in answer
    assert CHANNEL not in body.values()


@pytest.mark.parametrize("method", ["chat.postEphemeral", "chat.postMessage"])
async def test_an_answer_that_gets_lost_on_the_way_is_sent_once_more(ann, slack, method):
    slack.dead, slack.closed = "404", "" if method == "chat.postEphemeral" else "not_in_channel"
    slack.stumbles[method] = 1
    (answer,) = await ann.says("help")
    assert [way for way, _ in slack.heard] == ["chat.postMessage"]
    assert "What you can say" in answer


PLANTS = "<!channel> <@U9> *Water* `the` <https://evil.example|plants>"

GREENHOUSE = f"""
channel: C0OPS
checks:
  api: {{kind: disk, path: /}}
checklists:
  morning:
    title: "Morning {PLANTS}"
    schedule: "every day at 9:00"
    items: [api, {{manual: "{PLANTS}", id: plants}}, {{manual: "Feed the fish", id: fish}}]
"""


@pytest.fixture
async def greenhouse(tmp_path):
    """A team whose manual item and checklist have hostile names; its morning run is waiting."""
    async with Story.begin(tmp_path, sqlite_url(tmp_path / "rounds.db")) as story:
        await story.configured(GREENHOUSE)
        await story.after("2h")
        yield story


async def test_refusing_a_tick_mentions_nobody_but_who_ticked(slack, greenhouse):
    ann = Conversation(slack, greenhouse.desk)
    run = greenhouse.the("to do by hand").buttons["tick"].partition(":")[0]
    answers = await ann.presses("untick", f"{run}:plants", moment="1")
    await ann.presses("tick", f"{run}:plants", moment="2")
    answers += await ann.presses("tick", f"{run}:plants", moment="3")
    await greenhouse.after("24h")
    answers += await ann.presses("tick", f"{run}:fish", moment="4")
    assert [("nothing to take back" in a, "already" in a, "taken this item over" in a) for a in answers] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert limits.tokens("\n".join(answers)) == {f"<@{ANN}>"}
    assert all("Water" in a or "Morning" in a for a in answers)
    assert not any("`" in a or "*" in a for a in answers)


async def test_help_that_was_asked_for_by_hand_says_who_asked_without_half_a_mention(slack, greenhouse):
    ann = Conversation(slack, greenhouse.desk)
    await ann.says("escalate api")
    await greenhouse.after("2s")
    card = greenhouse.the("#1 ")
    assert f"<@{ANN}>" in card.everything
    assert "&lt;@" not in card.everything
