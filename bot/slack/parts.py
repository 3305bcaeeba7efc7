"""Block Kit's building stones, and the only place that knows Slack's limits.

Text from the world is hostile: it is escaped with `verbatim`, or goes where nothing is parsed. Sources of the limits:
Slack's Block Kit reference; the sandbox's validator holds the same ones, written down independently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.ids import Press

Block = dict[str, Any]

BLOCKS = 50
HOME_BLOCKS = 100
SECTION = 3_000
HEADER = 150
CONTEXT_ELEMENTS = 10
BUTTON_VALUE = 2_000
TEXT = 3_900
"""Of a message's top-level text; `chat.update` refuses more than 4,000."""
BUDGET = 11_500
"""Characters of all blocks together: Slack answers `msg_blocks_too_long` near 13,200 (undocumented)."""

_TOKEN = re.compile(r"&(?:amp|lt|gt);|<[^<>\n]*>|.", re.DOTALL)


def clean(raw: str) -> str:
    """Without control characters and lone surrogates; line breaks and tabs stay."""
    return "".join(c for c in raw if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def escape(raw: str) -> str:
    """Text of the world as mrkdwn that mentions nobody and links nowhere."""
    return clean(raw).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def length(text: str) -> int:
    """As Slack's clients count: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, *, ending: str = "…") -> str:
    """Escaped text, shortened without breaking an entity, a `<…>` or a character in two."""
    if length(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - length(ending)
    for token in _TOKEN.findall(text):
        room -= length(token)
        if room < 0:
            break
        kept.append(token)
    while kept and (unicodedata.combining(kept[-1][0]) or kept[-1] in "\u200d\ufe0f"):
        kept.pop()
    return "".join(kept) + ending


def one_line(raw: str, limit: int) -> str:
    """Plain text for headers and buttons: one line, nothing parsed."""
    return cut(" ".join(clean(raw).split()), limit) or "…"


def code(raw: str) -> str:
    """Inline code; a backtick inside would end it."""
    return "`" + escape(raw).replace("`", "\u02cb").replace("\n", " ") + "`"


def link(url: str, label: str) -> str:
    """A link to a web page; anything that is no web page stays text."""
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return escape(label)
    return f"<{url}|{escape(label).replace('|', '¦')}>"


def moment(at: datetime, timezone: str, *, day: bool = False) -> str:
    """A moment in the reader's own zone; elsewhere (screen readers, mails) in the configuration's."""
    form = "{date_short_pretty} {time}" if day else "{time}"
    local = at.astimezone(ZoneInfo(timezone))
    fallback = f"{local:%Y-%m-%d %H:%M %Z}" if day else f"{local:%H:%M %Z}"
    return f"<!date^{int(at.timestamp())}^{form}|{fallback}>"


def spoken(at: datetime, timezone: str) -> str:
    """A moment for the top-level text, which screen readers and notifications show as it is."""
    local = at.astimezone(ZoneInfo(timezone)) if timezone else at.astimezone(UTC)
    return f"{local:%H:%M}"


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
    text = {"type": "text", "text": cut(body, limit)}
    elements.append({"type": "rich_text_preformatted", "elements": [text]})
    return {"type": "rich_text", "elements": elements}


def button(
    press: Press, text: str, value: str, *, spoken_as: str = "", style: str | None = None, confirm: str = ""
) -> Block:
    """A button.

    Args:
        spoken_as: what a screen reader says, where several buttons share their text.
        confirm: a question asked first.
    """
    element: Block = {
        "type": "button",
        "action_id": press.value,
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


def link_button(text: str, url: str, *, number: int) -> Block:
    """A button that opens a page."""
    return {
        "type": "button",
        "action_id": f"{Press.OPEN_LINK.value}_{number}",
        "text": {"type": "plain_text", "text": one_line(text, 75), "emoji": True},
        "url": url[:3_000],
    }


def actions(*buttons: Block) -> Block:
    """A row of buttons. Action ids are unique within it."""
    return {"type": "actions", "elements": list(buttons)}


def size(blocks: Iterable[Block]) -> int:
    """Characters of text in these blocks, which is what Slack's total limit counts."""

    def texts(part: Any) -> int:
        if isinstance(part, dict):
            return sum(length(v) if k == "text" and isinstance(v, str) else texts(v) for k, v in part.items())
        return sum(texts(each) for each in part) if isinstance(part, list) else 0

    return sum(texts(block) for block in blocks)


def fitted(
    head: Sequence[Block], body: Sequence[Block], foot: Sequence[Block], *, blocks: int = BLOCKS, more: str
) -> list[Block]:
    """All of head and foot, and as much of the body as Slack takes; what is left out is counted, never silent.

    Args:
        more: the sentence about the rest, with `{n}` for how many blocks.
    """
    places = blocks - len(head) - len(foot) - 1
    room = BUDGET - size(head) - size(foot) - len(more)
    kept: list[Block] = []
    for block in body:
        room -= size([block])
        if len(kept) == places or room < 0:
            break
        kept.append(block)
    rest = len(body) - len(kept)
    tail = [context(more.format(n=rest))] if rest else []
    return [*head, *kept, *tail, *foot]
