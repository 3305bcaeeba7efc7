"""The engine under load: due checks, open escalations, digests of a long history, starting, and memory.

`python -m benchmarks.engine [PART …]`; sizes by options. Every figure is a median of rounds or a quantile of rows.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from benchmarks import seeding
from benchmarks.figures import Comparison, machine
from benchmarks.rig import EVERY_S, LOOK_S, Ahead, configured, running
from bot.engine.clock import SystemClock
from bot.engine.looking import AT_ONCE
from bot.engine.views import run_view
from storage import tables as t
from storage.opening import open_store
from storage.tx import Tx

GOAL_DUE, GOAL_DIGEST_MS, GOAL_START, GOAL_GROWTH_MB = 1.3, 50.0, 2.0, 25.0
MEMORY_DISK = Path("/dev/shm")


def told(name: str, ours: Sequence[float], theirs: Sequence[float], *, unit: str, goal: float) -> str:
    """A line with both medians, their ratio and the goal."""
    return Comparison(name, unit, ours, theirs, goal=goal).told()


async def _due(url: str, checks: int) -> float:
    """Seconds from the tick that finds all of them due to the commit of the last result.

    Measured when they are due for the second time: a process that serves for months makes its statements once.
    """
    configuration, clock = configured(checks), Ahead()
    async with running(url, configuration, clock) as (engine, store, queue, runner):
        await engine.prepare()
        finished: set[int] = set()
        done = asyncio.Event()

        async def work(run_id: int) -> None:
            await runner.work(run_id)
            finished.add(run_id)
            if len(finished) % len(configuration.planned) == 0:
                done.set()

        serving = asyncio.create_task(queue.serve(("default",), work))
        took = 0.0
        for _ in range(2):
            clock.ahead += timedelta(seconds=EVERY_S)
            done.clear()
            began = time.perf_counter()
            await engine.tick()
            await engine.sweep()
            await done.wait()
            took = time.perf_counter() - began
        serving.cancel()
        stored = await store.read(lambda tx: tx.connection.scalar(select(func.count()).select_from(t.result)))
        assert stored == 2 * checks, f"{stored} results of {2 * checks}"
        return took


def due_checks(given: argparse.Namespace) -> None:
    """1,000 checks that come due at once, against what their looks alone take."""
    ideal = given.checks * LOOK_S / AT_ONCE
    for where, folder in (("memory-backed disk", MEMORY_DISK), ("this disk", None)):
        took = []
        for _ in range(given.rounds):
            with seeding.sqlite(folder) as url:
                took.append(asyncio.run(_due(url, given.checks)))
        name = f"{given.checks:,} due checks of 50 ms, tick to last commit, {where}, against the ideal"
        print(told(name, took, [ideal] * len(took), unit="s", goal=GOAL_DUE), flush=True)


async def _escalations(url: str, seconds: float) -> tuple[list[float], list[float], float]:
    async with running(url, configured(0)) as (engine, store, _, _):
        await engine.start()
        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.sleep(seconds)
        used = (time.process_time() - cpu) / (time.perf_counter() - began)
        await engine.stop()

        def work(tx: Tx) -> tuple[list[float], list[float]]:
            fired = select(t.step.c.due_at, t.step.c.fired_at).where(t.step.c.state == "fired")
            reason = (t.outbox.c.reason == "escalated", t.outbox.c.state == "sent")
            sent = select(t.outbox.c.created_at, t.outbox.c.sent_at).where(*reason)
            return tuple(  # type: ignore[return-value]
                [(end - start).total_seconds() for start, end in tx.connection.execute(query)]
                for query in (fired, sent)
            )

        return *await store.read(work), used


def escalations(given: argparse.Namespace) -> None:
    """100,000 open incidents of which 100 a second come due, to a target that takes everything at once."""
    with seeding.sqlite() as url:
        open_store_once(url)
        begin = SystemClock().now() + timedelta(seconds=given.escalations / 20_000 + 3)
        seeding.escalations(url, given.escalations, begin=begin, a_second=given.a_second)
        time.sleep(max((begin - SystemClock().now()).total_seconds(), 0))
        fired, sent, cpu = asyncio.run(_escalations(url, given.seconds))
    print(f"{given.escalations:,} open escalations, {given.a_second} due a second for {given.seconds:g} s, this disk:")
    for what, each in (("steps, due to fired", fired), ("messages, decided to delivered", sent)):
        p50, p99 = (statistics.quantiles(each, n=100)[n - 1] for n in (50, 99)) if len(each) > 1 else (0.0, 0.0)
        print(f"  {len(each):,} {what}: p50 {p50:.2f} s, p99 {p99:.2f} s")
    print(f"  CPU {cpu:.0%} of one core", flush=True)


def open_store_once(url: str) -> None:
    """Make the ledger's tables."""
    asyncio.run(open_store(url, now=SystemClock().now).close())


