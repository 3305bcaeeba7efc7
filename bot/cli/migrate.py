"""`rounds migrate`."""

from __future__ import annotations

import logging
import os

import typer

from bot.cli.common import fail
from bot.config.settings import database_url
from storage import inspecting
from storage.migrate import SchemaTooNew
from storage.opening import StoreBusy, Unreachable


def migrate() -> None:
    """Migrate, and say from where to where."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        before, after = inspecting.migrate(database_url(os.environ))
    except (ValueError, StoreBusy, SchemaTooNew) as error:
        fail(str(error), code=2)
    except Unreachable as error:
        fail(f"the database cannot be used: {error}. Is DATABASE_URL right?", code=2)
    if before.revision == after:
        typer.echo(f"{before.place} is at revision {after}, the newest; nothing to do.")
    else:
        begun = f"from revision {before.revision}" if before.revision else "from nothing"
        typer.echo(f"{before.place}: migrated {begun} to {after}.")
