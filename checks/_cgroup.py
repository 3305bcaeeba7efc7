"""What the container we run in may use: the limits of control groups, version 2 or 1."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_UNLIMITED = 1 << 60
"""Version 1 says "no limit" with a number near 2⁶³."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the groups we are in, the tightest of each; `None`: none."""

    memory: int | None = None
    memory_used: int | None = None
    cpus: float | None = None


def limits(root: Path = Path("/")) -> Limits:
    """Read them below `root` (tests give their own)."""
    memory: list[tuple[int, int]] = []
    cpus: list[float] = []
    for group in _groups(root, "memory"):
        most = _number(f"{group}/memory.max") or _number(f"{group}/memory.limit_in_bytes")
        if most and most < _UNLIMITED and (used := _working(group)) is not None:
            memory.append((most, used))
    for group in _groups(root, "cpu"):
        quota, period = _quota(group)
        if quota and period:
            cpus.append(quota / period)
    most, used = min(memory, default=(None, None))
    return Limits(most, used, min(cpus, default=None))


def _groups(root: Path, controller: str) -> list[str]:
    """The folders of our groups and of those above them that may limit this; version 2 limits all in one tree."""
    mounts = os.path.join(root, "sys/fs/cgroup")
    found: list[str] = []
    for line in _text(os.path.join(root, "proc/self/cgroup")).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        for top in (f"{mounts}/{controllers}", f"{mounts}/{controller}") if controllers else (mounts,):
            here = top
            found.append(here)
            for part in path.strip("/").split("/"):
                here = f"{here}/{part}"
                if part and part != "..":
                    found.append(here)
    return [group for group in dict.fromkeys(found) if os.path.isdir(group)]


def _working(group: str) -> int | None:
    """Memory in use that the kernel could not give back at once: without the page cache that it could drop."""
    used = _number(f"{group}/memory.current")
    name = "inactive_file"
    if used is None:
        used, name = _number(f"{group}/memory.usage_in_bytes"), "total_inactive_file"
    if used is None:
        return None
    counts = dict(line.split(" ", 1) for line in _text(f"{group}/memory.stat").splitlines() if " " in line)
    return max(used - int(counts.get(name, 0)), 0)


def _quota(group: str) -> tuple[int | None, int | None]:
    """CPU time and the period it is for, in microseconds."""
    match _text(f"{group}/cpu.max").split():
        case quota, period if quota.isdigit() and period.isdigit():
            return int(quota), int(period)
        case [_, *_]:
            return None, None
    each = _number(f"{group}/cpu.cfs_quota_us")
    return (each if each and each > 0 else None), _number(f"{group}/cpu.cfs_period_us")


def _number(path: str) -> int | None:
    text = _text(path).strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
