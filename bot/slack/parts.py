"""Block Kit's building stones, and the only place that knows Slack's limits.

Text from the world is hostile: it is escaped with `verbatim` and formats nothing (`marks`), or goes where nothing is
parsed. Sources of the limits: Slack's Block Kit reference; the sandbox's validator holds the same ones, written down
independently.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.ids import Opens, Press
from bot.slack.marks import without_marks, without_pairs

Block = dict[str, Any]

BLOCKS = 50
HOME_BLOCKS = 100
SECTION = 3_000
HEADER = 150
CONTEXT_ELEMENTS = 10
BUTTON_VALUE = 2_000
OPTION_VALUE = 150
TEXT = 3_900
"""Of a message's top-level text; `chat.update` refuses more than 4,000."""
BUDGET = 11_500
"""Characters of all blocks together as JSON, which is what Slack seems to count: `msg_blocks_too_long` comes near
13,200 (undocumented), and came with 11,341 characters of text in many small blocks (slackapi/bolt-js#2509, #2867)."""

NAME = 150
"""Of a title or a name in a sentence; longer ones would leave no room for what is said of them."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_HALF_TOKEN = re.compile(r"(?:&[a-z]{0,3}|<[^<>\n]*)\Z")
_MARKS = 16
_REST = 40
_FRAME = ("divider", "header")


def clean(raw: str) -> str:
    """Without control characters, lone surrogates and what turns the text that follows; line breaks and tabs stay."""
    return _UNSEEN.sub("", raw)


def escape(raw: str) -> str:
    """Text of the world as mrkdwn that mentions nobody, links nowhere and formats nothing."""
    return prose(without_pairs(clean(raw)))


def unmarked(raw: str) -> str:
    """The same to stand inside formatting of our own: nothing in it can end that."""
    return prose(without_marks(clean(raw)))


def prose(raw: str) -> str:
    """What the author of a check or of the configuration wrote to be read, such as what to do: it mentions nobody and
    links nowhere, but its marks count, because it may name a command in backticks. Never inside formatting of ours."""
    return clean(raw).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def length(text: str) -> int:
    """As Slack's clients count: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, *, markup: bool = True) -> str:
    """Text, shortened without breaking a character in two; nor, if it is escaped text, an entity or a `<…>`."""
    if length(text) <= limit:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (limit - 1)].decode("utf-16-le", "surrogatepass")
    kept = kept[: _between_characters(text, len(kept) - ("\ud800" <= kept[-1:] <= "\udfff"))]
    return (_HALF_TOKEN.sub("", kept) if markup else kept) + "…"


def _between_characters(text: str, end: int) -> int:
    """`end`, or a place shortly before it that parts no letter from its accents and no family of emoji."""
    for place in range(end, max(end - _MARKS, 0), -1):
        joined = text[place] == "\u200d" or text[place - 1] == "\u200d" or "\U0001f3fb" <= text[place] <= "\U0001f3ff"
        if not joined and not unicodedata.category(text[place]).startswith("M"):
            return place
    return end


def one_line(raw: str, limit: int) -> str:
    """Plain text for headers and buttons: one line, nothing parsed."""
    return cut(" ".join(clean(raw).split()), limit, markup=False) or "…"


def named(raw: str) -> str:
    """Somebody's title or name as part of a sentence, also of a bold one: escaped, one line, never so long that it
    hides the sentence."""
    return unmarked(one_line(raw, NAME))


def code(raw: str) -> str:
    """Inline code; a backtick inside would end it."""
    return "`" + prose(raw).replace("`", "\u02cb").replace("\n", " ") + "`"


def link(url: str, label: str) -> str:
    """A link to a web page; anything that is no web page stays text."""
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return escape(label)
    return f"<{url.replace('&', '&amp;')}|{escape(label).replace('|', '¦')}>"


def moment(at: datetime, timezone: str, *, day: bool = False) -> str:
    """A moment in the reader's own zone; elsewhere (screen readers, mails) in the configuration's."""
    form = "{date_short_pretty} {time}" if day else "{time}"
    local = at.astimezone(ZoneInfo(timezone))
    fallback = f"{local:%Y-%m-%d %H:%M %Z}" if day else f"{local:%H:%M %Z}"
    return f"<!date^{int(at.timestamp())}^{form}|{fallback}>"


