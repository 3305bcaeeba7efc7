"""The schema: migrated once, whoever starts first, and never by an older Rounds."""

import logging
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url, text

from bot.engine.clock import SystemClock
from storage.migrate import MIGRATIONS, SchemaTooNew, current, head, upgrade
from storage.opening import open_store, sqlite_engine
from storage.tables import metadata

TOGETHER = 4
UPGRADE = """
import sys
from sqlalchemy import create_engine, make_url
from storage.migrate import upgrade
from storage.opening import sqlite_engine

url = make_url(sys.argv[1])
engine = sqlite_engine(url) if url.get_backend_name() == "sqlite" else create_engine(url)
print("ready", flush=True)
sys.stdin.readline()
print(upgrade(engine), flush=True)
"""


@pytest.fixture
def engine(database_url):
    """An engine of each sort, as the store makes them."""
    url = make_url(database_url)
    engine = sqlite_engine(url) if url.get_backend_name() == "sqlite" else create_engine(url)
    yield engine
    engine.dispose()


def migrate(engine, how, target):
    with engine.connect().execution_options(rounds_write=True) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        how(config, target)


def tables(engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_the_tables_that_the_code_describes(engine):
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_there_is_one_head_and_the_last_file_has_it():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [head()]


def test_down_to_nothing_and_up_again_makes_the_same(engine):
    upgrade(engine)
    before = tables(engine)
    migrate(engine, command.downgrade, "base")
    assert tables(engine) == set()
    assert upgrade(engine)
    assert tables(engine) == before == set(metadata.tables)


def test_what_is_up_to_date_is_left_alone_and_what_was_not_is_said(engine, caplog):
    upgrade(engine)
    migrate(engine, command.downgrade, "base")
    caplog.clear()
    caplog.set_level(logging.INFO, "storage.migrate")
    assert upgrade(engine) is True
    assert upgrade(engine) is False
    told = [record.message for record in caplog.records if record.name == "storage.migrate"]
    assert told == [f"brought the database from nothing to revision {head()}"]


def test_a_newer_schema_is_refused_with_a_sentence_and_not_touched(engine):
    upgrade(engine)
    with engine.connect().execution_options(rounds_write=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match=r"at revision 9999, this Rounds knows .* Start the newer version of Rounds"):
        upgrade(engine)
    with engine.connect() as connection:
        assert current(connection) == "9999"


def test_a_store_with_a_newer_schema_does_not_open_and_leaves_no_lock_behind(engine, database_url):
    upgrade(engine)
    with engine.connect().execution_options(rounds_write=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for _ in range(2):  # a second attempt meets the same sentence, not a lock
        with pytest.raises(SchemaTooNew):
            open_store(database_url, now=SystemClock().now)


def test_four_processes_that_start_at_once_all_succeed_and_one_of_them_migrates(engine, database_url):
    if engine.dialect.name == "postgresql":
        migrate(engine, command.downgrade, "base")
    engine.dispose()
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", UPGRADE, make_url(engine.url).render_as_string(False)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(TOGETHER)
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=100) for process in started]
    assert [process.returncode for process in started] == [0] * TOGETHER, [error for _, error in answers]
    assert sorted(said.strip() for said, _ in answers) == ["False"] * (TOGETHER - 1) + ["True"]
    assert tables(engine) == set(metadata.tables)
