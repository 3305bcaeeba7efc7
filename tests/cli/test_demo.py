"""`rounds demo` shows its example unless told otherwise, and its help says so."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path

import pytest
import typer
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


def test_a_second_demo_in_the_same_folder_leaves_the_first_one_alone(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROUNDS_DEMO_DIR", "")
    kept = tmp_path / demo.PLACE / "rounds.db"
    kept.parent.mkdir(parents=True)
    kept.write_text("of the first")
    with (tmp_path / ".rounds" / "demo.lock").open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with pytest.raises(typer.Exit) as refused:
            demo.demo(None, port=0, browser=False, data=None)
    assert refused.value.exit_code == 2
    assert "A demo is using .rounds/demo already" in capsys.readouterr().err
    assert kept.read_text() == "of the first"


def test_a_demo_that_cannot_start_takes_nothing_away(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROUNDS_DEMO_DIR", "")
    kept = tmp_path / demo.PLACE / "rounds.log"
    kept.parent.mkdir(parents=True)
    kept.write_text("of the last one")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(typer.Exit):
        demo.demo(None, port=taken.getsockname()[1], browser=False, data=None)
    assert kept.read_text() == "of the last one"
