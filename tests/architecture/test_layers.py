"""The shape of the code: what may know what, how large a file may be, and how things may be called."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "commands", "checks", "storage", "sandbox")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
OURS = [path for path in FILES if "migrations/versions" not in path.as_posix()]
LINES = 300

FORBIDDEN = re.compile(r"util|helper|manager|^_?(data|info|misc|base|alert|alerts)$")
"""Names that say nothing of what is inside (docs/design, "Words")."""


def name(path: Path) -> str:
    """As people call a file."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Its code."""
    return ast.parse(path.read_text(encoding="utf-8"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """The contracts of pyproject.toml, on the packages in that folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.fixture
def copy(tmp_path):
    """The packages and their contracts, to be broken."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_knowledge_flows_one_way():
    told = lint_imports(ROOT)
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", told.stdout)


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        pytest.param("checks/disk.py", "from bot.domain import near", "flows one way", id="a check learns of the bot"),
        pytest.param(
            "bot/engine/clock.py", "from bot.slack import ids", "flows one way", id="the engine learns of Slack"
        ),
        pytest.param(
            "bot/slack/ids.py", "from bot.engine import clock", "flows one way", id="Slack learns of the engine"
        ),
        pytest.param("commands/home.py", "from storage import tx", "ask the desk", id="a command asks the store"),
        pytest.param("bot/domain/near.py", "import asyncio", "no I/O", id="the domain does something"),
        pytest.param("bot/engine/clock.py", "import sqlalchemy", "SQL lives in storage", id="SQL outside of storage"),
        pytest.param("storage/rows.py", "import slack_sdk", "stays at the edge", id="Slack's SDK in storage"),
        pytest.param("sandbox/clock.py", "import checks", "no other package", id="the sandbox learns of us"),
        pytest.param("bot/cli/demo.py", "import sandbox.clock", "is a stranger", id="somebody imports the sandbox"),
    ],
)
def test_a_layer_that_is_broken_breaks_the_build(copy, file, line, contract):
    path = copy / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    told = lint_imports(copy)
    assert told.returncode != 0
    (broken,) = re.findall(r"^(.*) BROKEN", told.stdout, re.MULTILINE)
    assert contract in broken


def test_no_file_has_more_than_300_lines():
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in OURS}
    assert {file: lines for file, lines in lengths.items() if lines > LINES} == {}


def test_a_file_is_named_after_what_is_inside():
    assert [
        name(path) for path in OURS if any(FORBIDDEN.search(part) for part in name(path).removesuffix(".py").split("/"))
    ] == []


def test_nothing_is_called_a_helper_or_a_manager():
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    called = [(name(path), node.name) for path in OURS for node in ast.walk(parsed(path)) if isinstance(node, kinds)]
    assert [(path, what) for path, what in called if re.search(r"(?i)util|helper|manager", what)] == []


def test_every_file_says_what_it_is_for():
    assert [name(path) for path in OURS if parsed(path).body and not ast.get_docstring(parsed(path))] == []


def test_no_moment_is_without_a_zone():
    assert [f"{name(path)}:{line}" for path in OURS for line in naive_moments(parsed(path))] == []


@pytest.mark.parametrize(
    ("code", "naive"),
    [
        ("datetime.now()", True),
        ("datetime.datetime.now()", True),
        ("datetime.utcnow()", True),
        ("date.today()", True),
        ("datetime.fromtimestamp(1)", True),
        ("datetime.now(UTC)", False),
        ("datetime.now(tz=UTC)", False),
        ("datetime.fromtimestamp(1, UTC)", False),
        ("clock.now()", False),
    ],
)
def test_a_moment_without_a_zone_is_seen(code, naive):
    assert bool(list(naive_moments(ast.parse(code)))) is naive


def naive_moments(tree):
    """The lines where a moment is made that has no zone."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        what, of = node.func.attr, ast.unparse(node.func.value).split(".")[-1]
        given = len(node.args) + len(node.keywords)
        zone_comes_at = {"now": 1, "fromtimestamp": 2, "utcnow": 9, "utcfromtimestamp": 9, "today": 9}.get(what, 0)
        if of in ("datetime", "date") and given < zone_comes_at:
            yield node.lineno


def test_the_domain_reads_no_clock_and_throws_no_dice():
    own = re.compile(r"datetime\.now|time\.time|monotonic|perf_counter|date\.today|\brandom\.|\buuid")
    assert [path.name for path in (ROOT / "bot/domain").glob("*.py") if own.search(path.read_text("utf-8"))] == []


def test_every_contract_of_the_design_is_there():
    contracts = re.findall(r'^name = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    for words in ("one way", "no I/O", "stranger", "no other package", "ask the desk", "SQL lives", "at the edge"):
        assert [contract for contract in contracts if words in contract], words
