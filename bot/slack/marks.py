"""The marks with which mrkdwn formats, in text of the world. Slack has no way to escape one, and a mark in a name would
end the bold that stands around it: such a mark is written as a character that looks like it."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Of those that look alike, the ones that phones have in their fonts: a fullwidth underscore would be a box. The
# underscore comes first, as what stands beside it says whether it is one.
_ALIKE = {"_": "\u02cd", "*": "\u2217", "~": "\u223c", "`": "\u02cb"}

# Slack takes a mark for one where a word begins or ends; within `used_percent` or `5*3` it means nothing.
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_OPENS = {mark: re.compile(rf"{_BEFORE}{re.escape(mark)}(?=\S)") for mark in "_*~"}
_CLOSES = {mark: re.compile(rf"(?<=\S){re.escape(mark)}{_AFTER}") for mark in "_*~"}
_EDGE = re.compile(rf"{_BEFORE}_|_{_AFTER}")
_QUOTE = re.compile("^>", re.MULTILINE)


def without_marks(text: str) -> str:
    """For text inside formatting of our own, such as a name in bold, which a single mark could end."""
    return _without(_ALIKE, text)


def without_pairs(text: str) -> str:
    """For text that stands by itself: what would format it, and vanish itself.

    A mark that stands alone does neither and is left, so that an address or a path can be copied from a card. Only a
    backtick never is: it would reach as far as the next one, whosever that is.
    """
    return "\n".join(map(_line_without_pairs, text.split("\n")))


def _line_without_pairs(line: str) -> str:
    return _without([*(mark for mark in _OPENS if _pairs(mark, line)), "`"], line)


def _pairs(mark: str, line: str) -> bool:
    first = _OPENS[mark].search(line)
    return first is not None and _CLOSES[mark].search(line, first.end()) is not None


def _without(marks: Iterable[str], text: str) -> str:
    for mark in marks:
        text = _EDGE.sub(_ALIKE[mark], text) if mark == "_" else text.replace(mark, _ALIKE[mark])
    return _QUOTE.sub("\u203a", text)