def spoken(at: datetime, timezone: str) -> str:
    """A moment for the top-level text, which screen readers and notifications show as it is, to everybody alike: so it
    names its zone."""
    local = at.astimezone(ZoneInfo(timezone)) if timezone else at.astimezone(UTC)
    return f"{local:%H:%M %Z}"


def listing(lines: Sequence[str], limit: int) -> str:
    """As many lines as fit; those that are left out are counted, never silent."""
    kept: list[str] = []
    room = limit - _REST
    for line in lines:
        room -= length(line) + 1
        if room < 0:
            break
        kept.append(line)
    rest = len(lines) - len(kept)
    return "\n".join([*kept, f"… and {rest} more"] if rest else kept)


def section(text: str, *, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn that was escaped before."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION), "verbatim": True}}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def header(raw: str) -> Block:
    """A headline; plain text."""
    return {"type": "header", "text": {"type": "plain_text", "text": one_line(raw, HEADER), "emoji": True}}


def context(*texts: str) -> Block:
    """Small print, escaped before."""
    elements = [{"type": "mrkdwn", "text": cut(text, SECTION), "verbatim": True} for text in texts if text]
    return {"type": "context", "elements": elements[:CONTEXT_ELEMENTS]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def preformatted(raw: str, *, title: str = "", limit: int = SECTION) -> Block:
    """Text of the world, to the letter: nothing in it is parsed, so nothing needs escaping."""
    body = clean(raw).strip("\n") or "(empty)"
    elements: list[Block] = []
    if title:
        bold = {"type": "text", "text": one_line(title, HEADER), "style": {"bold": True}}
        elements.append({"type": "rich_text_section", "elements": [bold]})
    text = {"type": "text", "text": cut(body, limit, markup=False)}
    elements.append({"type": "rich_text_preformatted", "elements": [text]})
    return {"type": "rich_text", "elements": elements}


def option(text: str, value: str) -> Block:
    """One entry of a menu."""
    return {"text": {"type": "plain_text", "text": one_line(text, 75)}, "value": value[:OPTION_VALUE]}


def button(
    press: Press | Opens | str,
    text: str,
    value: str,
    *,
    spoken_as: str = "",
    style: str | None = None,
    confirm: str = "",
) -> Block:
    """A button.

    Args:
        spoken_as: what a screen reader says, where several buttons share their text.
        confirm: a question asked first.
    """
    element: Block = {
        "type": "button",
        "action_id": str(press),
        "text": {"type": "plain_text", "text": one_line(text, 75), "emoji": True},
        "value": value[:BUTTON_VALUE],
    }
    if spoken_as:
        element["accessibility_label"] = one_line(spoken_as, 75)
    if style is not None:
        element["style"] = style
    if confirm:
        element["confirm"] = {
            "title": {"type": "plain_text", "text": one_line(text, 100)},
            "text": {"type": "mrkdwn", "text": cut(escape(confirm), 300)},
            "confirm": {"type": "plain_text", "text": one_line(text, 30)},
            "deny": {"type": "plain_text", "text": "Cancel"},
        }
    return element


def actions(*buttons: Block) -> Block:
    """A row of buttons. Action ids are unique within it."""
    return {"type": "actions", "elements": list(buttons)}


def size(blocks: Iterable[Block]) -> int:
    """Characters of these blocks as JSON."""
    return sum(len(json.dumps(block, ensure_ascii=False, separators=(",", ":"))) + 1 for block in blocks)


def fitted(
    head: Sequence[Block], body: Sequence[Block], foot: Sequence[Block], *, blocks: int = BLOCKS, more: str
) -> list[Block]:
    """All of head and foot, and as much of the body as Slack takes; what is left out is counted, never silent.

    Args:
        more: the sentence about the rest, with `{n}` for how many blocks, not counting headings and lines.
    """
    places = blocks - len(head) - len(foot) - 1
    room = BUDGET - size(head) - size(foot) - size([context(more)])
    kept: list[Block] = []
    for block in body:
        room -= size([block])
        if len(kept) == places or room < 0:
            break
        kept.append(block)
    rest = sum(block["type"] not in _FRAME for block in body[len(kept) :])
    while rest and kept and kept[-1]["type"] in _FRAME:
        kept.pop()  # a heading with nothing below it
    tail = [context(more.format(n=rest))] if rest else []
    return [*head, *kept, *tail, *foot]
