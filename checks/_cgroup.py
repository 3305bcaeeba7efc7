"""What the container we run in may use: the limits of control groups, version 2 or 1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from checks._kernel import told

_UNLIMITED = 1 << 60
"""Version 1 says "no limit" with a number near 2⁶³."""


def memory_limit(root: Path = Path("/")) -> tuple[int, int] | None:
    """Bytes that the groups we are in may use, the least of them, and how many are in use there; `None`: no limit.

    In use is what the kernel could not give back at once: without the page cache that it could drop.

    Args:
        root: where /proc and /sys are (tests give their own).
    """
    found: list[tuple[int, int]] = []
    for group, second in _groups(root, "memory"):
        most = _number(f"{group}/memory.max" if second else f"{group}/memory.limit_in_bytes")
        if not most or most >= _UNLIMITED:
            continue
        used = _number(f"{group}/memory.current" if second else f"{group}/memory.usage_in_bytes")
        if used is not None:
            cache = _counted(f"{group}/memory.stat", "inactive_file" if second else "total_inactive_file")
            found.append((most, max(used - cache, 0)))
    return min(found, default=None)


def cpu_limit(root: Path = Path("/")) -> float | None:
    """Processors that the groups we are in may use, the least of them; `None`: no limit."""
    found: list[float] = []
    for group, second in _groups(root, "cpu"):
        if second:
            quota, period = [*_text(f"{group}/cpu.max").split(), "", ""][:2]
        else:
            quota, period = _text(f"{group}/cpu.cfs_quota_us").strip(), _text(f"{group}/cpu.cfs_period_us").strip()
        # "max" and -1 are no limit.
        if quota.isdigit() and period.isdigit() and int(quota) and int(period):
            found.append(int(quota) / int(period))
    return min(found, default=None)


def _groups(root: Path, controller: str) -> Iterator[tuple[str, bool]]:
    """The folders of our groups and of those above them, and whether they are of version 2, which has one tree for all.

    They may not be there: a container sees its own group as the root, and is told its name outside.
    """
    mounts = os.path.join(root, "sys/fs/cgroup")
    for line in _text(os.path.join(root, "proc/self/cgroup")).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        tops = dict.fromkeys((f"{mounts}/{controllers}", f"{mounts}/{controller}")) if controllers else (mounts,)
        for top in tops:
            here = top
            yield here, not controllers
            for part in path.strip("/").split("/"):
                here = f"{here}/{part}"
                if part and part != "..":
                    yield here, not controllers


def _counted(path: str, name: str) -> int:
    for line in _text(path).splitlines():
        word, _, count = line.partition(" ")
        if word == name and count.isdigit():
            return int(count)
    return 0


def _number(path: str) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: str) -> str:
    try:
        return told(path).decode("ascii", "replace")
    except OSError:
        return ""
