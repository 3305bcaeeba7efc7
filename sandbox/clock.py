"""The time of the workspace: seconds for lifetimes, and message timestamps that never repeat."""

import time
from collections.abc import Callable


class Clock:
    """Wall time. Tests hand in another `wall` to move it."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._last = 0

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self._wall()

    def ts(self) -> str:
        """A message timestamp: seconds and microseconds, unique and rising even if the wall clock is not."""
        self._last = max(int(self._wall() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"
