"""The machine has no more work than its processors can do.

Why: a load above the number of processors for minutes means that everything waits, and timeouts elsewhere follow.

What to do: `top` shows who computes. A high load with idle processors is waiting for disks or a dead network file
system: look for processes in state D (`ps -eo state,pid,cmd | grep ^D`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from checks._cgroup import cpu_limit
from checks._contract import Check, Context, CouldNotCheck, Evidence, Look, Measure, Metric, Rules
from checks._units import duration, plain


@dataclass(frozen=True, slots=True)
class Load:
    """What the kernel says: averages over 1, 5 and 15 minutes; `waiting` is `None` where it does not count that."""

    averages: tuple[float, float, float]
    cpus: int
    allowed: float
    uptime_s: float
    waiting: float | None = None

    def metrics(self) -> Iterator[Metric]:
        for minutes, value in zip((1, 5, 15), self.averages, strict=True):
            yield Metric(f"load{minutes}", value)
        yield Metric("per_cpu", self.averages[1] / self.cpus)
        yield Metric("cpus", self.cpus)
        yield Metric("cpus_allowed", self.allowed)
        yield Metric("uptime_s", self.uptime_s)
        if self.waiting is not None:
            yield Metric("waiting_percent", self.waiting)


def load(root: Path = Path("/")) -> Load:
    """Ask the kernel; pressure is that of our control group where there is one.

    Raises:
        OSError: it does not say.
    """
    cpus = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cpus
    allowed = cpu_limit(root)
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Load(
        averages=os.getloadavg(),
        cpus=cpus,
        allowed=min(usable, allowed) if allowed else usable,
        uptime_s=time.clock_gettime(boot),
        waiting=pressure(root / "sys/fs/cgroup/cpu.pressure") or pressure(root / "proc/pressure/cpu"),
    )


def pressure(path: Path) -> float | None:
    """Percent of the last minute in which some process waited for a processor."""
    try:
        line = path.read_text(encoding="ascii", errors="replace").partition("\n")[0]
        return float(dict(word.split("=", 1) for word in line.split()[1:])["avg60"])
    except (OSError, ValueError, KeyError):
        return None


class LoadCheck(Check):
    """Asks the kernel of this machine. Load averages are the whole machine's, inside a container, too.

    Inside a container with a quota, judge `waiting_percent`: it is the container's own.
    """

    kind: Literal["load"] = "load"

    measures: ClassVar[Mapping[str, Measure]] = {
        "load1": Measure("", "load average over 1 minute", "has a load of {value}", lowest=0),
        "load5": Measure("", "load average over 5 minutes", "has a load of {value}", lowest=0),
        "load15": Measure("", "load average over 15 minutes", "has a load of {value}", lowest=0),
        "per_cpu": Measure(
            "", "load over 5 minutes for each processor", "has a load of {value} for each processor", lowest=0
        ),
        "cpus": Measure("", "processors of the machine", "has {value} processor(s)", lowest=0),
        "cpus_allowed": Measure(
            "", "processors that we may use: affinity, the container's quota", "may use {value}", lowest=0
        ),
        "waiting_percent": Measure(
            "%", "time of the last minute in which a process waited; not on old kernels", "waits {value} of the time"
        ),
        "uptime_s": Measure("s", "since the machine was started", "was started {value} ago", lowest=0),
    }
    rules: ClassVar[Rules] = Rules(warning="per_cpu > 1.5", critical="per_cpu > 4")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: load}",
        "{kind: load, info: uptime_s < 86400, warning: waiting_percent > 30, critical: waiting_percent > 70}",
    )

    def about(self) -> str:
        return "this machine"

    async def look(self, ctx: Context) -> Look:
        try:
            return self.judge(load())
        except OSError as error:
            raise CouldNotCheck(f"could not read the load of this machine: {error}; is /proc there?") from error

    def judge(self, found: Load) -> Look:
        """No I/O here."""
        one, five, fifteen = found.averages
        text = (
            f"load average {one:.2f}, {five:.2f}, {fifteen:.2f}; {found.cpus} processors, "
            f"{plain(found.allowed)} for us; up {duration(found.uptime_s)}"
        )
        return Look(tuple(found.metrics()), (), (Evidence("load", text),))
