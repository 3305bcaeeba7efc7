"""Time as an argument: the system's clock, or one that a test moves."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

AHEAD = timedelta(minutes=1)
"""What is later than now by more than clocks differ comes from a time in which the clock was wrong."""


class Clock(Protocol):
    """What the engine asks for the time."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back, for pacing."""


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()
