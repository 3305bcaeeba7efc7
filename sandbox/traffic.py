"""The log of what went in (Web API calls) and out (envelopes), with tokens masked."""

import re
from collections import deque
from collections.abc import Callable
from typing import Any

from sandbox.json_types import Json

KEPT = 2000
"""Entries; the oldest go first."""
_TOKEN = re.compile(r"\b(xox[a-z]-|xapp-|ticket=)[A-Za-z0-9-]+")
_SECRET_KEYS = frozenset({"token", "ticket", "client_secret"})


def masked(value: Any) -> Any:
    """The same with every token cut."""
    if isinstance(value, str):
        return _TOKEN.sub(r"\1…", value)
    if isinstance(value, dict):
        return {str(key): "…" if key in _SECRET_KEYS else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


class Traffic:
    """`direction` is seen from the sandbox: in is what the bot calls, out is what the bot is sent."""

    def __init__(self, now: Callable[[], float], tell: Callable[[Json], None]) -> None:
        self._now = now
        self._tell = tell
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._count = 0

    def note(self, direction: str, what: str, *, status: int | str, body: Any, answer: Any) -> None:
        self._count += 1
        entry: Json = {
            "n": self._count,
            "at": self._now(),
            "direction": direction,
            "what": what,
            "status": status,
            "body": masked(body),
            "answer": masked(answer),
        }
        self._entries.append(entry)
        self._tell({"type": "traffic", "entry": entry})

    def after(self, n: int) -> list[Json]:
        return [entry for entry in self._entries if entry["n"] > n]

    def clear(self) -> None:
        """The numbering goes on, so that a reader's `after` stays valid."""
        self._entries.clear()
