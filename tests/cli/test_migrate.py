"""`rounds migrate`."""

from __future__ import annotations

import sqlite3

import pytest

from storage import inspecting
from storage.inspecting import Unreachable, inspect_ledger
from storage.migrate import head
from storage.opening import FileLock, sqlite_url


@pytest.fixture
def file(tmp_path):
    return tmp_path / "ledger" / "rounds.db"


@pytest.fixture
def migrate(rounds, file, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url(file))
    return lambda **given: rounds("migrate", **given)


def revision(file):
    with sqlite3.connect(file) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_an_empty_place_gets_the_newest_schema(migrate, file):
    assert f"migrated from nothing to {head()}" in migrate().stdout
    assert revision(file) == head()


def test_an_up_to_date_database_is_left_alone(migrate, file):
    migrate()
    assert f"is at revision {head()}, the newest; nothing to do" in migrate().stdout


def test_the_ledger_is_in_this_folder_if_nothing_else_is_said(rounds, tmp_path):
    rounds("migrate")
    assert revision(tmp_path / "rounds.db") == head()


def test_it_refuses_while_a_rounds_serves_the_file(migrate, file):
    file.parent.mkdir()
    lock = FileLock(file.with_name("rounds.db.lock"))
    try:
        assert "Another Rounds works on" in migrate(code=2).stderr
        assert not file.exists()
    finally:
        lock.release()
    migrate()


def test_it_refuses_a_database_of_a_newer_rounds(migrate, file):
    migrate()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert f"at revision 9999, this Rounds knows {head()}" in migrate(code=2).stderr


def test_a_file_that_is_no_database_is_told(migrate, file):
    file.parent.mkdir()
    file.write_text("not a database at all, but long enough to be read as the header of one" * 20)
    assert "file is not a database" in migrate(code=2).stderr


@pytest.mark.parametrize("url", ["nonsense", "mysql://a@b/c", "sqlite://"])
def test_a_url_that_is_none_is_told(rounds, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    assert "expected sqlite:///path/rounds.db or postgresql://" in rounds("migrate", code=2).stderr


def test_a_server_that_does_not_answer_is_told_without_its_password(rounds, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://rounds:geheim@127.0.0.1:1/rounds")
    told = rounds("migrate", code=2).stderr
    assert "the database cannot be used" in told
    assert "geheim" not in told


def test_looking_at_a_ledger_writes_nothing(file):
    assert not inspect_ledger(sqlite_url(file)).exists
    assert not file.parent.exists()
    file.parent.mkdir()
    sqlite3.connect(file).close()
    found = inspect_ledger(sqlite_url(file))
    assert (found.exists, found.revision, found.newest) == (True, None, head())
    assert file.stat().st_size == 0


def test_both_sorts_of_database_tell_their_revision(database_url):
    assert inspecting.migrate(database_url)[1] == head()
    assert inspect_ledger(database_url).revision == head()
    with pytest.raises(Unreachable):
        inspect_ledger("postgresql://rounds@127.0.0.1:1/rounds")