async def _digests(url: str, runs: int, rounds: int) -> list[float]:
    store, configuration, chance = open_store(url, now=SystemClock().now), configured(0), Random(1)
    took = []
    for _ in range(rounds):
        number = runs - chance.randrange(seeding.CHECKLISTS)
        began = time.perf_counter()
        view = await store.read(lambda tx, number=number: run_view(tx, number, configuration))  # type: ignore[misc]
        took.append((time.perf_counter() - began) * 1_000)
        assert view is not None
        assert view.run.gaps
        assert len(view.run.results) == len(view.before.outcomes) == seeding.CHECKS_A_RUN  # type: ignore[union-attr]
    await store.close()
    return took


def digests(given: argparse.Namespace) -> None:
    """What a digest of 50 checks asks of a long history: run, results, gaps, the run before, incidents."""
    places: list[tuple[str, Callable[[], AbstractContextManager[str]]]] = [
        ("SQLite", seeding.sqlite),
        ("PostgreSQL", seeding.postgresql),
    ]
    for name, place in places:
        with place() as url:
            open_store_once(url)
            began = time.perf_counter()
            seeding.results(url, given.results)
            filled = time.perf_counter() - began
            took = asyncio.run(_digests(url, given.results // seeding.CHECKS_A_RUN, 101))
        p50 = statistics.median(took)
        verdict = "met" if p50 < GOAL_DIGEST_MS else "MISSED"
        print(
            f"a digest's queries over {given.results:,} results, {name}: median {p50:.1f} ms, slowest "
            f"{max(took):.1f} ms, the first {took[0]:.1f} ms (goal under "
            f"{GOAL_DIGEST_MS:g} ms: {verdict}; filled in {filled:.0f} s)",
            flush=True,
        )


def start(given: argparse.Namespace) -> None:
    """From the start of `rounds serve` to serving, against a process that only imports the same libraries."""
    from tests.e2e.processes import Sandbox, Serve

    listing = "import sys, bot.app, bot.cli.serve; print(*sys.modules)"
    named = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout.split()
    own = ("bot", "commands", "checks", "storage", "sandbox", "__main__")
    libraries = [name for name in named if name.partition(".")[0] not in own]
    importing = (
        "import importlib, contextlib, sys\nfor name in sys.argv[1:]:\n"
        " with contextlib.suppress(ImportError):\n  importlib.import_module(name)"
    )
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as place:
        sandbox = Sandbox.start(Path(place), seed={"channels": [{"id": "C1", "name": "operations"}]})
        try:
            for turn in range(given.rounds + 1):
                folder = Path(place) / str(turn)
                folder.mkdir()
                text = "channel: '#operations'\nchecks:\n  root: {kind: disk, path: /}\n"
                began = time.perf_counter()
                serve = Serve(folder, api=sandbox.api, configuration=text).start()
                while "Rounds is serving" not in serve.said:
                    assert serve.process.poll() is None, serve.said
                    time.sleep(0.005)
                ours.append(time.perf_counter() - began)
                serve.stop()
                began = time.perf_counter()
                subprocess.run([sys.executable, "-c", importing, *libraries], check=True, capture_output=True)
                theirs.append(time.perf_counter() - began)
        finally:
            sandbox.stop()
    # The first of each reads everything from the disk.
    print(
        told(
            f"start to ready, against importing the same {len(libraries):,} modules",
            ours[1:],
            theirs[1:],
            unit="s",
            goal=GOAL_START,
        ),
        flush=True,
    )


def _resident(checks: int) -> float:
    """MB that a process holds after all of its checks were looked at once."""
    with seeding.sqlite() as url:
        asyncio.run(_due(url, checks))
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def growth(given: argparse.Namespace) -> None:
    """Resident memory with 1,000 checks against one."""
    grown = []
    for _ in range(given.rounds):
        sizes = []
        for checks in (1, given.checks):
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
                sizes.append(apart.submit(_resident, checks).result())
        grown.append(sizes[1] - sizes[0])
    median = statistics.median(grown)
    verdict = "met" if median <= GOAL_GROWTH_MB else "MISSED"
    print(
        f"resident growth from 1 to {given.checks:,} checks: {median:.1f} MB "
        f"(goal at most {GOAL_GROWTH_MB:g}: {verdict})"
    )


PARTS = {"due": due_checks, "escalations": escalations, "digests": digests, "start": start, "growth": growth}


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "part", nargs="*", choices=[*PARTS, []], help=f"which: {', '.join(PARTS)}; all if none is named"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checks", type=int, default=1_000)
    parser.add_argument("--escalations", type=int, default=100_000)
    parser.add_argument("--a-second", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--results", type=int, default=10_000_000)
    given = parser.parse_args(arguments)
    least = 2 * seeding.CHECKLISTS * seeding.CHECKS_A_RUN
    if given.results < least:
        parser.error(f"--results {given.results} are too few: each checklist needs two runs, so at least {least:,}")
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # a turn that is skipped is what is measured here
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}", flush=True)
    for part in given.part or PARTS:
        PARTS[part](given)


if __name__ == "__main__":
    main()
