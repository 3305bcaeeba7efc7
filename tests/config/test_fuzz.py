"""Whatever became of a configuration, it is understood or refused, in sentences, and at once.

`make test` tries some hundred, `make fuzz` ten thousand, and then no single one may take a second.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from bot.cli.check_config import calendar
from bot.config.differences import differences
from bot.config.load import load, parse
from bot.config.problems import ConfigError
from tests.config.mangling import mangled, seeds
from tests.config.right import RIGHT

COUNT = int(os.environ.get("ROUNDS_FUZZ", "400"))
FIRST = int(os.environ.get("ROUNDS_FUZZ_FIRST", "0"))
PARTS = 10
MOST_S = 1.0
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ENVIRONMENT = {"A": "a", "EMPTY": ""}


def understood_or_refused(seed, file):
    """What `rounds check-config` does, and a reload. Says how long that took and what became of it."""
    raw = mangled(seed)
    file.write_bytes(raw)
    begun = time.process_time()
    try:
        configuration = load(file, environment=ENVIRONMENT)
    except ConfigError as refused:
        took, problems = time.process_time() - begun, refused.problems
        in_sentences(problems, raw)
        return took, "refused"
    Console(file=StringIO()).print(calendar(configuration, NOW))
    differences(parse(RIGHT), configuration)
    assert all(str(warning) for warning in configuration.warnings)
    assert all(planned.spec for planned in configuration.planned.values())
    return time.process_time() - begun, "understood"


def in_sentences(problems, raw):
    told = [str(problem) for problem in problems]
    lines = raw.count(b"\n") + raw.count(b"\r") + 1
    assert told, "refused without a word"
    assert all(1 <= problem.line <= lines + 1 for problem in problems), told
    assert all("input should" not in one.lower() and "traceback" not in one.lower() for one in told), told


@pytest.mark.parametrize("number", range(len(seeds())))
def test_what_is_mangled_was_right(number):
    assert parse(seeds()[number]).checks


@pytest.mark.timeout(120 + COUNT)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_file_that_was_mangled_is_understood_or_refused(part, tmp_path, capsys):
    slowest, ends = (0.0, -1), {"understood": 0, "refused": 0}
    for seed in range(FIRST + part * COUNT // PARTS, FIRST + (part + 1) * COUNT // PARTS):
        try:
            took, end = understood_or_refused(seed, tmp_path / "rounds.yml")
        except Exception as error:
            shown = mangled(seed).decode("utf-8", "replace")
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}\n{shown}") from error
        slowest, ends[end] = max(slowest, (took, seed)), ends[end] + 1
    assert COUNT < 4_000 or all(ends.values()), "the mangling does too much, or nothing"
    if "ROUNDS_FUZZ" in os.environ:
        with capsys.disabled():
            print(f"\n{ends}; the slowest took {slowest[0]:.2f} s of CPU (seed {slowest[1]})")  # noqa: T201
        assert slowest[0] < MOST_S, slowest
