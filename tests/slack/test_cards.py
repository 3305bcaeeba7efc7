"""Every card, with the worst that anybody can write into it: Slack takes it, it pings nobody, its text is enough."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from functools import cache

import pytest

from bot.domain import escalation
from bot.domain.incidents import Entry, Reason
from bot.domain.notifications import RunView
from bot.slack.cards import ask_for_all, card_of, home_view
from bot.slack.cards.incident import reply_card
from checks import Outcome
from tests.slack import limits, states
from tests.slack.states import ANN, BEN, LINK, NOW, status

HOSTILE = {
    "3,000 letters without a break": "x" * 3_000,
    "3,000 characters that grow when escaped": "&" * 3_000,
    "3,000 lines": "\n" * 3_000,
    "3,000 quotes and backslashes": '"\\' * 1_500,
    "one tag of 3,000 characters": f"<{'a' * 3_000}>",
    "mentions": "<!channel> <!here> <!everyone> <@U1> <@U0EVIL|ann> <#C1|x> <!subteam^S1> @here @channel @everyone",
    "mentions that are escaped already": "&lt;!channel&gt; &amp;lt;!here&amp;gt; &#60;!channel&#62;",
    "halves of mentions": "chan> | <!chan",
    "links": "<https://evil.example|Slack> <javascript:alert(1)|x> https://evil.example [x](https://evil.example)",
    "dates": "<!date^0^{date}^https://evil.example|never>",
    "formatting": "*bold* _italic_ ~gone~ `code` > quote • list",
    "fences": "``` out ``` `` ` <!channel>",
    "right to left": "שלום \u202e gnp.exe \u2066 עולם",
    "families of emoji": "👩‍👩‍👧‍👦" * 300,
    "marks upon marks": "Z" + "\u0301\u0316\u0489" * 1_000,
    "half a pair": "\ud83d broken \udc00 \udfff",
    "control characters": "".join(chr(c) for c in (*range(32), *range(127, 160))) + "\u2028\u2029",
    "nothing visible": " \t\n ",
    "nothing": "",
}

cards = cache(states.cards)

every_text = pytest.mark.parametrize("said", [pytest.param(text, id=name) for name, text in HOSTILE.items()])

OUR_LINKS = {f"<{LINK.replace('&', '&amp;')}|{label}>" for label in ("open", "evidence", "message")}
OURS = {f"<@{ANN}>", f"<@{BEN}>", "<!subteam^S0SRE>"}
"""Whom our own states mention."""

_DATE = re.compile(r"<!date\^\d+\^[^|<>^]*\|\d[^|<>]*>")
_PLACE = re.compile(r"<https://town\.example/archives/C0OPS/p\d+\|#\d+>")


@every_text
def test_slack_takes_every_card(said):
    refused = {name: found for name, card in cards(said).items() if (found := limits.problems(card.message["blocks"]))}
    assert not refused


@every_text
def test_slack_takes_the_home(said):
    assert limits.view_problems(home_view(status(said))) == []


@every_text
def test_the_text_of_every_card_fits_a_redraw(said):
    lengths = {name: limits.units(card.message["text"]) for name, card in cards(said).items()}
    assert max(lengths.values()) <= limits.TEXT
    assert min(lengths.values()) > 0


@every_text
def test_nobody_is_mentioned_and_nothing_is_linked_but_by_us(said):
    for name, card in cards(said).items():
        parsed = limits.parsed_texts(card.message["blocks"])
        found = limits.tokens("\n".join([card.message["text"], *(text["text"] for text in parsed)]))
        strange = {
            token
            for token in found - OURS
            if not _DATE.fullmatch(token) and not _PLACE.fullmatch(token) and token not in OUR_LINKS
        }
        assert not strange, name


@every_text
def test_slack_is_told_not_to_guess_at_links_and_names(said):
    for name, card in cards(said).items():
        guessing = [text for text in limits.parsed_texts(card.message["blocks"]) if not text.get("verbatim")]
        # A question before a press is ours alone; Slack takes no `verbatim` there.
        assert all(text["text"].startswith("Is it really over?") for text in guessing), name


@every_text
def test_nothing_that_cannot_be_shown_reaches_slack(said):
    for name, card in cards(said).items():
        for text in limits.strings(card.message):
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", text), name


def test_half_a_text_of_ours_is_never_sent():
    for card in cards("&<>" * 1_000).values():
        for text in limits.parsed_texts(card.message["blocks"]):
            assert not re.search(r"&(?!(?:amp|lt|gt);)|<[^>]*$", text["text"])


TOLD = {
    "digest": [
        "09:00 UTC: 66 ok, 134 failing, 66 could not be checked, 20 to do",
        "without a run of their own",
        "Critical: ",
    ],
    "digest of what is fine": ["09:00 UTC: 200 ok"],
    "digest of nothing": ["nothing to look at"],
    "digest, maybe repeated": ["(possible repeat)", "134 failing"],
    "progress": ["133 of 266 done"],
    "missed": ["09:00", "did not take place"],
    "overdue": ["is overdue", "Still to do", f"<@{BEN}>"],
    "incident open": ["#12 ", "Critical", "nobody has it yet", f"<@{ANN}> <!subteam^S0SRE> @stranger (not found"],
    "incident open, warning": ["#12 ", "Warning", "nobody has it yet"],
    "incident acknowledged": ["#12 ", f"Critical, <@{ANN}> has it"],
    "incident recovered": ["#12 ", "Recovered after 40 min"],
    "incident resolved by hand": ["#12 ", f"Resolved by <@{ANN}> after 40 min"],
    "incident open, maybe repeated": ["(possible repeat)", "#12 ", f"<@{ANN}>"],
    "reply opened": ["#12 ", "Opened"],
    "reply worsened": ["#12 ", "Worse: now critical"],
    "reply eased": ["#12 ", "Eased: now warning"],
    "reply acknowledged, by hand": ["#12 ", f"<@{ANN}> has it"],
    "reply unacknowledged, by hand": ["#12 ", f"<@{ANN}> gave it back", "open again"],
    "reply escalated": ["#12 ", f"Escalated to* <@{ANN}> <!subteam^S0SRE>", "nobody has acknowledged yet"],
    "reply escalated, by hand": ["#12 ", f"<@{ANN}> asks for help"],
    "reply reminded": ["#12 ", "Nobody has acknowledged"],
    "reply reopened, by hand": ["#12 ", "Open again", f"<@{ANN}> took the resolution back"],
    "reply snoozed, by hand": ["#12 ", f"<@{ANN}> snoozed it"],
    "reply woken": ["#12 ", "The quiet is over", "Critical"],
    "reply recovered": ["#12 ", "Recovered", "after 40 min"],
    "reply resolved, by hand": ["#12 ", f"Resolved* by <@{ANN}> after 40 min"],
    "reply no longer checked": ["#12 ", "No longer checked"],
    "evidence": ["Evidence", "Critical: check-0"],
    "status": ["200 incidents going on; nobody has 100 of them", "#1 "],
    "status when all is well": ["Nothing is wrong that Rounds can see"],
    "the question before everything is taken": ["Acknowledge all 200?"],
    "the question when nothing is open": ["nothing to acknowledge"],
}

LONG = ("3,000 letters without a break", "3,000 characters that grow when escaped", "one tag of 3,000 characters")


@pytest.mark.parametrize("said", [pytest.param(HOSTILE[name], id=name) for name in LONG])
@pytest.mark.parametrize(("name", "parts"), [pytest.param(name, parts, id=name) for name, parts in TOLD.items()])
def test_the_text_alone_tells_what_matters(name, parts, said):
    text = cards(said)[name].message["text"]
    assert [part for part in parts if part not in text] == []


def test_a_reason_that_nobody_thought_of_here_would_fail_the_table_above():
    replies = {name.removesuffix(", by hand") for name in cards("x") if name.startswith("reply ")}
    assert replies == {name.removesuffix(", by hand") for name in TOLD if name.startswith("reply ")}


@pytest.mark.parametrize("name", ["digest", "status", "overdue", "evidence", "the question before everything is taken"])
def test_what_is_left_out_is_counted_in_the_text_and_on_the_card(name):
    card = cards(HOSTILE["3,000 letters without a break"])[name]
    assert re.search(r"… and \d+ more$", card.text)
    assert re.search(r"… and \d+ more", json.dumps(card.message["blocks"], ensure_ascii=False))


def test_the_digest_counts_exactly_the_items_that_it_leaves_out():
    card = cards("x")["digest"]
    shown = sum(block["type"] == "section" for block in card.blocks) - len(
        ["headline", "changes", "slots without a run"]
    )
    (rest,) = re.findall(
        r"… and (\d+) more; the evidence is in the thread", json.dumps(card.blocks, ensure_ascii=False)
    )
    assert shown + int(rest) == 200 + 40


def test_the_home_counts_exactly_the_incidents_and_items_that_it_leaves_out():
    blocks = home_view(status("x"))["blocks"]
    shown = sum(block["type"] == "section" for block in blocks) - len(
        ["sentence", *["trouble"] * 5, "losses", "due next"]
    )
    told = [block["elements"][0]["text"] for block in blocks if block["type"] == "context"]
    (rest,) = [found[1] for text in told if (found := re.fullmatch(r"… and (\d+) more", text))]
    assert shown + int(rest) == 200 + 60


@pytest.mark.parametrize("reader", [None, ANN])
def test_the_home_stays_within_limits_when_ten_thousand_checks_fail(reader):
    view = status("a check with a name of usual length", count=10_000)
    waiting = (states.run("morning", tuple(states.by_hand(n, "an item", owner=ANN) for n in range(10_000))),)
    home = home_view(replace(view, waiting=waiting, checks=10_000, reader=reader), states.People())
    assert limits.view_problems(home) == []
    assert "10000 incidents going on" in json.dumps(home)


def test_the_worst_stands_first():
    texts = [block["text"]["text"] for block in cards("x")["digest"].blocks[4:] if block["type"] == "section"]
    words = [re.search(r"\*(Critical|Warning|Could not check)\*", text) for text in texts]
    assert [word[1] for word in words if word] == ["Critical"] * len(texts)


def test_a_step_that_is_still_to_come_calls_nobody_yet():
    card = cards("x")["incident open, everybody called"]
    facts = next(block for block in card.blocks if block["type"] == "context")
    assert "step 3 of 3" in json.dumps(facts)
    assert "<!subteam" not in json.dumps(facts)


def test_two_steps_told_at_the_same_moment_call_their_own_people_each():
    fired = states.incident("x")
    fired = replace(fired, steps=escalation.fire(escalation.fire(fired.steps, 1, now=NOW), 2, now=NOW))
    called = [
        reply_card(states.incident_view("x", fired), Entry(NOW, Reason.ESCALATED, text), states.People()).text
        for text in ("step 2 of 3", "step 3 of 3, early")
    ]
    assert ["<!subteam^S0SRE>" in text for text in called] == [False, True]
    assert [f"<@{ANN}>" in text for text in called] == [True, False]


def test_more_incidents_than_a_button_can_carry_are_taken_in_parts_and_it_says_so():
    card = ask_for_all(status("x", count=450).incidents)
    assert "Acknowledge 200 of 450?" in card.text
    (press,) = card.blocks[-1]["elements"]
    assert len(press["value"].split(",")) == 200
    assert press["text"]["text"] == "Acknowledge 200 incidents"


@pytest.mark.parametrize(
    ("name", "presses"),
    [
        ("incident open", ["acknowledge", "escalate", "snooze", "run_again", "evidence", "resolve"]),
        ("incident open without a policy", ["acknowledge", "escalate", "snooze", "run_again", "evidence", "resolve"]),
        ("incident raised by hand", ["acknowledge", "escalate", "snooze", "resolve"]),
        ("incident acknowledged", ["unacknowledge", "escalate", "snooze", "run_again", "evidence", "resolve"]),
        ("incident recovered", []),
        ("incident resolved by hand", []),
    ],
)
def test_an_incident_offers_only_what_can_be_done_in_its_state(name, presses):
    drawn = [e["action_id"] for b in cards("x")[name].blocks if b["type"] == "actions" for e in b["elements"]]
    assert drawn == presses


def test_a_check_that_is_not_well_says_what_a_person_does_then():
    item = states.looked(1, Outcome.CRITICAL, "x")
    item = replace(item, item=replace(item.item, how="Call the <hoster>."))
    view = RunView(states.run("Morning", (item,)), done=1)
    told = [block["text"]["text"] for block in card_of(view, states.People()).blocks if block["type"] == "section"]
    assert [text for text in told if text.endswith("\nCall the &lt;hoster&gt;.")]


def test_an_item_that_a_later_run_has_taken_over_cannot_be_ticked():
    blocks = cards("x")["digest that was carried over"].blocks
    assert "tick" not in {block["accessory"]["action_id"] for block in blocks if "accessory" in block}


@pytest.mark.parametrize("name", ["digest", "evidence", "status"])
def test_a_card_full_of_long_text_is_drawn_without_holding_everything_else_up(name):
    view = {
        "digest": lambda: states.run_views("&" * 3_000)["digest"],
        "evidence": lambda: RunView(states.evidence("&" * 3_000).run, done=1),
        "status": lambda: status("&" * 3_000),
    }[name]()
    begun = time.process_time()
    card_of(view, states.People())
    assert time.process_time() - begun < 1.0
