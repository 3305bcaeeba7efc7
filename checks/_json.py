"""Numbers out of JSON documents by a dotted path: `queues.mail[0].depth`."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,6})\]")


def steps(path: str) -> tuple[str | int, ...]:
    """The path as keys and positions; a leading `$.` is allowed, `$` alone is the whole document.

    Raises:
        ValueError: not a path.
    """
    rest, found = path.removeprefix("$").removeprefix("."), []
    position = 0
    while position < len(rest):
        step = _STEP.match(rest, position)
        if step is None or (position == 0 and rest.startswith(".")):
            raise ValueError(f"not a path into JSON: {path!r}; write queues.mail[0].depth")
        found.append(step[1] if step[2] is None else int(step[2]))
        position = step.end()
    if not found and path != "$":
        raise ValueError("an empty path into JSON; write queues.mail[0].depth")
    return tuple(found)


def number(document: Any, path: str) -> float:
    """The number at the path; `true` is 1, `false` 0, a text that is a number is that number, a list its length.

    Raises:
        LookupError: nothing is there, or no number; the text says which.
    """
    here = document
    for step in steps(path):
        match here, step:
            case dict(), str():
                here = here.get(step)
            case list(), int() if step < len(here):
                here = here[step]
            case _:
                here = None
        if here is None:
            raise LookupError(f"has no {path}")
    try:
        value = float(len(here) if isinstance(here, list) else here)
    except (TypeError, ValueError, OverflowError):
        raise LookupError(f"has no number at {path}") from None
    if not math.isfinite(value):
        raise LookupError(f"has no number at {path}")
    return value


def parsed(text: bytes | str) -> Any:
    """The JSON document.

    Raises:
        ValueError: not JSON, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _valid(path: str) -> str:
    steps(path)
    return path


JsonPath = Annotated[str, Field(max_length=300), AfterValidator(_valid)]
"""Where in a JSON document a number is: keys with dots, positions in brackets; `$` alone is the whole of it."""
