"""Building stones: cut politely, escaped once, and never beyond Slack's limits, whatever the text."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack import parts
from bot.slack.ids import Press
from tests.slack import limits

world = st.text(alphabet=st.characters(), max_size=400) | st.text(alphabet='<>&|!@#`*_~;ampltg \n\\"', max_size=400)
"""Any text at all, lone surrogates included, and text that is nearly markup."""

FAMILY = "👩‍👩‍👧‍👦"
ALIKE = str.maketrans("\u2217\u02cd\u223c\u02cb\u203a", "*_~`>")
"""What looks like a mark, and the mark."""

HALF = re.compile(r"&(?!(?:amp|lt|gt);)|<[^<>]*$")


@given(world)
@example("<!channel>")
@example("&lt;!channel&gt;")
@example("&amp;lt;@U1&gt;")
def test_escaped_text_holds_nothing_that_slack_would_parse(raw):
    escaped = parts.escape(raw)
    assert limits.tokens(escaped) == set()
    assert not HALF.search(escaped)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs"))))
def test_escaping_loses_no_letter(raw):
    back = parts.escape(raw).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").translate(ALIKE)
    assert back == parts.clean(raw).translate(ALIKE)
    assert re.sub("[\u202a-\u202e\u2066-\u2069]", "", raw).translate(ALIKE) == back


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        pytest.param("a\x00b\x1b[31mc\x7f\x9d", "ab[31mc", id="control characters go"),
        pytest.param("a\r\nb\tc", "a\nb\tc", id="line breaks and tabs stay"),
        pytest.param("\ud83d half", " half", id="half a pair goes"),
        pytest.param("\u202egpj.exe\u2066", "gpj.exe", id="what turns the direction of what follows goes"),
        pytest.param("שלום 👍🏽 é", "שלום 👍🏽 é", id="writing from right to left, emoji and accents stay"),
    ],
)
def test_cleaning(raw, cleaned):
    assert parts.clean(raw) == cleaned


@given(world, st.integers(10, 100))
def test_cut_text_is_never_longer_than_allowed_and_never_half_a_token(raw, limit):
    cut = parts.cut(parts.escape(raw), limit)
    assert parts.length(cut) <= limit
    assert not HALF.search(cut)


@given(world, st.integers(10, 100))
def test_what_is_short_enough_is_left_alone(raw, limit):
    escaped = parts.escape(raw)
    assert (parts.cut(escaped, limit) == escaped) is (parts.length(escaped) <= limit)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("abcdef", 4, "abc…", id="the ending takes a place"),
        pytest.param("ab&amp;cd", 6, "ab…", id="an entity is dropped rather than broken"),
        pytest.param("ab <https://example.com|x> y", 12, "ab …", id="a link is dropped rather than broken"),
        pytest.param("abc👍👍", 5, "abc…", id="an emoji is two units and not parted"),
        pytest.param("abe\u0301fgh", 4, "ab…", id="a letter keeps its accent or goes with it"),
        pytest.param(f"ab{FAMILY}c", 8, "ab…", id="a family stays together"),
        pytest.param("ab👍🏽cdef", 5, "ab…", id="a hand keeps its colour or goes with it"),
        pytest.param("Z" + "\u0301" * 100, 20, "Z" + "\u0301" * 18 + "…", id="marks without end are cut all the same"),
    ],
)
def test_where_text_is_cut(text, limit, expected):
    assert parts.cut(text, limit) == expected


def test_a_log_line_that_looks_like_one_long_tag_is_not_swallowed_whole():
    block = parts.preformatted("<html " + "a" * 5_000 + ">", limit=100)
    shown = block["elements"][-1]["elements"][0]["text"]
    assert shown.startswith("<html aaaa")
    assert len(shown) == 100


@given(world)
def test_one_line_is_one_line_and_never_nothing(raw):
    line = parts.one_line(raw, 40)
    assert line
    assert line == " ".join(line.split())
    assert parts.length(line) <= 40


@given(world)
def test_a_name_never_hides_the_sentence_around_it(raw):
    assert 0 < parts.length(parts.named(raw)) <= 5 * parts.NAME
    assert limits.tokens(parts.named(raw)) == set()


@given(world)
def test_code_cannot_be_left_from_within(raw):
    code = parts.code(raw)
    assert code[0] == code[-1] == "`"
    assert "`" not in code[1:-1]
    assert "\n" not in code


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        pytest.param("https://example.com/a?b=c&d=e", True, id="a web page"),
        pytest.param("http://example.com", True, id="a web page without a certificate"),
        pytest.param("javascript:alert(1)", False, id="a script"),
        pytest.param("data:text/html,x", False, id="a page in the address itself"),
        pytest.param("slack://open", False, id="another program"),
        pytest.param("https://example.com/a b", False, id="a blank"),
        pytest.param("https://example.com/|<!channel>", False, id="an end of the link"),
        pytest.param("https://example.com>\n<!here", False, id="a second token"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_only_web_pages_become_links(url, linked):
    text = parts.link(url, "a|b <!here>")
    assert (text == f"<{url.replace('&', '&amp;')}|a¦b &lt;!here&gt;>") is linked
    assert (limits.tokens(text) == set()) is not linked


def test_a_moment_is_told_in_the_readers_zone_and_elsewhere_in_the_configured_one():
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert parts.moment(at, "Asia/Kathmandu") == "<!date^1772442000^{time}|14:45 +0545>"
    assert parts.moment(at, "Europe/Amsterdam", day=True).endswith("|2026-03-02 10:00 CET>")
    assert parts.spoken(at, "Europe/Amsterdam") == "10:00 CET"


@given(world)
def test_every_part_is_taken_by_slack(raw):
    blocks = [
        parts.header(raw),
        parts.section(parts.escape(raw) or "-"),
        parts.section("x", accessory=parts.button(Press.TICK, raw, raw, spoken_as=raw, confirm=f"Really {raw}?")),
        parts.context(parts.escape(raw) or "-"),
        parts.preformatted(raw * 20, title=raw),
        parts.divider(),
        parts.actions(parts.button(Press.RUN, raw, raw, spoken_as=raw, style="danger")),
    ]
    assert limits.problems(blocks) == []


@given(st.lists(world, max_size=60), st.integers(200, 400))
def test_a_listing_counts_what_it_leaves_out(texts, limit):
    lines = [parts.escape(text.replace("\n", " ")) for text in texts]
    listing = parts.listing(lines, limit)
    assert parts.length(listing) <= limit
    *kept, last = listing.split("\n") if lines else [""]
    if found := re.fullmatch(r"… and (\d+) more", last):
        assert len(kept) + int(found[1]) == len(lines)
    else:
        assert listing == "\n".join(lines)


blocks = st.lists(
    st.one_of(
        world.map(lambda raw: parts.section(parts.escape(raw * 8) or "-")),
        world.map(lambda raw: parts.preformatted(raw * 8)),
        st.just(parts.divider()),
        world.map(parts.header),
    ),
    max_size=70,
)


@given(blocks)
def test_a_fitted_card_fits_and_counts_the_rest(body):
    head, foot = [parts.header("head")], [parts.context("foot"), parts.actions(parts.button(Press.RUN, "Run", "x"))]
    card = parts.fitted(head, body, foot, more="… and {n} more")
    assert limits.problems(card) == []
    assert card[0] == head[0]
    assert card[-2:] == foot
    telling = [block for block in body if block["type"] not in ("divider", "header")]
    rest = (
        re.search(r"… and (\d+) more", json.dumps(card[-3], ensure_ascii=False))
        if card[-3]["type"] == "context"
        else None
    )
    kept = [block for block in card[1:-2] if block["type"] in ("section", "rich_text")]
    assert len(kept) + (int(rest[1]) if rest else 0) == len(telling)
    if rest:
        assert card[-4]["type"] not in ("divider", "header") or card[-4] == head[0]


def test_a_button_reads_aloud_what_it_is_about_where_several_look_alike():
    button = parts.button(Press.TICK, "Tick", "1:backup", spoken_as="Tick last night's backup")
    assert button["accessibility_label"] == "Tick last night's backup"
    assert button["text"]["text"] == "Tick"
