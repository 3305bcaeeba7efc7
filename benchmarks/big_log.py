"""A log of 2 GB, the lines with one word in them counted, against `grep -c` of the same word: seconds and memory.

Ours is one look of a `log` check in a process of its own, which says how much memory it has ever had in all. The log is
written into a temporary folder, read once so that both find it in the page cache, and removed at the end.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Comparison, Figure, Options, in_turn

WORD = "ERROR"
GOAL, MEMORY_MB = 3.0, 60.0
BLOCKS, BLOCK = 64, 1 << 20


def measure(options: Options) -> Iterator[Comparison | Figure]:
    """Seconds of both, lines a second, and the memory of ours."""
    with tempfile.TemporaryDirectory(prefix="rounds-bench-") as folder:
        free = shutil.disk_usage(folder).free
        if free < options.log_bytes + (1 << 30):
            raise SystemExit(
                f"{folder} has {free:,} bytes free, too few; choose a smaller --log-size, or another TMPDIR"
            )
        path = Path(folder) / "app.log"
        memory = _looked_at_once(path)
        lines = write(path, options.log_bytes)
        _read_once(path)
        told: list[dict[str, float]] = []

        def us() -> float:
            told.append(_child(path, memory))
            return told[-1]["seconds"]

        def them() -> float:
            begun = time.perf_counter()
            said = subprocess.run(["grep", "-c", WORD, path], check=True, capture_output=True, text=True).stdout
            counted.add(int(said))
            return time.perf_counter() - begun

        counted: set[int] = set()
        us(), them()
        told.clear()
        ours, theirs = in_turn(options.rounds, us, them)
    assert counted == {int(each["matches"]) for each in told}, "not the same number of lines"
    assert all(each["read_bytes"] == options.log_bytes for each in told)
    yield Comparison(
        f"{options.log_bytes / 1e9:g} GB, {lines:,} lines, {counted.pop():,} of them counted", "s", ours, theirs, GOAL
    )
    yield Comparison("lines", "/s", [lines / took for took in ours], [lines / took for took in theirs])
    yield Figure("most memory of the process that counts", "MB", [each["peak_mb"] for each in told], MEMORY_MB)
    yield Figure("of which by counting", "MB", [each["grown_mb"] for each in told])


def write(path: Path, size: int) -> int:
    """Write a log of exactly so many bytes, the last line perhaps cut; returns how many lines it has."""
    made = random.Random(2026)
    blocks = [_block(made) for _ in range(BLOCKS)]
    written = lines = 0
    with path.open("ab") as file:
        while written < size:
            block = made.choice(blocks)[: size - written]
            if written + len(block) == size:
                block = block[:-1] + b"\n"
            file.write(block)
            written += len(block)
            lines += block.count(b"\n")
    return lines


def _block(made: random.Random) -> bytes:
    lines: list[str] = []
    size = 0
    while size < BLOCK:
        level = made.choices(("INFO", "DEBUG", "WARN", WORD), (80, 17, 2, 1))[0]
        what = "connection to db:5432 refused" if level == WORD else "status=200"
        at = f"2026-11-22T09:{made.randrange(60):02}:{made.randrange(60):02}.{made.randrange(1000):03}Z"
        lines.append(
            f"{at} {level} [worker-{made.randrange(32)}] shop.orders request={made.getrandbits(64):016x} "
            f"user={made.randrange(100_000)} took={made.randrange(900)}ms path=/orders/{made.randrange(10**6)} {what}\n"
        )
        size += len(lines[-1])
    return "".join(lines).encode()


def _read_once(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _looked_at_once(path: Path) -> dict[str, object]:
    """What a check remembers that has looked at the log while it was empty."""
    from checks import Context
    from checks.log import LogCheck

    path.touch()
    ctx = Context(now=datetime.now(UTC), timeout_s=60)
    asyncio.run(LogCheck(path=str(path), match=WORD).look(ctx))
    return ctx.memory


def _child(path: Path, memory: dict[str, object]) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.big_log", path, json.dumps(memory)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(told.stdout)
    return found


def main() -> None:
    """One look, in this process."""
    from checks import Context
    from checks.log import LogCheck

    check = LogCheck(path=sys.argv[1], match=WORD)
    ctx = Context(now=datetime.now(UTC), timeout_s=600, memory=json.loads(sys.argv[2]))
    before, begun = _peak_mb(), time.perf_counter()
    look = asyncio.run(check.look(ctx))
    seconds = time.perf_counter() - begun
    found = {metric.name: metric.value for metric in look.metrics}
    print(json.dumps({**found, "seconds": seconds, "peak_mb": _peak_mb(), "grown_mb": _peak_mb() - before}))


def _peak_mb() -> float:
    """The most memory this process has had at a time."""
    status = Path("/proc/self/status")
    if status.exists():  # of this program alone: what a process inherits counts in getrusage
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    main()
