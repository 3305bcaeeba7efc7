"""What `rounds doctor` looks at on this machine: the configuration, the ledger, the places Rounds writes to."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli.common import counted
from bot.config.configuration import Configuration
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.config.settings import BadSettings, ping_secret, public_listen
from bot.domain.diagnosis import Diagnosis, doubtful, fine, wrong
from bot.domain.near import listed
from checks import show
from storage.inspecting import Ledger, inspect_ledger, read_ledger
from storage.opening import Unreachable
from storage.tx import Tx

LITTLE, HARDLY_ANY = 1_000_000_000, 100_000_000
"""Bytes free: a busy ledger grows by some ten megabytes a week."""


GIVEN_UP_LATELY = timedelta(days=1)
SHOWN = 5
_WAIT = "see what is said of that channel"


def configuration(path: Path, environment: Mapping[str, str]) -> tuple[Configuration | None, list[Diagnosis]]:
    """The configuration, if it can be used."""
    try:
        found = load(path, environment=environment)
    except ConfigError as error:
        first, count = error.problems[0], len(error.problems)
        more = f", and {count - 1} more" if count > 1 else ""
        return None, [wrong("configuration", f"{first}{more}", "`rounds check-config` lists every mistake")]
    parts = f"{counted(len(found.checks), 'check')}, {counted(len(found.checklists), 'checklist')}"
    told = [fine("configuration", f"{path}: {parts}")]
    told += [doubtful("configuration", str(one), "change that, or take it out") for one in found.warnings]
    if not found.policies:
        told.append(doubtful("configuration", "nobody is called when something is wrong", "add `escalations:`"))
    return found, told


def ledger(url: str) -> list[Diagnosis]:
    """The database: reachable, at the right revision, on a disk with room."""
    try:
        found = inspect_ledger(url)
    except ValueError as error:
        return [wrong("database", str(error), "set DATABASE_URL")]
    except Unreachable as error:
        own = url.startswith("sqlite")
        what_to_do = "move that file away, or name another" if own else "look at DATABASE_URL and at its server"
        what = url.partition("///")[2] if own else "the database"
        return [wrong("database", f"{what} cannot be read: {error}", what_to_do)]
    told = [_revision(found)]
    if found.file is not None:
        told += place(found.file.absolute().parent, "the ledger")
        if found.exists and not os.access(found.file, os.W_OK):
            told.append(wrong("database", f"{found.file} cannot be written", "give it to the user of Rounds"))
    return told


def _revision(found: Ledger) -> Diagnosis:
    if found.revision is None:
        return fine("database", f"{found.place} is empty; the first start fills it")
    if found.revision == found.newest:
        return fine("database", f"{found.place} is at revision {found.revision}, the newest")
    if found.revision > found.newest:
        sentence = f"{found.place} is at revision {found.revision}, this Rounds knows {found.newest}"
        return wrong("database", sentence, "start the newer version of Rounds")
    sentence = f"{found.place} is at revision {found.revision}, the newest is {found.newest}"
    return doubtful("database", sentence, "`rounds migrate`, or let the next start do it")


def messages(url: str, *, now: datetime) -> list[Diagnosis]:
    """What the ledger has not been able to tell: messages that wait, and those given up in the last day."""

    def work(tx: Tx) -> list[Diagnosis]:
        told = [
            doubtful(
                "messages", f"{trouble.waiting} for {trouble.channel} could not be sent yet: {trouble.error}", _WAIT
            )
            for trouble in tx.outbox.troubles()
        ]
        for loss in tx.losses.since(now - GIVEN_UP_LATELY, limit=SHOWN):
            sentence = (
                f"“{loss.reason}” of {loss.about}, for {loss.channel}, was given up at {loss.at:%Y-%m-%d %H:%M %Z}"
            )
            known = loss.about != "notice"
            todo = f'`rounds why "{loss.about}"` tells all of it' if known else "the log says what it was to tell"
            told.append(doubtful("messages", f"{sentence}: {loss.error}", todo))
        return told or [fine("messages", "none waits for its channel, and none was given up in the last day")]

    try:
        return read_ledger(url, work, now=now) or []
    except (ValueError, Unreachable):
        return []  # said of the database


def place(folder: Path, what: str) -> Iterator[Diagnosis]:
    """Whether something can be written there, and how much."""
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield wrong(
            "places", f"{folder}, for {what}, cannot be written to", "give it to the user of Rounds, or move it"
        )
        return
    free = shutil.disk_usage(existing).free
    said = f"{folder}, for {what}, has {show(free, 'B')} free"
    if free >= LITTLE:
        yield fine("places", said)
    else:
        yield (wrong if free < HARDLY_ANY else doubtful)("places", said, "make room, or move it")


def temporary() -> Iterator[Diagnosis]:
    """Where files of a moment go."""
    try:
        return place(Path(tempfile.gettempdir()), "temporary files")
    except FileNotFoundError as error:
        return iter([wrong("places", str(error), "set TMPDIR to a folder that can be written to")])


def heartbeats(configuration: Configuration, environment: Mapping[str, str]) -> Iterator[Diagnosis]:
    """Whether jobs can report, where checks wait for them."""
    waiting = [name for name, check in configuration.checks.items() if "pings" in check.check.asks]
    if not waiting:
        return
    try:
        hears = public_listen(environment) is not None and bool(ping_secret(environment))
    except BadSettings as error:
        yield wrong("pings", str(error), "set it anew")
        return
    if hears:
        yield fine("pings", f"{listed(waiting, most=6)} can be reported to; `rounds pings` prints where")
    else:
        what = "set ROUNDS_PUBLIC_LISTEN and ROUNDS_PING_SECRET for `rounds serve`"
        yield wrong("pings", f"nobody could report to {listed(waiting, most=6)}", what)
