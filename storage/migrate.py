"""Brings the schema up to date, once, whoever starts first.

Alembic takes half a second to import; a database that is up to date does not pay for it.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

log = logging.getLogger(__name__)

LOCK_KEY = 0x526F756E6473
"""Of the advisory lock around migrations on PostgreSQL: "Rounds"."""

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was migrated by a newer Rounds than this one."""


def head() -> str:
    """The newest revision; revisions are named by number, so the last file has it."""
    return max(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(connection: Connection) -> str | None:
    """The revision that the database is at; `None` when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def upgrade(engine: Engine) -> bool:
    """Migrate to the newest revision, in one transaction; returns whether there was anything to do.

    Raises:
        SchemaTooNew: an older Rounds must not write to a newer schema.
    """
    newest = head()
    # One transaction around everything, so that of several processes that start at once one migrates and the rest wait.
    with engine.connect().execution_options(rounds_write=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        found = current(connection)
        if found == newest:
            return False
        if found is not None and found > newest:
            raise SchemaTooNew(
                f"The database is at revision {found}, this Rounds knows {newest}. Start the newer version of Rounds."
            )
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    log.info("brought the database from %s to revision %s", f"revision {found}" if found else "nothing", newest)
    return True
