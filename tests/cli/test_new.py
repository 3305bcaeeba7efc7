"""`rounds new`: what it writes is right for the machine it was written on."""

from __future__ import annotations

import json
import os
import re

import pytest

from bot.cli import new
from bot.cli.machine import Candidate
from bot.cli.proposing import Proposal
from bot.config.load import parse


def test_what_it_writes_passes_and_its_first_round_is_true(rounds, tmp_path):
    rounds("new", "--yes")
    assert "no mistakes." in rounds("check-config").stdout
    told = (tmp_path / "rounds.yml").read_text()
    run = json.loads(rounds("run", "morning", "--json", code=0).stdout)
    by_name = {item["id"]: item for item in run["items"]}
    assert {"disk-root", "memory", "load"} <= set(by_name)
    for item in by_name.values():
        assert item["outcome"] == "ok" or "the first round will say" in told, item
    room = os.statvfs("/")
    used = 100 * (room.f_blocks - room.f_bfree) / (room.f_blocks - room.f_bfree + room.f_bavail)
    assert by_name["disk-root"]["metrics"]["used_percent"] == pytest.approx(used, abs=2)


def test_every_check_is_explained_by_what_was_measured(rounds, tmp_path):
    rounds("new", "--yes")
    told = (tmp_path / "rounds.yml").read_text()
    assert re.search(r"  # The disk at / \(\d.*% used now, .* left of .*\)\n  disk-root:\n    kind: disk", told)
    assert told.startswith("# yaml-language-server: $schema=rounds.schema.json\n")
    assert json.loads((tmp_path / "rounds.schema.json").read_text())["title"] == "rounds.yml"


def test_a_file_that_is_there_is_not_overwritten(rounds, tmp_path):
    mine = tmp_path / "rounds.yml"
    mine.write_text("mine")
    assert "overwrite it with --force" in rounds("new", "--yes", code=2).stderr
    assert mine.read_text() == "mine"
    rounds("new", "--yes", "--force")
    assert "disk-root" in mine.read_text()


def test_it_asks_and_takes_what_was_chosen(rounds, tmp_path):
    asked = rounds("new", "other.yml", input="y\n" + "n\n" * 50 + "#storage\n", code=None)
    questions = asked.stdout.count("[Y/n]")
    asked = rounds("new", "mine.yml", input="y\n" + "n\n" * (questions - 1) + "#storage\n")
    configuration = parse((tmp_path / "mine.yml").read_text())
    assert len(configuration.checks) == 1
    assert configuration.channel == "#storage"
    assert "rounds run morning --config mine.yml" in asked.stdout


def test_without_anybody_to_answer_nothing_is_written(rounds, tmp_path):
    assert "`rounds new --yes` asks nothing" in rounds("new", input="", code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_chosen_writes_nothing(rounds, tmp_path):
    questions = rounds("new", "other.yml", input="n\n" * 50, code=None).stdout.count("[Y/n]")
    assert "nothing to write" in rounds("new", input="n\n" * questions + "\n", code=2).stderr
    assert not (tmp_path / "rounds.yml").exists()


def test_a_channel_that_is_none_is_told(rounds, tmp_path):
    questions = rounds("new", "other.yml", input="n\n" * 50, code=None).stdout.count("[Y/n]")
    told = rounds("new", input="y\n" * questions + "#\n", code=2).stderr
    assert "Nothing was written" in told
    assert "channel" in told
    assert not (tmp_path / "rounds.yml").exists()


def test_a_folder_that_may_not_be_written_is_told(rounds):
    assert "cannot be written" in rounds("new", "--yes", "/proc/rounds.yml", code=2).stderr


@pytest.mark.parametrize(
    "path",
    [
        "/mnt/off",
        "/mnt/a: b",
        "/mnt/#1",
        "/mnt/it's",
        '/mnt/"quoted"',
        "/mnt/ünï",
        "/mnt/a\\b",
        "/mnt/- x",
        "/mnt/new\nline",
    ],
)
def test_odd_names_survive_the_way_through_the_file(path):
    proposal = Proposal(Candidate("Machine", "odd", f"the disk at {path}", {"kind": "disk", "path": path}))
    written = new.text([proposal], channel="#operations", host="a\nb: c")
    assert parse(written).checks["odd"].check.path == path


@pytest.mark.parametrize(
    "settings", [{"kind": "disk", "path": "/mnt/${HOME}"}, {"kind": "command", "argv": ["${HOME}"]}]
)
def test_what_a_configuration_would_fill_in_is_left_out_and_said(rounds, tmp_path, monkeypatch, settings):
    odd = Candidate("Machine", "odd", "the odd one", settings)
    fine = Candidate("Machine", "fine", "the fine one", {"kind": "memory"})

    async def proposed(_):
        return [Proposal(odd), Proposal(fine)]

    monkeypatch.setattr(new, "propose", proposed)
    assert "Left out: The odd one; a configuration would fill in" in rounds("new", "--yes").stdout
    assert list(parse((tmp_path / "rounds.yml").read_text()).checks) == ["fine"]


def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(rounds, tmp_path):
    (tmp_path / "mine").touch()
    for place in ("nowhere/rounds.yml", "mine/rounds.yml"):
        told = rounds("new", place, code=2)
        assert "cannot be written" in told.stderr
        assert "[Y/n]" not in told.stdout


@pytest.mark.parametrize(
    ("answer", "channel"), [("my-ops", "#my-ops"), ("#my-ops", "#my-ops"), ("C012AB3CD", "C012AB3CD")]
)
def test_a_channel_may_be_named_without_its_sign(rounds, tmp_path, answer, channel):
    questions = rounds("new", "other.yml", input="n\n" * 50, code=None).stdout.count("[Y/n]")
    rounds("new", input="y\n" * questions + f"{answer}\n")
    assert parse((tmp_path / "rounds.yml").read_text()).channel == channel
