"""The largest of everything, and any text at all: Slack takes each card, it calls nobody, and it tells the truth.

`test_cards` holds every state against chosen texts; here the sizes are the worst, and the texts are not chosen.
"""

from __future__ import annotations

import json
import re
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack.cards import Card, home_view
from tests.slack import limits, worst_case
from tests.slack.states import ANN, BEN
from tests.slack.worst_case import FAILING, INCIDENTS, MANUAL, big_cards, check_name, crowded_status, small_cards

LONG = {
    "3,000 letters without a break": "x" * 3_000,
    "3,000 characters that grow": "<&>" * 1_000,
    "3,000 quotes": '"\\' * 1_500,
    "families of emoji": "👩‍👩‍👧‍👦" * 300,
    "marks upon marks": "Z" + "\u0301\u0316" * 1_500,
    "mentions": "<!channel> <@U9> <#C1|x> @here &lt;!here&gt; " * 60,
    "one letter": "x",
}
big = cache(big_cards)
every_text = pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in LONG.items()])

FRAGMENTS = [
    *("<!channel>", "<@U9>", "<#C1|x>", "<!subteam^S1>", "<!date^0^{date}|x>", "<", ">", "&", "&amp;", "&lt;!here&gt;"),
    *("@here", "`", "```", "*", "~", "_", "|", "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028"),
    *("\ud83d", "\udc00", "\u202e", "\u2066", "\u200d", "\u0301", "👩\u200d👩\u200d👧", "🏽", "🇳🇱", "שלום", "x" * 800),
    *("javascript:alert(1)", "https://evil.example", "<https://evil.example|x>", ":warning:", "{n}", "%s", " ", ""),
]
any_text = st.lists(st.sampled_from(FRAGMENTS) | st.text(st.characters(), max_size=8), max_size=24).map("".join)
any_text = any_text.filter(lambda said: not re.fullmatch("[UW][A-Z0-9]+", said))  # somebody's id is a mention, rightly

OURS = re.compile(
    rf"<@(?:{ANN}|{BEN})>|<!subteam\^S0SRE>|<!date\^\d+\^[^|<>^]*\|\d[^|<>]*>|<https://example\.com/[^|<>]*\|open>"
)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def faults(card: Card) -> list[str]:
    """Everything that is wrong with a card, whatever it is about."""
    message = card.message
    found = limits.problems(message["blocks"])
    if not 0 < limits.units(message["text"]) <= limits.TEXT:
        found.append(f"a text of {limits.units(message['text'])} characters")
    parsed = [message["text"], *(text["text"] for text in limits.parsed_texts(message["blocks"]))]
    left = [OURS.sub("", text) for text in parsed]
    found += [f"{text[max(0, text.find('<') - 20) :][:60]!r} is not ours" for text in left if "<" in text]
    found += [f"{text!r:.80} cannot be shown" for text in limits.strings(message) if UNSEEN.search(text)]
    json.dumps(message, ensure_ascii=False).encode("utf-8")
    return found


@every_text
def test_slack_takes_the_largest_cards_and_nobody_is_called_by_them(said):
    assert {name: found for name, card in big(said).items() if (found := faults(card))} == {}


@every_text
def test_slack_takes_the_largest_home(said):
    home = home_view(crowded_status(said))
    assert limits.view_problems(home) == []
    assert len(home["blocks"]) <= 100


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_text)
def test_slack_takes_every_card_whatever_the_world_says(said):
    assert {name: found for name, card in small_cards(said).items() if (found := faults(card))} == {}


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_text)
def test_slack_takes_the_largest_cards_whatever_the_world_says(said):
    assert {name: found for name, card in big_cards(said).items() if (found := faults(card))} == {}


def left_out(text: str) -> int:
    """What the end of a text says is missing."""
    counted = re.search(r"… and (\d+) more$", text)
    return int(counted[1]) if counted else 0


@every_text
def test_the_text_of_a_digest_names_as_many_failing_checks_as_fit_and_counts_the_rest(said):
    text = big(said)["digest"].message["text"]
    named = [check_name(n) for n in range(FAILING) if f"{check_name(n)} " in text]
    waiting = sum(1 for item in worst_case.whole_run(said, checks=0, gaps=0).open_items)
    assert len(named) + left_out(text) == FAILING + waiting
    assert limits.units(text) > 0.8 * limits.TEXT, "there is room for more"


@every_text
def test_the_text_of_the_evidence_names_as_many_checks_as_fit_and_counts_the_rest(said):
    text = big(said)["evidence"].message["text"]
    assert sum(f": {check_name(n)} " in text for n in range(FAILING)) + left_out(text) == FAILING


@every_text
def test_the_text_of_the_status_names_as_many_incidents_as_fit_and_counts_the_rest(said):
    text = big(said)["status"].message["text"]
    named = sum(f"trouble-{n:03}." in text for n in range(INCIDENTS))
    waiting = sum(1 for item in worst_case.whole_run(said, checks=0, gaps=0).open_items)
    assert named + left_out(text) == INCIDENTS + waiting + len(["what is due next"])


@pytest.mark.parametrize("checks", [1, 2, 5, 9])
def test_no_failing_check_is_missing_from_the_text_or_the_card_where_all_of_them_fit(checks):
    run = worst_case.whole_run("it is broken", checks=checks, manual=0, gaps=0)
    card = worst_case.card_of(worst_case.RunView(run), worst_case.People())
    blocks = json.dumps(card.message["blocks"])
    assert [n for n in range(checks) if check_name(n) not in card.text or check_name(n) not in blocks] == []
    assert "more" not in card.text


def test_three_hundred_missed_slots_are_counted_and_the_first_and_the_last_are_named():
    card = big("x")["digest"]
    gaps = next(block["text"]["text"] for block in card.blocks if "without a run" in str(block.get("text")))
    assert "300 slots" in gaps
    assert "288 more" in gaps
    assert gaps.count("<!date^") == 12


def test_the_digest_counts_every_check_and_item_that_it_does_not_show():
    blocks = big("x" * 3_000)["digest"].blocks
    shown = sum(block["type"] == "section" for block in blocks) - len(["headline", "missed slots"])
    (rest,) = re.findall(r"… and (\d+) more; the evidence", json.dumps(list(blocks), ensure_ascii=False))
    assert shown + int(rest) == FAILING + MANUAL


def test_the_buttons_of_the_largest_cards_say_what_they_are_about():
    for name, card in big("x").items():
        buttons = list(limits.elements(card.message["blocks"]))
        spoken = [button.get("accessibility_label", button["text"]["text"]) for button in buttons]
        assert len(set(spoken)) == len(spoken), name
