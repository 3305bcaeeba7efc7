"""20 rounds of examples/this-machine in one loaded process, against 20 runs of a shell script for the same facts.

What both find is compared before anything is measured. CPU seconds count the processes that each side starts, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Comparison, Options, in_turn
from benchmarks.http_checks import served

ROUNDS = 20
WALL, CPU = 1.0, 0.1
HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "this-machine" / "rounds.yml"
SCRIPT = HERE / "this_machine.sh"

_SLACK = {
    "used_percent": 1.0,
    "swap_used_percent": 1.0,
    "inodes_used_percent": 0.5,
    "newest_age_s": 10,
    "oldest_age_s": 10,
}
"""By how much these may lie outside of what the script finds before and after: each has its own moment."""

_FREE = 0.02
"""By which part free memory and free room may."""

Facts = dict[str, float]


def measure(options: Options) -> Iterator[Comparison]:
    """Wall and CPU seconds of both."""
    with served() as url, tempfile.TemporaryDirectory(prefix="rounds-bench-") as folder:
        (Path(folder) / "backup.tar.gz").write_bytes(b"\x1f\x8b" + bytes(100_000))
        environment = os.environ | {"ROUNDS_DEMO_URL": url, "ROUNDS_DEMO_DIR": folder}
        _compared(environment)
        ours: list[tuple[float, float]] = []
        theirs: list[tuple[float, float]] = []

        def us() -> float:
            told = _rounds(environment)
            ours.append((told["wall_s"], told["cpu_s"]))
            return 0.0

        def them() -> float:
            begun, before = time.perf_counter(), _cpu_s(resource.RUSAGE_CHILDREN)
            _script(environment, times=ROUNDS)
            theirs.append((time.perf_counter() - begun, _cpu_s(resource.RUSAGE_CHILDREN) - before))
            return 0.0

        in_turn(options.rounds, us, them)
    for place, unit, goal in ((0, "s", WALL), (1, "CPU-s", CPU)):
        name = f"{ROUNDS} rounds, {'wall' if unit == 's' else 'processor'}"
        yield Comparison(name, unit, [each[place] for each in ours], [each[place] for each in theirs], goal)


def _cpu_s(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _script(environment: dict[str, str], *, times: int) -> str:
    loop = 'n=0; while [ $n -lt "$1" ]; do sh "$0"; n=$((n + 1)); done'
    return subprocess.run(
        ["sh", "-c", loop, SCRIPT, str(times)], env=environment, check=True, capture_output=True, text=True
    ).stdout


def _rounds(environment: dict[str, str]) -> dict[str, float]:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.this_machine"], env=environment, check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(told.stdout)
    return found


def _compared(environment: dict[str, str]) -> None:
    """Both find the same: what we find lies between what the script finds before and after it.

    Others work on this machine, too; a file that comes and goes in between is given some tries.
    """
    different: list[str] = []
    for _ in range(10):
        before = _facts(environment)
        ours = {name: value for name, value in _rounds(environment).items() if "." in name}
        after = _facts(environment)
        names = sorted(ours.keys() | before.keys() | after.keys())
        different = [name for name in names if not _same(name, ours, before, after)]
        if not different:
            return
    shown = "\n".join(f"  {name}: {ours.get(name)}, and {before.get(name)}, {after.get(name)}" for name in different)
    raise SystemExit(f"Rounds and the script do not find the same:\n{shown}")


def _facts(environment: dict[str, str]) -> Facts:
    lines = (line.split() for line in _script(environment, times=1).splitlines())
    return {words[0]: float(words[1]) for words in lines if len(words) == 2 and "." in words[0]}


def _same(name: str, ours: Facts, before: Facts, after: Facts) -> bool:
    if name.startswith("local-slack.") and name.endswith(("_ms", "_s")):
        return True  # each has its own times
    if name == "local-slack.redirects":
        return ours.get(name) == 0  # the script follows none
    if not all(name in facts for facts in (ours, before, after)):
        return False
    low, high = sorted((before[name], after[name]))
    fact = name.partition(".")[2]
    slack = _FREE * high if fact in ("free_bytes", "available_bytes") else _SLACK.get(fact, 0)
    return low - slack <= ours[name] <= high + slack


async def _look() -> dict[str, float]:
    from bot.config.load import load
    from bot.domain.masking import Masker
    from bot.engine.clock import SystemClock
    from bot.engine.interpreter import search_less, take_short_turns
    from bot.engine.looking import Looker
    from checks import Outcome

    configuration = load(EXAMPLE, environment=os.environ)
    looker = Looker(SystemClock(), Masker(), timezone=configuration.timezone)
    checks = [configuration.checks[name] for name in configuration.checklists["this-machine"].checks]
    take_short_turns()
    search_less()
    first = await looker.look_at_all(checks)
    begun, before = time.perf_counter(), _cpu_s(resource.RUSAGE_SELF) + _cpu_s(resource.RUSAGE_CHILDREN)
    for _ in range(ROUNDS):
        results = await looker.look_at_all(checks)
    took = time.perf_counter() - begun
    used = _cpu_s(resource.RUSAGE_SELF) + _cpu_s(resource.RUSAGE_CHILDREN) - before
    bad = [each for each in (*first, *results) if each.outcome in (Outcome.UNKNOWN, Outcome.CRITICAL)]
    assert not bad, bad[0].findings
    facts = {f"{each.check}.{metric.name}": metric.value for each in first for metric in each.metrics}
    return {"wall_s": took, "cpu_s": used, **facts}


def main() -> None:
    """Our side, in this process."""
    print(json.dumps(asyncio.run(_look())))


if __name__ == "__main__":
    main()
