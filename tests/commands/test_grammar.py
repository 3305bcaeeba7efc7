"""The language: every verb, every alias, and nothing that anybody types breaks it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.parts import section
from commands.grammar import ALIASES, VERBS, Misunderstood, Said, help_text, parse, usage_hint
from tests.slack import limits

typed = st.text(alphabet=st.characters(), max_size=200) | st.lists(
    st.sampled_from([*VERBS, *ALIASES, "#12", "all", "<@U1|ann>", "&lt;!channel&gt;", "`", "\x00", "\ud800", "²"]),
    max_size=6,
).map(" ".join)


@given(typed)
@example("&#0;&#x1;&#10;&#xd800;")
@example("STATUS\u2028now")
def test_whatever_is_typed_is_understood_or_answered(text):
    try:
        said = parse(text)
    except Misunderstood as error:
        answer = str(error)
        assert limits.problems([section(answer)]) == []
        assert limits.tokens(answer) == set()
        assert "/rounds" in answer
    else:
        assert said.verb in VERBS
        assert not VERBS[said.verb].needs or said.target


@given(typed)
def test_nothing_that_cannot_be_stored_or_shown_gets_through(text):
    try:
        said = parse(f"ack #12 {text}")
    except Misunderstood:
        pytest.fail("this has a verb and a target")
    assert not set(map(chr, range(32))) & set(said.rest)
    said.rest.encode("utf-8")
    assert len(said.rest) <= 500


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_the_example_of_a_verb_is_understood_as_that_verb(verb):
    said = parse(verb.example)
    assert said.verb == verb.name
    assert bool(said.target) is (verb.example != verb.name)


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
    assert limits.tokens(text) == set()


def test_help_lists_every_verb_and_fits():
    text = help_text()
    assert all(verb.summary in text for verb in VERBS.values())
    assert limits.problems([section(text)]) == []
    assert not text.endswith("…")


@pytest.mark.parametrize("word", ["nonsense", "<!channel>", "", "\ud800"])
def test_help_on_a_word_that_is_none_lists_everything(word):
    assert help_text(word) == help_text()


def test_the_hint_of_the_manifest_names_what_people_use_most():
    hint = usage_hint()
    assert [part.split()[0] for part in hint.split(" | ")] == ["status", "run", "ack", "escalate", "resolve", "help"]
    assert len(hint) <= 1_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", Said("status"), id="nothing means status"),
        pytest.param("  \t ", Said("status"), id="blanks are nothing"),
        pytest.param("?", Said("help"), id="a question mark asks for help"),
        pytest.param("STATUS", Said("status"), id="case does not matter"),
        pytest.param("acknowledge #12", Said("ack", "#12"), id="the long word"),
        pytest.param("check morning", Said("run", "morning"), id="check means run"),
        pytest.param("ack  #12\n looking   at it ", Said("ack", "#12", "looking at it"), id="blanks are one blank"),
        pytest.param("ack #12 a &lt; b &amp;&amp; c", Said("ack", "#12", "a < b && c"), id="as it was typed"),
        pytest.param("ack #12 &amp;lt;!channel&amp;gt;", Said("ack", "#12", "&lt;!channel&gt;"), id="unescaped once"),
        pytest.param(
            "escalate #12 <@U1|ann> knows", Said("escalate", "#12", "<@U1|ann> knows"), id="a person in the why"
        ),
        pytest.param("ack #12 \ud83d broken", Said("ack", "#12", "broken"), id="half a pair is a blank"),
    ],
)
def test_what_is_understood(text, said):
    assert parse(text) == said


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("statsu", "`/rounds status`", id="a slip of the finger"),
        pytest.param("escalete #12", "`/rounds escalate <incident or check> [why]`", id="a misspelt verb"),
        pytest.param("deploy", "`/rounds help`", id="nothing near"),
    ],
)
def test_what_is_not_understood_is_answered_with_what_was_probably_meant(text, hint):
    with pytest.raises(Misunderstood) as refused:
        parse(text)
    shown = str(refused.value).replace("&lt;", "<").replace("&gt;", ">")
    assert hint in shown
