"""What machine a figure was measured on, and how figures are shown."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path


def machine() -> str:
    """One line: processor, cores, kernel, Python."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    system = f"{platform.system()} {platform.release()}"
    return f"{model}, {os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def in_turn(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Measure each in turn, round after round, so that a machine that slows down slows all of them."""
    figures: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for figure, measure in zip(figures, measures, strict=True):
            figure.append(measure())
    return figures


def told(name: str, ours: Sequence[float], theirs: Sequence[float], *, unit: str, goal: float) -> str:
    """A line with both medians and the median of the ratios of each round."""
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    verdict = "met" if ratio <= goal else "MISSED"
    return (
        f"{name}: {statistics.median(ours):.3f} {unit} against {statistics.median(theirs):.3f} {unit}, "
        f"ratio {ratio:.2f} (goal at most {goal:g}: {verdict})"
    )
