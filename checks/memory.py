"""The machine, or the container we run in, has memory left.

Why: without memory the kernel ends processes, and not always the one that took it; before that, everything is slow.

What to do: the evidence lists the largest processes. Restart what leaks, then find out why; give a container whose
work grew a higher limit. Swap in heavy use with memory free is old history, in heavy use with none it is the cause.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import psutil

from checks._apart import StillHanging, apart, patience
from checks._cgroup import memory_limit
from checks._contract import Check, Context, CouldNotCheck, Evidence, Look, Measure, Metric, Rules
from checks._kernel import told
from checks._text import clean
from checks._units import duration, show

_holding_none: set[int] = set()
"""Threads of the kernel, the larger part of all processes; they never come to hold memory, so they are asked once."""

_PAGE = os.sysconf("SC_PAGE_SIZE")

_COUNTED = re.compile(rb"^(MemTotal|MemAvailable|SwapTotal|SwapFree): *([0-9]+) kB$", re.MULTILINE)

MOST_PROCESSES = 1_000
"""Beyond so many processes, listing the largest would cost more than the check."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of memory; `container` when the limit is the container's and not the machine's."""

    total: int
    available: int
    swap_total: int
    swap_used: int
    container: bool = False
    largest: tuple[tuple[int, int, str], ...] = ()

    def metrics(self) -> Iterator[Metric]:
        yield Metric("used_percent", 100 * (self.total - self.available) / self.total)
        yield Metric("available_bytes", self.available)
        yield Metric("total_bytes", self.total)
        yield Metric("swap_used_percent", 100 * self.swap_used / self.swap_total if self.swap_total else 0.0)


def memory(root: Path = Path("/")) -> Memory:
    """What the kernel counts; a container's limit counts where it is lower than the machine.

    Raises:
        OSError: it does not say.
    """
    total, available, swap_total, swap_used = machine()
    limit, container = memory_limit(root), False
    if limit is not None and limit[0] < total:
        total, container = limit[0], True
        available = min(max(limit[0] - limit[1], 0), available)
    return Memory(total, available, swap_total, swap_used, container, largest())


def machine() -> tuple[int, int, int, int]:
    """Bytes of this machine: memory in all and available, swap in all and used."""
    if sys.platform == "linux":
        # What psutil reads, too, but both in one file, and without counting pages that went to swap.
        told_of = {name: 1024 * int(kb) for name, kb in _COUNTED.findall(told(f"{psutil.PROCFS_PATH}/meminfo"))}
        if len(told_of) == 4 and told_of[b"MemAvailable"] <= told_of[b"MemTotal"]:
            swap = told_of[b"SwapTotal"]
            return told_of[b"MemTotal"], told_of[b"MemAvailable"], swap, swap - told_of[b"SwapFree"]
    found, swapped = psutil.virtual_memory(), psutil.swap_memory()
    return found.total, found.available, swapped.total, swapped.used


def largest(count: int = 5) -> tuple[tuple[int, int, str], ...]:
    """The processes with the most resident memory: bytes, id, name."""
    processes = psutil.pids()
    if len(processes) > MOST_PROCESSES:
        return ()
    _holding_none.intersection_update(processes)
    sizes = sorted([(resident(each), each) for each in processes if each not in _holding_none], reverse=True)
    _holding_none.update(process for size, process in sizes if not size)
    return tuple((size, process, _name(process)) for size, process in sizes[:count] if size)


def resident(process: int) -> int:
    """Bytes of memory that a process holds; 0 if it has ended, or is none of ours to see."""
    try:
        if sys.platform != "linux":
            return int(psutil.Process(process).memory_info().rss)
        # What psutil reads, too, but after four other files of the process.
        return int(told(f"{psutil.PROCFS_PATH}/{process}/statm", 100).split()[1]) * _PAGE
    except (OSError, IndexError, psutil.Error):
        return 0


def _name(process: int) -> str:
    """What it is called, as psutil finds it: the kernel keeps 15 bytes, the rest stands in its command line."""
    try:
        if sys.platform != "linux":
            return clean(psutil.Process(process).name(), 60) or "?"
        name = told(f"{psutil.PROCFS_PATH}/{process}/comm", 100).rstrip(b"\n")
        if len(name) >= 15:
            whole = os.path.basename(told(f"{psutil.PROCFS_PATH}/{process}/cmdline", 4096).partition(b"\0")[0])
            name = whole if whole.startswith(name) else name
        return clean(name, 60) or "?"
    except (OSError, psutil.Error):
        return "?"


class MemoryCheck(Check):
    """Asks the kernel of this machine; inside a container, the container's limit counts."""

    kind: Literal["memory"] = "memory"

    measures: ClassVar[Mapping[str, Measure]] = {
        "used_percent": Measure("%", "memory that programs could not get", "is {value} used"),
        "available_bytes": Measure("B", "memory that programs could still get", "has {value} left"),
        "total_bytes": Measure("B", "memory in all, or the container's limit", "has {value} in all"),
        "swap_used_percent": Measure("%", "swap in use; 0 without any", "has {value} of its swap used"),
    }
    rules: ClassVar[Rules] = Rules(warning="used_percent > 85", critical="used_percent > 95")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: memory}",
        "{kind: memory, warning: used_percent > 80 || swap_used_percent > 50}",
    )

    def about(self) -> str:
        return "memory"

    async def look(self, ctx: Context) -> Look:
        waits = patience(ctx)
        try:
            found = await apart(memory, patience_s=waits)
        except StillHanging:
            return Look.broken(f"the kernel did not say within {duration(waits)} how much memory is left")
        except (OSError, psutil.Error) as error:
            raise CouldNotCheck(f"could not read the memory of this machine: {error}; is /proc there?") from error
        return self.judge(found)

    def judge(self, found: Memory) -> Look:
        """No I/O here."""
        whose = "container" if found.container else "machine"
        lines = [
            f"{whose}: {show(found.available, 'B')} available of {show(found.total, 'B')}",
            f"swap: {show(found.swap_used, 'B')} used of {show(found.swap_total, 'B')}",
        ]
        lines += [f"{show(size, 'B'):>10}  {process:>7}  {name}" for size, process, name in found.largest]
        return Look(tuple(found.metrics()), (), (Evidence("memory", "\n".join(lines)),))
