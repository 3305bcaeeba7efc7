"""Regular expressions from the configuration. They meet text of the world, so they are RE2's: linear time, always."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated

import re2
from pydantic import AfterValidator, Field

LONGEST = 500
"""Characters of a pattern: beyond that it is a program, and belongs into one."""

_MEMORY = 8 << 20
_ONE_GROUP = re.compile(r"\((?:\?:)?([^()\[\]\\]+)\)")
_PLAIN_START = re.compile(r"[\w \-]{2}[^()\[\]\\]*\Z")
_ANY_BYTE = re.compile(r"\.|\[\^|\[:\^|\\[WSDPpC]")
_MAY_MATCH_LINE_END = re.compile(r"\\[nsvxpCDPSW0-7]|\[\^|\[:|\(\?[a-zA-Z]*s|\n")


@lru_cache(maxsize=256)
def compiled(pattern: str, *, multiline: bool = False) -> re2._Regexp:
    """The pattern over bytes, UTF-8. With `multiline`, `^` and `$` stand at lines.

    Raises:
        ValueError: not a pattern that RE2 takes.
    """
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    prefix = "(?m)" if multiline else ""
    try:
        return re2.compile((prefix + pattern).encode(), options)
    except re2.error as error:
        raise ValueError(explain(pattern, _text(error))) from None


def explain(pattern: str, said: str) -> str:
    """What RE2 said of a pattern, with the advice that fits."""
    if any(look in pattern for look in ("(?=", "(?!", "(?<=", "(?<!")):
        return f"RE2 has no look-around ({said}); match what should be there, and judge that"
    if "invalid escape sequence" in said:
        return f"not a pattern for RE2: {said} (no back-references; \\z for the end of the text)"
    return f"not a pattern for RE2: {said}"


def _text(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def found(pattern: str, text: bytes | str) -> re2._Match | None:
    """The first match of the pattern in the text, over bytes; what is not UTF-8 counts as a strange character."""
    return compiled(pattern).search(text.encode(errors="replace") if isinstance(text, str) else sound(text))


def sound(text: bytes | bytearray) -> bytes | bytearray:
    """The text as UTF-8: RE2's `.` passes over no other byte, and one letter of Latin-1 would hide its line."""
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text


def meets_any_byte(pattern: str) -> bool:
    """Whether it might have to pass over a byte that is not UTF-8: it has a dot, or a class of all but a few."""
    return _ANY_BYTE.search(pattern) is not None


def _valid(pattern: str) -> str:
    compiled(pattern)
    return pattern


Re2Pattern = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, json_schema_extra={"format": "re2"}),
    AfterValidator(_valid),
]
"""A regular expression of RE2's syntax: no look-around, no back-references."""


Span = tuple[int, int]
LineSearch = Callable[[bytes | bytearray, int, int], Span]


def line_search(pattern: str) -> LineSearch:
    """A search for the next line that matches: `search(text, start, end)` gives the span of the match, or (-1, -1).

    The pattern never reaches over a line's end, `^` and `$` stand at lines.
    """
    loose = pattern.replace(r"\b", "") if "\\\\" not in pattern else pattern
    if loose not in ("", pattern):
        return _verified(line_search(loose), _line_search(pattern))
    whole = _ONE_GROUP.fullmatch(pattern)
    branches = (whole[1] if whole else pattern).split("|")
    if len(branches) == 1 or len(branches) > 6 or not all(_PLAIN_START.match(branch) for branch in branches):
        return _line_search(pattern)
    searches = [_line_search(branch) for branch in branches]

    def search(text: bytes | bytearray, start: int, end: int) -> Span:
        # RE2 leaps to a known beginning, but not to one of several: asking for each is faster.
        first = (-1, -1)
        for one in searches:
            span = one(text, start, end)
            if span[0] >= 0:
                first, end = span, span[0]
        return first

    return search


def _verified(loose: LineSearch, strict: LineSearch) -> LineSearch:
    """Lines of a looser search that are looked at again: a leap to a word, then its borders."""

    def search(text: bytes | bytearray, start: int, end: int) -> Span:
        while start < end and (place := loose(text, start, end)[0]) >= 0:
            first = text.rfind(b"\n", start, place) + 1 or start
            start = text.find(b"\n", place, end) + 1 or end
            span = strict(text, first, start)
            if span[0] >= 0:
                return span
        return (-1, -1)

    return search


def _line_search(pattern: str) -> LineSearch:
    """Goes beneath the module's own `search`, which builds objects for each match and takes three times as long."""
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_nl, options.never_capture = _MEMORY, False, True, True
    match = re2.compile(("(?m)" + pattern).encode(), options)._regexp.Match
    unanchored = re2._Anchor.UNANCHORED

    def search(text: bytes | bytearray, start: int, end: int) -> Span:
        span: Span = match(unanchored, text, start, end)[0]
        return span

    return search


def line_stride(pattern: str, lines: int) -> Callable[[bytes | bytearray, int, int], int] | None:
    """A search that passes so many matching lines at once: the end of the last of them, or -1 if there are fewer.

    For text where a large part of the lines matches. `None` where a pattern might reach over a line's end.
    """
    if _MAY_MATCH_LINE_END.search(pattern):
        return None
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = _MEMORY, False, True
    whole = rf"(?m)(?:(?s:.*?)(?:{pattern})[^\n]*\n){{{lines}}}"
    try:
        match = re2.compile(whole.encode(), options)._regexp.Match
    except re2.error:
        return None
    start_only = re2._Anchor.ANCHOR_START

    def stride(text: bytes | bytearray, start: int, end: int) -> int:
        passed: int = match(start_only, text, start, end)[0][1]
        return passed

    return stride


def literal(pattern: str) -> bytes | None:
    """The text that a pattern without any signs stands for."""
    return pattern.encode() if re.fullmatch(r"[\w \-,;:=/<>@#%&~\"'!]+", pattern) else None
