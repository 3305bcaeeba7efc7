"""Response URLs: an address per interaction that takes five messages in thirty minutes, without a token."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

USES = 5
"""Posts per address (docs.slack.dev/interactivity/handling-user-interaction)."""


@dataclass
class ResponseUrl:
    """`source` is the message it came from, which it may replace or delete; a slash command has none. `said`: the last
    message that was posted through it."""

    id: str
    channel: str
    user: str
    made: float
    source: str | None
    said: str | None = None
    left: int = USES


class ResponseUrls:
    def __init__(self, now: Callable[[], float], lifetime: Callable[[], float]) -> None:
        self._now = now
        self._lifetime = lifetime
        self._made: dict[str, ResponseUrl] = {}

    def make(self, *, channel: str, user: str, source: str | None = None) -> str:
        """The id, the last part of the address."""
        for old in [url.id for url in self._made.values() if self._now() - url.made > self._lifetime()]:
            del self._made[old]
        made = ResponseUrl(secrets.token_hex(12), channel, user, self._now(), source)
        self._made[made.id] = made
        return made.id

    def use(self, url_id: str) -> ResponseUrl | None:
        """One use; None if it is unknown, too old, or used up."""
        url = self._made.get(url_id)
        if url is None or url.left <= 0 or self._now() - url.made > self._lifetime():
            return None
        url.left -= 1
        return url

    def clear(self) -> None:
        self._made.clear()
