"""What came out, and how it is told: medians, the ratio, and whether that is as good as we want it."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen on the command line.

    Args:
        rounds: how often each side is measured, in turn.
        log_bytes: size of the log that is counted.
    """

    rounds: int = 7
    log_bytes: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """We and somebody else, measured in turn. `goal` is the largest ratio, ours to theirs, that we want."""

    name: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float]
    goal: float | None = None

    @property
    def ratio(self) -> float:
        """The median of the ratios of each turn: a machine that slows down slows both."""
        return statistics.median(our / their for our, their in zip(self.ours, self.theirs, strict=True))

    def told(self) -> str:
        """One line."""
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        said = f"{self.name}: {_plain(ours)} {self.unit} against {_plain(theirs)} {self.unit}, ratio {self.ratio:.2f}"
        return said if self.goal is None else f"{said} (goal at most {self.goal:g}: {_verdict(self.ratio, self.goal)})"

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": list(self.ours),
            "theirs": list(self.theirs),
            "ratio": self.ratio,
            "goal": self.goal,
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """Something of ours alone. `goal` is the most that we want it to be."""

    name: str
    unit: str
    values: Sequence[float]
    goal: float | None = None

    def told(self) -> str:
        """One line."""
        value = statistics.median(self.values)
        said = f"{self.name}: {_plain(value)} {self.unit}"
        return said if self.goal is None else f"{said} (goal at most {self.goal:g}: {_verdict(value, self.goal)})"

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {"name": self.name, "unit": self.unit, "ours": list(self.values), "goal": self.goal}


def in_turn(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Measure each in turn, round after round, so that a machine that slows down slows all of them."""
    figures: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for figure, measure in zip(figures, measures, strict=True):
            figure.append(measure())
    return figures


def machine() -> str:
    """One line: processor, cores, what else runs, kernel, Python."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    system = f"{platform.system()} {platform.release()}"
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{model}, {os.cpu_count()} cores, {load}, {system}, Python {platform.python_version()}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _verdict(value: float, goal: float) -> str:
    return "met" if value <= goal else "MISSED"
