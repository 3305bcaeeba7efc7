"""Rate limits: per method and minute, and one message per second and channel."""

import math
from collections.abc import Callable

T1, T2, T3, T4 = 10, 20, 50, 100
"""Calls per minute and method (docs.slack.dev/apis/web-api/rate-limits: 1+, 20+, 50+, 100+). Tier 1 is only
apps.connections.open here, which Slack serves far more often than once a minute; ten is a guess."""
SPECIAL = 300
"""Calls per minute of methods with limits of their own: "several hundred messages per minute"."""
BURST = 5
"""Messages at once in one channel before one per second counts: Slack allows "short bursts"; five is a guess."""
MINUTE = 60.0


class Rates:
    """Fixed windows of a minute that start with the first call, so Retry-After is what is left of it."""

    def __init__(self, now: Callable[[], float], *, enabled: bool) -> None:
        self._now = now
        self._enabled = enabled
        self._windows: dict[str, tuple[float, int]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def clear(self) -> None:
        self._windows.clear()
        self._buckets.clear()

    def call(self, method: str, tier: int) -> int:
        """Count one call. 0, or how many seconds to wait."""
        if not self._enabled:
            return 0
        now = self._now()
        start, count = self._windows.get(method, (now, 0))
        if now - start >= MINUTE or now < start:
            start, count = now, 0
        if count >= tier:
            return max(1, math.ceil(start + MINUTE - now))
        self._windows[method] = (start, count + 1)
        return 0

    def message(self, channel: str) -> int:
        """Count one message in a channel. 0, or how many seconds to wait."""
        if not self._enabled:
            return 0
        now = self._now()
        at, tokens = self._buckets.get(channel, (now, float(BURST)))
        tokens = min(float(BURST), tokens + max(0.0, now - at))
        if tokens < 1:
            return max(1, math.ceil(1 - tokens))
        self._buckets[channel] = (now, tokens - 1)
        return 0
