"""`rounds demo` shows its example unless told otherwise, and its help says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import demo
from bot.cli.tree import app


class Chosen(Exception):
    """The configuration that would be shown."""


def test_without_a_file_of_its_own_a_demo_shows_the_example_whatever_lies_around(monkeypatch, tmp_path):
    def chosen(path: Path) -> None:
        raise Chosen(path)

    (tmp_path / "rounds.yml").write_text("channel: '#ours'")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROUNDS_CONFIG", "rounds.yml")
    monkeypatch.setenv("ROUNDS_DEMO_DIR", "")
    monkeypatch.setattr(demo, "configuration_or_exit", chosen)
    with pytest.raises(Chosen) as found:
        demo.demo(None, port=0, browser=False, data=None)
    assert found.value.args == (demo.EXAMPLE,)
    told = " ".join(CliRunner().invoke(app, ["demo", "--help"], env={"COLUMNS": "200"}).stdout.split())
    assert "else an example" in told
    assert "ROUNDS_CONFIG" not in told
