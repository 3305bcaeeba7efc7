"""TAB, as the shells ask for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = Path(sys.executable).with_name("rounds")

GOOD = """
channel: "#operations"
checks:
  memory: {kind: memory, title: "Memory: all of it"}
  root-disk: {kind: disk, path: /}
checklists:
  morning: {title: Morning health check, items: [memory]}
  month-end: {items: [root-disk]}
"""


@pytest.fixture
def tab(tmp_path):
    """What is offered after these words."""

    def press(words, shell="bash"):
        *before, last = words.split(" ")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ROUNDS_")},
            "_ROUNDS_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(before)),
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "_TYPER_COMPLETE_WORD_TO_COMPLETE": last,
        }
        done = subprocess.run(
            [ROUNDS], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert "Traceback" not in done.stderr
        return done.stdout.split("\n") if done.stdout else []

    return press


def test_run_offers_checklists_and_checks_of_the_configuration(tab, tmp_path):
    (tmp_path / "rounds.yml").write_text(GOOD)
    assert [one for one in tab("rounds run ") if one] == ["morning", "month-end", "memory", "root-disk"]
    assert [one for one in tab("rounds run mo") if one] == ["morning", "month-end"]


def test_shells_that_show_more_get_the_titles(tab, tmp_path):
    (tmp_path / "rounds.yml").write_text(GOOD)
    for shell in ("zsh", "fish"):
        told = "\n".join(tab("rounds run mor", shell))
        assert "morning" in told
        assert "Morning health check" in told


def test_another_configuration_on_the_line_counts(tab, tmp_path):
    (tmp_path / "other.yml").write_text(GOOD)
    assert [one for one in tab("rounds run -c other.yml ro") if one] == ["root-disk"]


def test_a_configuration_with_mistakes_still_offers_its_names(tab, tmp_path):
    (tmp_path / "rounds.yml").write_text(GOOD.replace("kind: memory", "kind: memry"))
    assert [one for one in tab("rounds run m") if one] == ["morning", "month-end", "memory"]


@pytest.mark.parametrize("text", [None, "", "checks: [", "checks: 5", "\0"])
def test_nothing_to_offer_is_silence(tab, tmp_path, text):
    if text is not None:
        (tmp_path / "rounds.yml").write_text(text)
    assert [one for one in tab("rounds run m") if one] == []


def test_commands_and_kinds_are_offered(tab):
    assert {"kinds", "new", "doctor"} <= set(tab("rounds "))
    assert [one for one in tab("rounds kinds d") if one] == ["disk", "dns"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_can_be_installed(tmp_path, shell):
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [ROUNDS, "--install-completion", shell], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert any("_ROUNDS_COMPLETE" in text for text in written)
