"""What formats in mrkdwn: names with marks in them end no bold of ours, and lose nothing themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import parts
from tests.slack import limits
from tests.slack.dialogs import dialogs
from tests.slack.states import cards
from tests.slack.worst_case import big_cards, small_cards

MARKED = (
    "*",
    "**",
    "a*",
    "*a",
    "_a_ ~b~",
    "`df` and `ls`",
    "```",
    "_*~`a`~*_",
    "a `b",
    "*all* is *well*",
    "~/x and y~",
)

marked = st.text(alphabet="*_~`> a\n1", max_size=60)


def spans(text: str) -> list[tuple[str, str]]:
    """What is formatted in a mrkdwn text, as Slack would: the mark, and what stands within it."""
    found = []
    for line in text.split("\n"):
        for mark, ends in (("`", ("", "")), *((m, (r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])")) for m in "*_~")):
            m = re.escape(mark)
            inside = rf"(?!\s)[^{m}]+(?<!\s)" if mark != "`" else "[^`]+"
            found += [(mark, part) for part in re.findall(f"{ends[0]}{m}({inside}){m}{ends[1]}", line)]
        found += [(">", line)] if line.startswith("&gt;") else []
    return found


@given(marked)
def test_text_of_the_world_formats_nothing(raw):
    assert spans(parts.escape(raw)) == []


@given(marked)
def test_a_name_ends_no_bold_around_it(raw):
    name = parts.named(raw)
    assert spans(f"*{name}* ~{name}~") == [("*", name), ("~", name)]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/_health is down",
        "/var/log/*.log: none is newer than an hour",
        "~/backup has no such file",
        "used_percent is 5*3, node_a~node_b",
        "2 * 3 * 4",
    ],
)
def test_what_formats_nothing_can_be_copied_as_it_is(text):
    assert parts.escape(text) == text


def test_what_to_do_may_name_a_command():
    assert parts.prose("see `df -h` & <!here>") == "see `df -h` &amp; &lt;!here&gt;"


def _marks(text: str) -> list[str]:
    return [mark for mark, _ in spans(text)]


def _texts(cards: dict[str, object]) -> dict[str, list[str]]:
    found = {}
    for name, card in cards.items():
        blocks = card["blocks"] if isinstance(card, dict) else card.message["blocks"]
        found[name] = [text["text"] for text in limits.parsed_texts(blocks)]
    return found


@pytest.mark.parametrize("said", MARKED)
@pytest.mark.parametrize("drawn", [big_cards, small_cards, cards, dialogs])
def test_every_card_formats_the_same_whatever_things_are_called(drawn, said):
    """Where an author's own marks count, their text is taken out first: it stands in no formatting of ours."""
    plain, odd = _texts(drawn("x" * len(said))), _texts(drawn(said))
    assert plain.keys() == odd.keys()
    for name, texts in odd.items():
        authored = parts.prose(said) if parts.prose(said) != parts.escape(said) else "\0"
        assert [_marks(t.replace(authored, "x")) for t in texts] == [_marks(t) for t in plain[name]], name
