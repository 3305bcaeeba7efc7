"""Regular expressions from the configuration. They meet text of the world, so they are RE2's: linear time, always."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import re2
from pydantic import AfterValidator, Field

LONGEST = 500
"""Characters of a pattern: beyond that it is a program, and belongs into one."""

_MEMORY = 8 << 20


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
    """The first match of the pattern in the text, over bytes."""
    return compiled(pattern).search(text.encode(errors="replace") if isinstance(text, str) else text)


def _valid(pattern: str) -> str:
    compiled(pattern)
    return pattern


Re2Pattern = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, json_schema_extra={"format": "re2"}),
    AfterValidator(_valid),
]
"""A regular expression of RE2's syntax: no look-around, no back-references."""
