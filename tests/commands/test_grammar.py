"""The language: every verb, every alias, and nothing that anybody types breaks it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.cards import help_card, perhaps_card
from commands.grammar import (
    ALIASES,
    VERBS,
    Misunderstood,
    Takes,
    help_text,
    parse,
    usage_hint,
)
from commands.grammar.verbs import HINTED
from tests.commands.vocabulary import plainly, understood
from tests.slack import limits

typed = st.text(alphabet=st.characters(), max_size=200) | st.lists(
    st.sampled_from(
        [*VERBS, *ALIASES, "#12", "all", "to", "cach", "<@U1|ann>", "&lt;!channel&gt;", '"', "`", "\x00", "\ud800", "²"]
    ),
    max_size=6,
).map(" ".join)


@given(typed)
@example("&#0;&#x1;&#10;&#xd800;")
@example("STATUS\u2028now")
@example("escalate cache to \x00")
def test_whatever_is_typed_is_understood_or_answered(text):
    try:
        said = understood(text)
    except Misunderstood as error:
        card = perhaps_card(str(error), error.perhaps)
        assert limits.problems(card.message["blocks"]) == []
        assert limits.tokens(card.text) == set()
        assert len(card.text) < 1_500
    else:
        assert said.verb in VERBS
        assert not (VERBS[said.verb].needs and VERBS[said.verb].takes is not Takes.TEXT) or said.target


@given(typed.filter(lambda text: len(text) < 1_000))
def test_nothing_that_cannot_be_stored_or_shown_gets_through(text):
    said = parse(f"ack #12 because {text}")
    assert not set(map(chr, range(32))) & set(said.rest)
    said.rest.encode("utf-8")


@given(typed)
@example("UNT 0 0")
@example("run 0 0")
@example("skip 0 0")
def test_every_suggestion_is_a_command_that_is_understood(text):
    try:
        understood(text)
    except Misunderstood as error:
        for command in error.perhaps:
            assert understood(command)


def test_what_is_too_long_is_refused_and_not_cut():
    with pytest.raises(Misunderstood, match="3001 characters of text"):
        parse("ack #12 " + "x" * 3_001)
    with pytest.raises(Misunderstood, match="too much to read"):
        parse("x" * 8_001)


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_the_example_of_a_verb_is_understood_as_that_verb(verb):
    said = parse(verb.example)
    assert said.verb == verb.name
    assert bool(said.target or said.rest) is (verb.example != verb.name)
    if verb.takes not in (Takes.NOTHING, Takes.TEXT):
        assert said.target


@pytest.mark.parametrize("verb", [verb for verb in VERBS.values() if verb.needs], ids=lambda verb: verb.name)
def test_a_verb_that_needs_something_says_what_and_gives_an_example(verb):
    with pytest.raises(Misunderstood) as refused:
        parse(verb.name)
    assert verb.needs in str(refused.value)
    assert verb.example in str(refused.value)


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_help_on_a_verb_shows_its_usage_and_example(verb):
    text = help_text(verb.name)
    assert verb.summary in text
    assert f"/rounds {verb.example}" in text
    assert not verb.undo or f"`/rounds {verb.undo}` takes it back" in text
    assert limits.tokens(text) == set()


def test_help_lists_every_verb_and_fits():
    text = help_text()
    assert all(verb.summary in text for verb in VERBS.values())
    card = help_card(text)
    assert limits.problems(card.message["blocks"]) == []
    assert "\n".join(block["text"]["text"] for block in card.blocks) == text


@pytest.mark.parametrize("word", ["nonsense", "<!channel>", "\ud800"])
def test_help_on_a_word_that_is_none_says_so_and_lists_everything(word):
    first, _, rest = help_text(word).partition("\n")
    assert "does not know" in first
    assert limits.tokens(first) == set()
    assert rest == help_text() == help_text(" ")


@pytest.mark.parametrize(
    ("said", "verb", "first"),
    [
        ("snoze", "snooze", "Rounds does not know “snoze”. This is about `snooze`."),
        ("run morning", "run", "`/rounds run &lt;checklist or check&gt;`"),
        ("done", "tick", "`/rounds tick &lt;item&gt; [link] [note]`"),
    ],
)
def test_help_is_about_the_first_word_or_what_it_was_meant_to_be(said, verb, first):
    assert help_text(said).splitlines()[0] == first
    assert VERBS[verb].summary in help_text(said)


def test_the_hint_of_the_manifest_names_what_people_use_most():
    hint = usage_hint()
    assert [part.split()[0] for part in hint.split(" | ")] == list(HINTED)
    assert {verb.undo for verb in VERBS.values()} & set(HINTED) == set()
    assert len(hint) <= 1_000


UNDERSTOOD = [
    # text, verb, target, to whom, rest
    pytest.param("", "status", "", None, "", id="nothing means status"),
    pytest.param("  \t ", "status", "", None, "", id="blanks are nothing"),
    pytest.param("?", "help", "", None, "", id="a question mark asks for help"),
    pytest.param("STATUS", "status", "", None, "", id="case does not matter"),
    pytest.param("sta", "status", "", None, "", id="the beginning of a verb"),
    pytest.param("acknow #12", "ack", "#12", None, "", id="the beginning of an alias"),
    pytest.param("acknowledge 12", "ack", "#12", None, "", id="the long word, and a bare number"),
    pytest.param("take incident 12 mine", "ack", "#12", None, "mine", id="the word incident before a number"),
    pytest.param("mute cache 2h", "snooze", "cache", None, "2h", id="mute means snooze"),
    pytest.param("who is on call?", "oncall", "", None, "", id="who means oncall"),
    pytest.param("oncall?", "oncall", "", None, "", id="a question"),
    pytest.param("check morning", "run", "morning", None, "", id="check means run"),
    pytest.param("run mor", "run", "morning", None, "", id="the beginning of a name"),
    pytest.param("run Month’s END", "run", "month-end", None, "", id="a title"),
    pytest.param('show "month’s end"', "show", "month-end", None, "", id="a title in quotes"),
    pytest.param("ack “the cache” mine", "ack", "cache", None, "mine", id="a title in curly quotes, and a note"),
    pytest.param("ack `cache` mine", "ack", "cache", None, "mine", id="a name as code"),
    pytest.param("ack cac", "ack", "cache", None, "", id="what goes on comes before what is fine"),
    pytest.param("ack api", "ack", "api", None, "", id="a check without an incident is for the desk to refuse"),
    pytest.param("ack ALL", "ack", "all", None, "", id="all"),
    pytest.param("ack plants", "ack", "plants", None, "", id="an item"),
    pytest.param("ack  #12\n looking   at it ", "ack", "#12", None, "looking at it", id="blanks are one blank"),
    pytest.param("ack #12 a &lt; b &amp;&amp; c", "ack", "#12", None, "a < b && c", id="as it was typed"),
    pytest.param("ack #12 &amp;lt;!here&amp;gt;", "ack", "#12", None, "&lt;!here&gt;", id="unescaped once"),
    pytest.param("ack #12 <@U1|ann> <@U2> knows", "ack", "#12", None, "@ann @U2 knows", id="people in a note"),
    pytest.param(
        "ack #12 <#C1|ops> <!here> <https://a.example/?x&amp;y|a>",
        "ack",
        "#12",
        None,
        "#ops @here https://a.example/?x&y",
        id="channels, everybody and links in a note",
    ),
    pytest.param("ack #12 \ud83d broken", "ack", "#12", None, "broken", id="half a pair is a blank"),
    pytest.param("escalate #12", "escalate", "#12", None, "", id="the next step"),
    pytest.param("escalate #12 why", "escalate", "#12", None, "why", id="the next step, and why"),
    pytest.param("escalate #12 to 2 why", "escalate", "#12", 2, "why", id="a step"),
    pytest.param("escalate #12 to step 2", "escalate", "#12", 2, "", id="a step, in words"),
    pytest.param("escalate #12 to level 2", "escalate", "#12", 2, "", id="a level"),
    pytest.param("escalate cache to <@U1|ann> why", "escalate", "cache", "user:U1", "why", id="a person"),
    pytest.param("escalate cache <@U1>, please", "escalate", "cache", "user:U1", "please", id="a mention without to"),
    pytest.param("escalate cache to <!subteam^S1|@dba>", "escalate", "cache", "usergroup:S1", "", id="a group"),
    pytest.param("escalate cache to @Ben", "escalate", "cache", "user:ben", "", id="a name of the configuration"),
    pytest.param("escalate cache to sr", "escalate", "cache", "usergroup:sre", "", id="the beginning of a group"),
    pytest.param("snooze #12 2h 30m", "snooze", "#12", None, "2h 30m", id="how long"),
    pytest.param("log: the queue", "log", "", None, "the queue", id="a colon after the verb"),
    pytest.param("note the queue", "log", "", None, "the queue", id="note means log"),
    pytest.param("untick fish", "untick", "fish", None, "", id="what was done"),
    pytest.param("reopen cache it is back", "reopen", "cache", None, "it is back", id="the last one of a check"),
]


@pytest.mark.parametrize(("text", "verb", "target", "to", "rest"), UNDERSTOOD)
def test_what_is_understood(text, verb, target, to, rest):
    assert plainly(understood(text)) == (verb, target, to, rest)


IN_A_THREAD = [
    pytest.param("ack", "ack", "#7", None, "", id="the incident is left away"),
    pytest.param("ack looking at it", "ack", "#7", None, "looking at it", id="everything is the note"),
    pytest.param("ack #12 looking", "ack", "#12", None, "looking", id="another one by number"),
    pytest.param("ack all", "ack", "all", None, "", id="all"),
    pytest.param("snooze 2h", "snooze", "#7", None, "2h", id="how long"),
    pytest.param("escalate to 2 why", "escalate", "#7", 2, "why", id="to whom"),
    pytest.param("unack", "unack", "#7", None, "", id="nothing follows"),
    pytest.param("show cache", "show", "cache", None, "", id="something else is shown"),
    pytest.param("run morning", "run", "morning", None, "", id="what is no incident"),
    pytest.param("log restarted it", "log", "", None, "restarted it", id="the log"),
]


@pytest.mark.parametrize(("text", "verb", "target", "to", "rest"), IN_A_THREAD)
def test_in_the_thread_of_an_incident_it_may_be_left_away(text, verb, target, to, rest):
    assert plainly(understood(text, incident=7)) == (verb, target, to, rest)
