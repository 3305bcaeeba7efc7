"""A file system has room left, for bytes and for files.

Why: a full disk stops databases, logs and mail at once, often in the middle of a write, and is slow to repair.

What to do: find what grew with `du -xh --max-depth=2 PATH | sort -h | tail`. Old logs, images and dumps go first; a
deleted file that a process still holds open frees its room only when that process ends (`lsof +L1`). Many small files:
`du --inodes -x PATH` shows where.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from checks._apart import StillHanging, apart, patience
from checks._contract import Check, Context, CouldNotCheck, Evidence, Look, Measure, Metric, Rules
from checks._types import AbsolutePath
from checks._units import duration, show


@dataclass(frozen=True, slots=True)
class Room:
    """A file system as the kernel counts it; sizes in bytes, `files` 0 where it has no limit of files."""

    total: int
    free: int
    available: int
    files: int
    files_free: int
    mounted: bool = True

    def metrics(self) -> Iterator[Metric]:
        """As `df` computes them: what is kept for root counts neither as used nor as free."""
        used = self.total - self.free
        reachable = used + self.available
        yield Metric("used_percent", 100 * used / reachable if reachable else 0.0)
        yield Metric("free_bytes", self.available)
        yield Metric("total_bytes", self.total)
        if self.files:
            yield Metric("inodes_used_percent", 100 * (self.files - self.files_free) / self.files)


def room(path: str) -> Room:
    """Ask the kernel; hangs where the file system does."""
    found = os.statvfs(path)
    unit = found.f_frsize
    return Room(
        total=found.f_blocks * unit,
        free=found.f_bfree * unit,
        available=found.f_bavail * unit,
        files=found.f_files,
        files_free=found.f_ffree,
        mounted=os.path.ismount(path),
    )


class DiskCheck(Check):
    """Asks the file system that holds a path."""

    kind: Literal["disk"] = "disk"
    path: AbsolutePath = Field(description="A path on the file system, absolute.")
    mount: bool = Field(
        False,
        description="Whether the path must be a mount point: without it, a disk that is not mounted looks like /.",
    )

    measures: ClassVar[Mapping[str, Measure]] = {
        "used_percent": Measure("%", "room in use, as `df` shows it", "is {value} used"),
        "free_bytes": Measure("B", "room left for users who are not root", "has {value} free"),
        "total_bytes": Measure("B", "size of the file system", "has {value} in all"),
        "inodes_used_percent": Measure(
            "%",
            "files in use of those that it can hold; not measured where there is no such limit",
            "has {value} of its inodes used",
        ),
    }
    rules: ClassVar[Rules] = Rules(warning="used_percent > 80", critical="used_percent > 90")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: disk, path: /}",
        "{kind: disk, path: /var/lib/postgresql, mount: true, critical: used_percent > 95 || free_bytes < 5000000000}",
        "{kind: disk, path: /var/mail, warning: inodes_used_percent > 80}",
    )

    def about(self) -> str:
        return self.path

    async def look(self, ctx: Context) -> Look:
        waits = patience(ctx)
        try:
            found = await apart(room, self.path, patience_s=waits)
        except StillHanging:
            return Look.broken(f"{self.path} did not answer within {duration(waits)}; its file system hangs")
        except FileNotFoundError:
            return Look.broken(f"{self.path} does not exist")
        except PermissionError as error:
            raise CouldNotCheck(f"may not look at {self.path}; give our user the right to reach it") from error
        except OSError as error:
            return Look.broken(f"{self.path} cannot be read: {error.strerror}")
        return self.judge(found)

    def judge(self, found: Room) -> Look:
        """No I/O here."""
        if self.mount and not found.mounted:
            return Look.broken(f"{self.path} is not mounted")
        metrics = tuple(found.metrics())
        return Look(metrics, (), (Evidence(f"df {self.path}", table(found, metrics)),))


def table(found: Room, metrics: tuple[Metric, ...]) -> str:
    """The numbers of `df -h` and `df -i`, upright: as wide as a phone."""
    percents = {metric.name: f"{metric.value:.0f}%" for metric in metrics}
    sizes = (found.total, found.total - found.free, found.available)
    columns = [("bytes", *(show(size, "B") for size in sizes), percents["used_percent"])]
    if found.files:
        counts = (found.files, found.files - found.files_free, found.files_free)
        columns.append(("inodes", *(f"{count:,}" for count in counts), percents["inodes_used_percent"]))
    rows = zip(("", "Size", "Used", "Avail", "Use%"), *columns, strict=True)
    return "\n".join(f"{name:<5}" + "".join(f"{cell:>15}" for cell in cells) for name, *cells in rows)
