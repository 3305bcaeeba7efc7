"""The marks with which mrkdwn formats, in text of the world. Slack has no way to escape one, and a mark in a name would
end the bold that stands around it: such a mark is written as a character that looks like it."""

from __future__ import annotations

import re

_ALIKE = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}

# Slack takes a mark for one where a word begins or ends; within `used_percent` or `5*3` it means nothing.
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_OPENS = {mark: re.compile(rf"{_BEFORE}{re.escape(mark)}(?=\S)") for mark in "*_~"}
_CLOSES = {mark: re.compile(rf"(?<=\S){re.escape(mark)}{_AFTER}") for mark in "*_~"}
_EDGE = re.compile(rf"{_BEFORE}_|_{_AFTER}")
_QUOTE = re.compile("^>", re.MULTILINE)


def without_marks(text: str) -> str:
    """For text inside formatting of our own, such as a name in bold, which a single mark could end."""
    for mark in _ALIKE:
        text = _replaced(mark, text)
    return _unquoted(text)


def without_pairs(text: str) -> str:
    """For text that stands by itself: what would format it, and vanish itself.

    A mark that stands alone does neither and is left, so that an address or a path can be copied from a card. Only a
    backtick never is: it would reach as far as the next one, whosever that is.
    """
    return _unquoted("\n".join(map(_line_without_pairs, _replaced("`", text).split("\n"))))


def _line_without_pairs(line: str) -> str:
    for mark, opens in _OPENS.items():
        first = opens.search(line)
        if first is not None and _CLOSES[mark].search(line, first.end()):
            line = _replaced(mark, line)
    return line


def _replaced(mark: str, text: str) -> str:
    return _EDGE.sub(_ALIKE[mark], text) if mark == "_" else text.replace(mark, _ALIKE[mark])


def _unquoted(text: str) -> str:
    return _QUOTE.sub("\uff1e", text)
