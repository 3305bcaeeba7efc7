"""What people type becomes rich text, as Slack's own client makes it."""

import re
import uuid

from sandbox.json_types import Json

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_PART = re.compile(
    r"<@(?P<user>\w+)(?:\|[^>]*)?>|<#(?P<channel>\w+)(?:\|[^>]*)?>|<!subteam\^(?P<group>\w+)(?:\|[^>]*)?>"
    r"|<!(?P<range>here|channel|everyone)(?:\|[^>]*)?>|<(?P<link>https?://[^|>]+)(?:\|(?P<label>[^>]*))?>"
)
_STYLES = {"`": "code", "*": "bold", "_": "italic", "~": "strike"}
_STYLED = re.compile(r"(?<![\w`*_~])(?:(`)([^`\n]+)`|([*_~])(?=\S)([^`*_~\n]+)(?<=\S)\3)(?![\w`*_~])")


def rich_text(text: str) -> Json:
    """The block Slack's client sends: code and formatting, references apart, everything else literal."""
    elements: list[Json] = []
    for index, piece in enumerate(_FENCE.split(text)):
        fenced = index % 2 == 1
        # A line break next to a fence belongs to the fence.
        words = piece.strip("\n")
        if words:
            kind = "rich_text_preformatted" if fenced else "rich_text_section"
            inside = [{"type": "text", "text": _plain(words)}] if fenced else _section(words)
            elements.append({"type": kind, "elements": inside})
    return {"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": elements}


def _section(text: str) -> list[Json]:
    elements: list[Json] = []
    end = 0
    for found in _PART.finditer(text):
        elements += _words(text[end : found.start()])
        elements.append(_reference(found))
        end = found.end()
    return elements + _words(text[end:])


def _words(text: str) -> list[Json]:
    """Text with `code`, *bold*, _italic_ and ~strike~ set apart."""
    elements: list[Json] = []
    end = 0
    for found in _STYLED.finditer(text):
        elements.append({"type": "text", "text": _plain(text[end : found.start()])})
        mark, inside = found[1] or found[3], found[2] or found[4]
        elements.append({"type": "text", "text": _plain(inside), "style": {_STYLES[mark]: True}})
        end = found.end()
    elements.append({"type": "text", "text": _plain(text[end:])})
    return [element for element in elements if element["text"]]


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reference(found: re.Match[str]) -> Json:
    if found["user"]:
        return {"type": "user", "user_id": found["user"]}
    if found["channel"]:
        return {"type": "channel", "channel_id": found["channel"]}
    if found["group"]:
        return {"type": "usergroup", "usergroup_id": found["group"]}
    if found["range"]:
        return {"type": "broadcast", "range": found["range"]}
    label = {"text": found["label"]} if found["label"] else {}
    return {"type": "link", "url": found["link"], **label}
