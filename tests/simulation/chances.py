"""What a world is like: how many processes, how bad a Slack, how clumsy people. Drawn from its seed.

Every world leaves some things out altogether: what always happens hides what seldom does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_FAULTS = ("lost", "accepted", "429", "500", "unreachable")


@dataclass(frozen=True, slots=True)
class Chances:
    """Shares of calls, and weights of what a step may be.

    Args:
        replicas: processes on the ledger; one of them is embedded.
        slack: what happens to a call instead of an answer, and how often.
        slow: share of the calls whose effect and answer lie apart.
        conflict: share of the transactions that the database refuses.
        unheard: share of the transactions that commit although the database seems to have failed.
        skew_s: how far the processes' clocks may be from the database's.
        weights: of what a step may be, by name.
    """

    replicas: int
    slack: tuple[tuple[str, float], ...]
    slow: float
    conflict: float
    unheard: float
    skew_s: float
    weights: dict[str, float]

    @classmethod
    def drawn(cls, chance: random.Random) -> Chances:
        """A world's."""

        def sometimes(often: float, low: float, high: float) -> float:
            return chance.uniform(low, high) if chance.random() < often else 0.0

        bad = chance.random() < 0.8
        return cls(
            replicas=chance.choice((1, 2, 2, 3)),
            slack=tuple((name, sometimes(0.6, 0.005, 0.12)) for name in _FAULTS if bad),
            slow=sometimes(0.7, 0.02, 0.3),
            conflict=sometimes(0.6, 0.002, 0.03),
            unheard=sometimes(0.6, 0.002, 0.02),
            skew_s=sometimes(0.5, 0.1, 5.0),
            weights={
                "answer": 30.0,
                "job": 12.0,
                "deliver": chance.choice((1.0, 4.0, 12.0)),
                "idle job": chance.uniform(0.01, 0.1),
                "time": chance.choice((0.5, 2.0, 4.0)),
                "health": chance.choice((0.05, 0.2, 0.5)),
                "click": sometimes(0.8, 0.05, 0.5),
                "repeat": sometimes(0.5, 0.02, 0.1),
                "kill": sometimes(0.7, 0.002, 0.02),
                "start": 0.3,
                "freeze": sometimes(0.6, 0.01, 0.06),
                "stall": sometimes(0.6, 0.05, 0.5),
                "reload": sometimes(0.6, 0.1, 0.5),
                "edit": sometimes(0.5, 0.001, 0.01),
                "clock": sometimes(0.4, 0.001, 0.01),
                "archive": sometimes(0.3, 0.001, 0.005),
                "unarchive": 0.005,
                "close": sometimes(0.15, 0.001, 0.005),
                "delete": sometimes(0.4, 0.002, 0.01),
            },
        )

    def calm(self) -> Chances:
        """The same world when all is well again."""
        quiet = {"answer": 30.0, "job": 12.0, "deliver": 4.0, "reload": 4.0}
        return Chances(self.replicas, (), 0.0, 0.0, 0.0, self.skew_s, quiet)
