"""What a command line loads before it answers: TAB is pressed often, and what it does not need costs a second.

Each line is said in a fresh interpreter, which then tells its modules. Of the packages that the project depends on,
only those named here may be among them; so a new dependency is kept away from these lines until somebody allows it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from checks import kind_names

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]

TREE = {"bot", "bot.cli", "bot.cli.exit_codes", "bot.cli.tree"}
"""All of ours that explaining and completing the commands themselves takes."""

THE_LINE = {"typer", "pydantic", "rich"}
"""Typer itself loads the other two."""

A_KIND = THE_LINE | {"yaml"}
A_CONFIGURATION = THE_LINE | {"yaml", "cel", "tzlocal", "tzdata"}

CONFIGURATION = """
channel: "#operations"
checks:
  root-disk: {kind: disk, path: /, every: 1h, warning: off, critical: off}
"""

SAY = """
import atexit, pathlib, sys
sys.argv[0] = "rounds"
atexit.register(lambda: pathlib.Path("modules").write_text(" ".join(sys.modules)))
from bot.cli import main
main()
"""


def dependencies():
    """What the project depends on, as it is imported: each package with its distribution."""

    def plain(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    wanted = {plain(re.match(r"[\w.-]+", one)[0]) for one in PROJECT["dependencies"]}
    found = {
        package: plain(one)
        for package, names in packages_distributions().items()
        for one in names
        if plain(one) in wanted
    }
    assert set(found.values()) == wanted, "one of them would never be seen"
    return found


DEPENDENCIES = dependencies()


@pytest.fixture
def loaded(tmp_path):
    """The modules that are there after these words; with `tab`, after TAB at their end."""
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)

    def say(words, *, tab=False, code=0, said=""):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ROUNDS_", "SLACK_")) and name != "DATABASE_URL"
        } | {"ROUNDS_ADMIN_LISTEN": "127.0.0.1:1"}  # where nobody answers
        if tab:
            environment |= {
                "_ROUNDS_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(words.count(" ")),
            }
        done = subprocess.run(
            [sys.executable, "-c", SAY, *([] if tab else words.split()[1:])],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        assert said in done.stdout
        return set((tmp_path / "modules").read_text().split())

    return say


def needed(modules):
    return {name.partition(".")[0] for name in modules} & DEPENDENCIES.keys()


def ours(modules):
    return {name for name in modules if name.partition(".")[0] in ("bot", "checks", "commands", "storage", "sandbox")}


@pytest.mark.parametrize(
    ("words", "tab", "said"),
    [
        pytest.param("rounds --help", False, "check-config", id="the help"),
        pytest.param("rounds --version", False, f"rounds {PROJECT['version']}\n", id="the version"),
        pytest.param("rounds serve --help", False, "SLACK_BOT_TOKEN", id="the help of a command"),
        pytest.param("rounds ", True, "check-config", id="TAB for the commands"),
        pytest.param("rounds run --", True, "--config", id="TAB for the options of a command"),
    ],
)
def test_help_and_completion_of_commands_load_no_command(loaded, words, tab, said):
    modules = loaded(words, tab=tab, said=said)
    assert ours(modules) == TREE
    assert needed(modules) <= THE_LINE


def test_a_command_line_that_is_not_understood_loads_no_command_either(loaded):
    modules = loaded("rounds run root-disk --nonsense", code=3)
    assert ours(modules) == TREE
    assert needed(modules) <= THE_LINE


def test_completion_of_names_loads_the_configuration_and_its_kinds_only(loaded):
    modules = loaded("rounds run root", tab=True, said="root-disk")
    assert needed(modules) <= A_CONFIGURATION
    assert ours(modules) & {f"checks.{name}" for name in kind_names()} == {"checks.disk"}
    assert not {name for name in ours(modules) if name.startswith(("storage", "bot.slack", "bot.engine"))}


def test_completion_of_kinds_imports_none_of_them(loaded):
    modules = loaded("rounds kinds d", tab=True, said="dns")
    assert needed(modules) <= A_KIND
    assert not ours(modules) & {f"checks.{name}" for name in kind_names()}


@pytest.mark.parametrize(
    ("words", "code", "said", "allowed"),
    [
        pytest.param("health", 1, "", THE_LINE, id="health, which containers ask every few seconds"),
        pytest.param("manifest", 0, "slash_commands", A_KIND, id="manifest"),
        pytest.param("kinds disk", 0, "used_percent", A_KIND, id="one kind"),
        pytest.param("kinds", 0, "disk", A_KIND | {"psutil", "pycurl", "re2", "cryptography"}, id="all kinds"),
        pytest.param("pings", 2, "", A_CONFIGURATION, id="pings"),
        pytest.param("run root-disk", 0, "root-disk", A_CONFIGURATION | {"re2"}, id="run"),
        pytest.param("check-config", 0, "no mistakes", A_CONFIGURATION | {"sqlalchemy", "alembic"}, id="check-config"),
    ],
)
def test_a_command_loads_what_it_needs_itself(loaded, words, code, said, allowed):
    assert needed(loaded(f"rounds {words}", code=code, said=said)) <= allowed
