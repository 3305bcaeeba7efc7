"""What the container we run in may use: the limits of control groups, version 2 or 1."""

from __future__ import annotations

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
    mounts = root / "sys/fs/cgroup"
    memory: list[tuple[int, int]] = []
    cpus: list[float] = []
    for group in _groups(root, mounts):
        most = _number(group / "memory.max") or _number(group / "memory.limit_in_bytes")
        used = _working(group)
        if most and most < _UNLIMITED and used is not None:
            memory.append((most, used))
        quota, period = _quota(group)
        if quota and period:
            cpus.append(quota / period)
    most, used = min(memory, default=(None, None))
    return Limits(most, used, min(cpus, default=None))


def _groups(root: Path, mounts: Path) -> list[Path]:
    """The folders of our groups and of those above them."""
    found: list[Path] = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        tops = [mounts] if not controllers else [mounts / name for name in (controllers, *controllers.split(","))]
        for top in tops:
            here = top
            found.append(here)
            for part in path.strip("/").split("/"):
                here = here / part
                if part and part != "..":
                    found.append(here)
    return list(dict.fromkeys(group for group in found if group.is_dir()))


def _working(group: Path) -> int | None:
    """Memory in use that the kernel could not give back at once: without the page cache that it could drop."""
    used = _number(group / "memory.current")
    name = "inactive_file"
    if used is None:
        used, name = _number(group / "memory.usage_in_bytes"), "total_inactive_file"
    if used is None:
        return None
    counts = dict(line.split(" ", 1) for line in _text(group / "memory.stat").splitlines() if " " in line)
    return max(used - int(counts.get(name, 0)), 0)


def _quota(group: Path) -> tuple[int | None, int | None]:
    """CPU time and the period it is for, in microseconds."""
    match _text(group / "cpu.max").split():
        case quota, period if quota.isdigit() and period.isdigit():
            return int(quota), int(period)
        case [_, *_]:
            return None, None
    each = _number(group / "cpu.cfs_quota_us")
    return (each if each and each > 0 else None), _number(group / "cpu.cfs_period_us")


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
