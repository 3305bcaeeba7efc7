"""Worlds of misfortune in which every promise holds; the same seed is the same world."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation.lives import SLOTS, life

WORLDS = range(1, 9)
"""As many as make 2,000 slots; `make simulate` has others every time."""


@pytest.mark.parametrize("seed", WORLDS)
def test_every_promise_holds_at_every_step_of(seed, record_property):
    lived = life(seed)
    assert lived.broken is None, lived.broken
    assert lived.figures["slots"] >= SLOTS
    record_property("figures", f"{lived.figures['slots']} slots in {lived.figures['steps']} steps")


def test_the_same_seed_is_the_same_world_in_another_process_too():
    ask = "from tests.simulation.lives import life; print(life(3, slots=60).fingerprint)"
    prints = {
        subprocess.run(
            [sys.executable, "-c", ask],
            env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hashing in ("1", "2")
    }
    assert prints == {f"{life(3, slots=60).fingerprint}\n"}
    assert life(4, slots=60).fingerprint not in prints
