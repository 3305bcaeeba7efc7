"""`make simulate`: world after world until so many slots have come, or one world again by its seed."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.lives import SLOTS, Life, life

SAY_EVERY_S = 10.0


def main() -> int:
    """The exit code: 1 if a promise broke."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--slots", type=int, default=100_000, help="slots in all (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="this world only, as a failure names it")
    parser.add_argument("--trace", action="store_true", help="with --seed: print all that happens")
    parser.add_argument("--first", type=int, help="the first world's seed; each run has its own if not given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: %(default)s)")
    given = parser.parse_args()
    _prepare()
    if given.seed is not None:
        lived = iter([life(given.seed, told=print if given.trace else _nothing)])
        given.slots = 1
    else:
        first = given.first if given.first is not None else random.SystemRandom().randrange(1_000_000) * 1_000
        print(f"Worlds of {SLOTS} slots each, from seed {first} on.", flush=True)
        lived = _lives(first, given.jobs)
    return _account(lived, given.slots)


def _nothing(line: str) -> None:
    del line


def _prepare() -> None:
    logging.disable(logging.CRITICAL)
    # A world is a few megabytes, most of it statements that are built and dropped; looking for cycles costs a tenth.
    gc.set_threshold(200_000, 20, 100)


def _lives(first: int, jobs: int) -> Iterator[Life]:
    """One after another, in the order of their seeds."""
    seed = first
    if jobs == 1:
        while True:
            yield life(seed)
            seed += 1
    with ProcessPoolExecutor(jobs, initializer=_prepare) as crew:
        waiting = []
        while True:
            while len(waiting) < 2 * jobs:
                waiting.append(crew.submit(life, seed))
                seed += 1
            yield waiting.pop(0).result()


def _account(lived: Iterator[Life], slots: int) -> int:
    began = said = time.monotonic()
    figures: Counter[str] = Counter()
    broken: str | None = None
    while figures["slots"] < slots and broken is None:
        one = next(lived)
        figures.update(one.figures)
        broken = one.broken
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            print(f"{figures['slots']:>8,} slots, {figures['worlds']:>4} worlds, {said - began:>5.0f} s", flush=True)
    if broken is not None:
        print(broken)
    took = time.monotonic() - began
    print(f"\n{took:.0f} s, {took * 1_000 / max(figures['slots'], 1):.1f} ms a slot")
    for name, count in sorted(figures.items(), key=lambda figure: -figure[1]):
        print(f"{count:>12,}  {name}")
    print("\nA promise was broken." if broken else "\nEvery promise held.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
