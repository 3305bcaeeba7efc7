"""Tells a database that is away, and writers that met, from mistakes of our own."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from bot.domain.incidents import Refused
from bot.domain.ledger import LedgerAway

_SQLITE_AWAY = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be used, or is full",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_READONLY: "the file cannot be written",
    sqlite3.SQLITE_PERM: "the file may not be used",
    sqlite3.SQLITE_BUSY: "another program has locked the file",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is no database any more",
}
"""By primary result code (sqlite.org/rescode.html). A write past a quota or a limit on file size is an IOERR."""

_POSTGRESQL_AWAY = ("08", "53", "57", "58", "25006")
"""SQLSTATE classes: connection, resources (a full disk is 53100), intervention, system; and a server that only reads
(postgresql.org/docs/current/errcodes-appendix.html)."""

_COLLISIONS = ("23505", "40001", "40P01", "55P03")
"""SQLSTATEs: a row that another one has inserted, no order of the two, a deadlock, a lock that was not to be had."""


class Outrun(Refused):
    """Another writer changed what this one decided on. Done once more, it decides on what the other has stored."""


def away(error: BaseException) -> LedgerAway | None:
    """The error as one of the database itself; `None` if it is somebody's mistake."""
    if isinstance(error, NoConnectionFree):
        return LedgerAway("every connection is in use")
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        reason = _SQLITE_AWAY.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)  # the rest of the code is detail
        return LedgerAway(f"{reason} ({cause})") if reason else None
    if not isinstance(error, DBAPIError):
        return None
    state = _sqlstate(error)
    # Whatever befalls the connection itself has no SQLSTATE.
    lost = error.connection_invalidated or (isinstance(error, OperationalError) and not state)
    return LedgerAway(said(cause)) if lost or state.startswith(_POSTGRESQL_AWAY) else None


def collided(error: BaseException | None) -> bool:
    """Whether two writers met, so that doing it once more helps."""
    return isinstance(error, Outrun) or (isinstance(error, DBAPIError) and _sqlstate(error) in _COLLISIONS)


def said(error: BaseException) -> str:
    """What a database said, in one line."""
    return str(error).strip().partition("\n")[0]


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
