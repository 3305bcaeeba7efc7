"""Opening a ledger: one process a file, and a sentence for whatever is in the way."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.ledger import LedgerAway
from storage.opening import StoreBusy, Unreachable, open_store, sqlite_url
from tests.storage.records import AT

ROOT = Path(__file__).parents[2]

SERVE = """
import sys
from datetime import UTC, datetime
from storage.opening import open_store

store = open_store(sys.argv[1], now=lambda: datetime.now(UTC))
print("open", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def url(tmp_path):
    """An SQLite file that is not there yet."""
    return sqlite_url(tmp_path / "a folder" / "rounds.db")


def opened(url):
    return open_store(url, now=lambda: AT)


@pytest.fixture
def other_process(url):
    """Another process that serves the same file."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.communicate(timeout=60)


def test_a_second_process_is_refused_with_a_sentence_that_says_what_to_do(other_process, url):
    with pytest.raises(StoreBusy, match=r"Another Rounds works on .*rounds\.db\. Stop it first, or give this one"):
        opened(url)


async def test_a_process_that_is_killed_leaves_no_lock_behind(other_process, url):
    os.kill(other_process.pid, signal.SIGKILL)
    other_process.wait(timeout=60)
    await opened(url).close()


def test_a_folder_that_cannot_be_is_the_databases_trouble_and_not_an_address_that_is_taken(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable, match=r"/file cannot be written to: (File exists|Not a directory)"):
        opened(sqlite_url(tmp_path / "file" / "rounds.db"))


async def test_a_file_that_is_deleted_under_a_running_rounds_is_noticed(url, tmp_path):
    store, file = opened(url), tmp_path / "a folder" / "rounds.db"
    await store.check()
    assert not store.file_is_gone()
    file.rename(file.with_suffix(".old"))
    assert store.file_is_gone()
    with pytest.raises(LedgerAway, match=r"rounds\.db was deleted or replaced"):
        await store.check()
    file.touch()
    assert store.file_is_gone()
    file.with_suffix(".old").replace(file)
    await store.check()
    shutil.rmtree(file.parent)
    assert (store.file_is_gone(), store.disk_free()) == (True, None)
    await store.close()


async def test_the_ledger_survives_a_power_cut_and_waits_for_whoever_reads(url):
    store = opened(url)
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5_000}
    told = await store.write(
        lambda tx: {name: tx.connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in asked}
    )
    await store.close()
    assert told == asked


async def test_a_write_waits_for_somebody_who_writes_from_outside(url, tmp_path):
    store = opened(url)
    other = sqlite3.connect(tmp_path / "a folder" / "rounds.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.ensure_future(store.write(lambda tx: tx.inbox.first_time("k")))
    await asyncio.sleep(0.2)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    assert await writing
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("sqlite:///:memory:", id="nothing that would survive"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_was_expected(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"expected sqlite:///path/rounds\.db or postgresql://"):
        opened(url)
    assert list(tmp_path.iterdir()) == []


async def test_a_driver_that_we_do_not_have_is_not_asked_for(tmp_path):
    await opened(f"sqlite+aiosqlite:///{tmp_path}/rounds.db").close()
    assert (tmp_path / "rounds.db").exists()
