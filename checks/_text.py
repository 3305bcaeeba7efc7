"""Text of the world, made fit to be kept: no control characters, no more than fits."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\u202a-\u202e\u2066-\u2069]")

_HALF = 200
"""Characters at a cut that are given up to end with a whole word; longer words are cut."""

_BETWEEN = re.compile(r"[\s\"'`]")
"""What stands between words; commas and brackets may be part of a password."""


def whole_words(text: str, limit: int) -> str:
    """At most so many characters of the text, and no part of a word at its end.

    What is cut here is masked later, and half a secret has no shape that could be known.
    """
    kept = text[:limit]
    if len(text) <= limit or _BETWEEN.match(text, limit):
        return kept
    ends = [between.end() for between in _BETWEEN.finditer(kept, max(limit - _HALF, 0))]
    return kept[: ends[-1]].rstrip() if ends else kept


def clean(text: bytes | str, limit: int | None = None) -> str:
    """The text as UTF-8 without control characters and direction marks, its line ends made equal; cut at `limit`."""
    if isinstance(text, bytes):
        text = text[: 4 * limit if limit else None].decode("utf-8", "replace")
    if limit is not None and len(text) > limit:
        text = whole_words(text, limit) + " …"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
