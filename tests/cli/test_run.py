"""`rounds run`: a document for machines, a table for people, and an exit code for monitoring."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.runs import Result
from checks import Metric, Outcome, Ping
from storage.opening import open_store
from storage.watches import Remembered
from tests.storage.records import looked

ITEMS = """
checklists:
  morning:
    title: Morning health check
    items:
      - section: Systems
      - fine
      - {items}
      - {{manual: Water the plants, id: plants, link: "https://example.com/"}}
"""

CHECKS = """
timezone: UTC
channel: "#operations"
checks:
  fine: {kind: files, path: /*, may_be_empty: true}
  noted: {kind: files, path: /*, info: count >= 0}
  doubtful: {kind: files, path: /*, warning: count >= 0}
  broken: {kind: files, path: /nowhere/at/all/*}
  unseen: {kind: command, argv: [/nowhere/at/all]}
  speaks: {kind: command, argv: [sh, -c, "printf '%s' \\"$0\\"", "${SECRET:-nothing}"]}
"""


@pytest.fixture(autouse=True)
def _logging_as_before():
    """`rounds` logs to standard error; the next test wants pytest's own handlers again."""
    import logging

    before, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = before
    logging.root.setLevel(level)


@pytest.fixture
def configured(tmp_path):
    """A configuration with a check for every outcome, and a checklist of `fine` and others."""

    def write(*items: str, more: str = "") -> None:
        (tmp_path / "rounds.yml").write_text(
            CHECKS + more + ITEMS.format(items="\n      - ".join(items or ("fine2",))), encoding="utf-8"
        )

    return write


def document(result) -> dict:
    """What machines read: all of standard output, and nothing else."""
    return json.loads(result.stdout)


def test_the_document_has_the_shape_of_the_design(rounds, configured):
    configured("broken")
    told = document(rounds("run", "morning", "--json", code=2))
    assert list(told) == ["checklist", "slot", "outcome", "duration_ms", "items"]
    assert (told["checklist"], told["outcome"]) == ("morning", "critical")
    assert datetime.fromisoformat(told["slot"]).tzinfo
    assert told["duration_ms"] > 0
    fine, broken, manual = told["items"]
    for item in (fine, broken):
        assert list(item) == ["id", "kind", "outcome", "findings", "metrics", "evidence", "duration_ms"]
    assert (fine["id"], fine["kind"], fine["outcome"]) == ("fine", "files", "ok")
    assert fine["metrics"]["count"] >= 0
    assert broken["findings"] == [{"outcome": "critical", "text": broken["findings"][0]["text"]}]
    assert "/nowhere/at/all" in broken["findings"][0]["text"]
    assert all(list(piece) == ["title", "text"] for item in (fine, broken) for piece in item["evidence"])
    assert manual == {
        "id": "plants",
        "kind": "manual",
        "text": "Water the plants",
        "outcome": None,
        "state": "open",
    }


@pytest.mark.parametrize(
    ("items", "outcome", "code"),
    [
        pytest.param(["noted"], "info", 0, id="something to note is fine"),
        pytest.param(["doubtful"], "warning", 1, id="a warning"),
        pytest.param(["broken"], "critical", 2, id="critical"),
        pytest.param(["unseen"], "unknown", 3, id="could not look"),
        pytest.param(["doubtful", "unseen"], "unknown", 3, id="not to know is worse than a warning"),
        pytest.param(["unseen", "broken", "doubtful"], "critical", 2, id="broken is worse than not to know"),
    ],
)
def test_the_worst_outcome_is_the_exit_code(rounds, configured, items, outcome, code):
    configured(*items)
    assert document(rounds("run", "morning", "--json", code=code))["outcome"] == outcome


@pytest.mark.parametrize(("name", "code"), [("fine", 0), ("doubtful", 1), ("broken", 2), ("unseen", 3)])
def test_a_check_runs_by_itself(rounds, configured, name, code):
    configured("fine2", more="  fine2: {kind: disk, path: /}\n")
    told = document(rounds("run", name, "--json", code=code))
    assert [item["id"] for item in told["items"]] == [name]
    assert told["checklist"] == f"check:{name}"


def test_a_person_sees_every_item_with_its_finding(rounds, configured):
    configured("broken", "unseen")
    told = rounds("run", "morning", code=2).stdout
    for words in ("Morning health check", "Systems", "fine", "critical", "/nowhere/at/all", "could not check"):
        assert words in told
    assert "Water the plants" in told
    assert "by hand" in told


def test_a_name_that_nobody_knows_is_answered_with_what_was_meant_and_what_there_is(rounds, configured):
    configured("broken")
    told = rounds("run", "mornign", code=3)
    assert told.stdout == ""
    assert "did you mean morning?" in told.stderr
    assert "doubtful" in told.stderr


@pytest.mark.parametrize("words", [["run", "morning"], ["run", "morning", "--json"], ["check-config"], ["serve"]])
def test_mistakes_are_sentences_with_their_line_and_no_traceback(rounds, configured, monkeypatch, words):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    configured("broken", "nobody", more="  fine2: {kind: dsik, path: /}\n")
    told = rounds(*words, code=3)
    assert "rounds.yml:11: checks.fine2.kind: 'dsik' is no kind (did you mean disk?)" in told.stderr
    assert "'nobody' is no check" in told.stderr
    assert "Traceback" not in told.output
    assert told.stdout == ""


def test_what_the_environment_brought_is_masked(rounds, configured, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2-hunter2")
    text = CHECKS.replace("${SECRET:-nothing}", "${SECRET}")
    with open("rounds.yml", "w", encoding="utf-8") as file:
        file.write(text)
    told = rounds("run", "speaks", "--json").stdout
    assert "hunter2" not in told
    assert "masked" in told


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only Linux takes any bytes as a name")
def test_a_name_that_is_no_text_breaks_neither_document_nor_table(rounds, configured, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    with open(os.path.join(os.fsencode(folder), b"\xff\xfe \x1b[31m.txt"), "w", encoding="utf-8"):
        pass
    configured("odd", more=f"  odd: {{kind: files, path: {folder}/*, critical: count > 0}}\n")
    assert document(rounds("run", "odd", "--json", code=2))["items"][0]["evidence"]
    assert "\x1b[31m.txt" not in rounds("run", "morning", code=2).stdout


@pytest.mark.parametrize("words", [["run", "--jsn"], ["run", "morning", "--jsn"], ["run", "morning", "evening"]])
def test_what_is_not_understood_is_no_critical_outcome(rounds, configured, words):
    configured("broken")
    assert "Usage: " in rounds(*words, code=3).stderr
    rounds("run", "--help")


def test_a_table_that_goes_into_a_file_is_told_once_with_an_end_to_its_last_line(rounds, configured):
    configured("broken")
    told = rounds("run", "morning", code=2).stdout
    assert told.endswith("\n")
    assert told.count("Morning health check") == 1
    assert "2 of 2 done, " in told


def test_what_could_not_be_looked_at_is_counted_as_that(rounds, configured):
    configured("unseen")
    assert "2 of 2 done, 1 of them unknown, " in rounds("run", "morning", code=3).stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_disk_that_is_full_is_told_and_is_no_warning(configured, tmp_path, more):
    configured("broken")
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "bot.cli", "run", "doubtful", *more, "--config", tmp_path / "rounds.yml"],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
    assert ended.returncode == 3
    assert ended.stderr == "What there is to say cannot be written: No space left on device.\n"


def test_nothing_is_written_beside_it(rounds, configured, tmp_path):
    configured("broken")
    rounds("run", "morning", "--json", code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["rounds.yml"]


HISTORIC = """
channel: "#c"
checks:
  root: {kind: disk, path: /, warning: 'change(used_percent, "1d") > 0.5', critical: off}
"""


def test_a_rule_that_asks_what_was_is_judged_by_the_ledger_of_the_one_that_serves(rounds, tmp_path, monkeypatch):
    (tmp_path / "rounds.yml").write_text(HISTORIC)
    first = rounds("run", "root")
    assert "there is no ledger at DATABASE_URL yet" in first.output
    assert "judged once there is enough history" in first.output

    async def a_day_of_looks():
        store = open_store(f"sqlite:///{tmp_path / 'rounds.db'}", now=lambda: datetime.now(UTC))
        for hours, value in ((30, 0.001), (1, 50.0)):
            at = datetime.now(UTC) - timedelta(hours=hours)
            result = Result("root", "disk", Outcome.OK, (), (Metric("used_percent", value),), (), at, 1.0)
            await store.write(lambda tx, result=result: looked(tx, result))
        await store.close()

    asyncio.run(a_day_of_looks())
    second = rounds("run", "root", code=1)
    assert "more than 1 day ago" in " ".join(second.output.split())


WAITING = """
channel: "#c"
checks:
  backup: {kind: heartbeat, job: the nightly backup, expect: 24h}
"""


def test_a_job_is_judged_by_the_pings_that_the_one_that_serves_has_heard(rounds, tmp_path):
    (tmp_path / "rounds.yml").write_text(WAITING)
    first = " ".join(rounds("run", "backup", code=3).output.split())
    assert "there is no ledger at DATABASE_URL yet, so no ping is known" in first
    assert "nobody hears pings here" in first
    now = datetime.now(UTC)

    async def heard(memory):
        store = open_store(f"sqlite:///{tmp_path / 'rounds.db'}", now=lambda: datetime.now(UTC))
        await store.write(lambda tx: tx.pings.add("backup", Ping(now - timedelta(hours=30), "success")))
        await store.write(lambda tx: tx.watches.save("backup", Remembered(memory=memory, looked_at=now)))
        await store.close()

    asyncio.run(heard({}))
    assert "nobody hears pings here" in " ".join(rounds("run", "backup", code=3).output.split())
    asyncio.run(heard({"waits_since": (now - timedelta(days=9)).isoformat()}))
    assert "last reported 30 h ago" in " ".join(rounds("run", "backup", code=2).output.split())


def test_without_a_name_the_only_checklist_is_run(rounds, configured):
    configured("noted")
    assert "Morning health check" in rounds("run").stdout


def test_without_a_name_several_checklists_are_asked_for(rounds, configured):
    configured("noted\n  evening:\n    items:\n      - fine")
    told = rounds("run", code=3).stderr
    assert told.startswith("Which checklist or check? There are: morning, evening, fine, ")


def test_of_very_many_names_only_some_are_told(rounds, tmp_path):
    checks = "".join(f"  c{n}: {{kind: load}}\n" for n in range(100))
    (tmp_path / "rounds.yml").write_text(f'channel: "#operations"\nchecks:\n{checks}')
    assert "c19 and 80 more." in rounds("run", "zzz", code=3).stderr
