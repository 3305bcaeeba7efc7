"""JSON as it travels: what the Web API, the envelopes and the page exchange."""

import json
from typing import Any

Json = dict[str, Any]
"""One JSON object. Its inside is somebody else's, so it is typed no further."""
DEEPEST = 60
"""Levels of lists and objects in each other. Slack's own payloads have about a dozen; a thousand would break us."""


def parse(raw: str | bytes) -> Any:
    """ValueError for what is no JSON, for NaN and Infinity, and for nonsense that is nested too deep."""
    try:
        value = json.loads(raw, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if _deeper(value, DEEPEST):
        raise ValueError("nested too deep")
    return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _deeper(value: Any, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(one, levels - 1) for one in inside if isinstance(one, dict | list))
