"""Text of the world, made fit to be kept: no control characters, no more than fits."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\u202a-\u202e\u2066-\u2069]")


def clean(text: bytes | str, limit: int | None = None) -> str:
    """The text as UTF-8 without control characters and direction marks, its line ends made equal; cut at `limit`."""
    if isinstance(text, bytes):
        text = text[: 4 * limit if limit else None].decode("utf-8", "replace")
    if limit is not None and len(text) > limit:
        text = text[:limit] + " …"
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
