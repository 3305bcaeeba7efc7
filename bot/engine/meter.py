"""What the engine counts while it works. It does not know who reads it; `bot.web.metrics` does."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)
"""Seconds; upper ends of the classes that durations are sorted into."""

Labels = tuple[str, ...]


@dataclass(slots=True)
class Durations:
    """Durations sorted into classes, as a histogram wants them. The last class has no upper end."""

    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.classes[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds


DELIVERIES = ("sent", "found", "later", "uncertain", "elsewhere", "gone", "quiet", "dropped", "failed")
"""What can become of an attempt to deliver a message."""

REDRAWS = ("drawn", "later", "gone", "refused")
"""What can become of an attempt to redraw one."""


class Meter:
    """Counts of one process since it started."""

    def __init__(self) -> None:
        self.claims_lost = 0
        self.stalls = 0
        self.longest_stall_s = 0.0
        self.calls: Counter[Labels] = Counter()
        """Calls to Slack by method and outcome: ok, refused, slow_down, lost."""
        # From 0 on: Prometheus sees no increase in a count that begins with 1.
        self.deliveries: Counter[str] = Counter(dict.fromkeys(DELIVERIES, 0))
        self.redraws: Counter[str] = Counter(dict.fromkeys(REDRAWS, 0))
        self.escalation_lateness = Durations()
        """From the moment a step was due, or the end of its quiet, until its message stood in the outbox."""
        self._still_s = 0.0
        self._looks: dict[Labels, Durations] = {}

    def looked(self, kind: str, outcome: str, seconds: float) -> None:
        """A check was looked at."""
        self._looks.setdefault((kind, outcome), Durations()).add(seconds)

    def looks(self) -> Iterator[tuple[Labels, Durations]]:
        """Looks by kind and outcome."""
        yield from sorted(self._looks.items())

    def standing_still(self, seconds: float, *, over: bool) -> None:
        """The event loop has been standing still for so long; `over`: it turns again."""
        self._still_s = max(self._still_s, seconds)
        self.longest_stall_s = max(self.longest_stall_s, self._still_s)
        self.stalls += over

    def take_stall_s(self) -> float:
        """How long the loop stood still since this was last asked."""
        seconds, self._still_s = self._still_s, 0.0
        return seconds
