"""What a check writes down for its next look: a JSON document of at most 64 KB, or it is the check's own mistake."""

from __future__ import annotations

import json
from typing import Any

from checks import Finding, Outcome

LIMIT = 64 * 1024
"""Bytes of one check's memory as JSON (design, State of kinds); it is read and written with every look."""


def kept(check: str, memory: dict[str, Any]) -> tuple[dict[str, Any] | None, Finding | None]:
    """The memory to store; or `None`, so that the one of the look before stays, and what is wrong with it."""
    if not memory:
        return memory, None
    try:
        # The databases take neither numbers that are none nor things that only Python knows.
        size = len(json.dumps(memory, allow_nan=False, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError) as error:
        return None, _refused(f"{check} wants to remember what cannot be stored ({error})")
    if size > LIMIT:
        return None, _refused(f"{check} wants to remember {size:,} bytes, of which at most {LIMIT:,} are kept")
    return memory, None


def _refused(text: str) -> Finding:
    return Finding(Outcome.UNKNOWN, f"the check itself broke: {text}; it goes on from what it knew before")
