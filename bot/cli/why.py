"""`rounds why`: the story of an incident, a check or a slot, from the ledger."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text

from bot.cli.common import errors, fail
from bot.config.configuration import Configuration
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.config.settings import config_path, database_url
from bot.domain import check_story, incident_story, slot_story
from bot.domain.incidents import Refused
from bot.domain.masking import Masker
from bot.domain.near import did_you_mean, listed
from bot.domain.story import Line, Story
from bot.domain.watching import Damping
from storage.inspecting import OtherRevision, read_ledger
from storage.opening import Unreachable
from storage.tx import Tx

_MEANT = '"#12" for an incident, the name of a check, or CHECKLIST@SLOT such as morning@2026-03-02T09:00'


class _NoStory(Exception):
    """Nothing is known of it; the text says what is, and what to do."""


def why(about: str, config: Path | None, *, as_json: bool) -> None:
    """Read the ledger, and tell the story."""
    configuration, now = _configuration(config), datetime.now(UTC)
    try:
        story = read_ledger(database_url(os.environ), lambda tx: _story(tx, about.strip(), configuration, now), now=now)
    except (_NoStory, Refused, ValueError) as error:
        fail(str(error), code=2)
    except OtherRevision as error:
        fail(f"the ledger cannot be read: {error}.", code=2)
    except Unreachable as error:
        fail(f"the ledger cannot be read: {error}. Is DATABASE_URL right?", code=2)
    if story is None:
        fail("There is no ledger at DATABASE_URL yet, so nothing has happened; `rounds serve` begins one.", code=2)
    masker = Masker(configuration.secrets if configuration is not None else ())
    if as_json:
        document = masker.mask_json(_document(story, now))
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(story, masker, _zone(configuration))


def _configuration(path: Path | None) -> Configuration | None:
    """What is configured; a file with mistakes does not keep the ledger from being read."""
    chosen = config_path(os.environ, path)
    try:
        return load(chosen, environment=os.environ, allow_missing=True)
    except ConfigError:
        errors.print(f"{chosen} cannot be used, so this is told without it; see `rounds check-config`.", markup=False)
        return None


def _story(tx: Tx, about: str, configuration: Configuration | None, now: datetime) -> Story:
    name, sign, slot = about.partition("@")
    number = about.removeprefix("incident:").removeprefix("#")
    if number.isascii() and number.isdigit():
        return _of_incident(tx, int(number), configuration, now)
    if sign:
        return _of_slot(tx, name, slot, configuration, now)
    configured = configuration is not None and about in configuration.checks
    planned = _plans(about, configuration)
    account = tx.telling.check(about, plans=planned)
    if configured or account.watch is not None or account.looks or account.unresolved:
        damping = _damping(about, configuration)
        return check_story.of_check(
            account,
            damping=damping,
            configured=configured or configuration is None,
            now=now,
            planned=planned if configuration is not None else None,
        )
    return _of_slot(tx, about, "", configuration, now)


def _of_incident(tx: Tx, number: int, configuration: Configuration | None, now: datetime) -> Story:
    newest = tx.telling.newest_incidents()
    if number > max(newest, default=0):
        known = f"the newest are {listed(f'#{each}' for each in newest)}" if newest else "there has been none yet"
        raise _NoStory(f"There is no incident #{number}; {known}.")
    account = tx.telling.incident(number)
    damping = _damping(account.incident.check, configuration)
    return incident_story.of_incident(account, damping=damping, now=now, zone=_zone(configuration))


def _of_slot(tx: Tx, name: str, slot: str, configuration: Configuration | None, now: datetime) -> Story:
    newest = tx.telling.newest_slots(name)
    account = tx.telling.slot(name, slot or next(iter(newest), ""))
    if account is not None:
        checklist = configuration.checklists.get(name) if configuration is not None else None
        post = checklist.post if checklist is not None else None
        return slot_story.of_slot(account, post=post, now=now, zone=_zone(configuration))
    plan = next(iter(tx.telling.plans([name])), None)
    checklists = configuration.checklists if configuration is not None else {}
    if not newest and plan is None and name not in checklists:
        known = tx.telling.names() | checklists.keys() | (configuration.checks.keys() if configuration else set())
        raise _NoStory(f"Nothing is known of {name!r}{did_you_mean(name, known)}. Expected {_MEANT}.")
    zone = _zone(configuration)
    due = f"it is next due at {plan.next_due.astimezone(zone):%Y-%m-%d %H:%M %Z}" if plan and plan.next_due else ""
    slots = f"its newest slots are {listed(newest)} (they are kept for 14 days)" if newest else "it has had no slot yet"
    which = f"There is no slot {slot!r} of {name}: " if slot else f"{name}: "
    raise _NoStory(which + "; ".join(filter(None, (slots, due))) + ".")


def _zone(configuration: Configuration | None) -> ZoneInfo:
    return ZoneInfo(configuration.timezone if configuration is not None else "UTC")


def _damping(check: str | None, configuration: Configuration | None) -> Damping | None:
    found = configuration.checks.get(check or "") if configuration is not None else None
    return found.damping if found is not None else None


def _plans(check: str, configuration: Configuration | None) -> list[str]:
    planned = configuration.planned.values() if configuration is not None else ()
    return [plan.name for plan in planned if check in plan.checklist.checks]


def _document(story: Story, now: datetime) -> dict[str, Any]:
    return {
        "about": story.about,
        "answer": story.answer,
        "now": now.isoformat(timespec="seconds"),
        "chapters": [{"title": each.title, "lines": [_line(line) for line in each.lines]} for each in story.chapters],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"at": line.at.isoformat() if line.at is not None else None, "text": line.text, **line.facts}


def _print(story: Story, masker: Masker, zone: ZoneInfo) -> None:
    console = Console(soft_wrap=True, highlight=False)

    def shown(text: str) -> str:
        # What the world said must not drive the terminal.
        return "".join(c if c.isprintable() else " " for c in masker.mask(text))

    console.print(Text.assemble((f"{shown(story.about)}: ", "bold"), shown(story.answer)))
    for chapter in story.chapters:
        console.print(Text(f"\n{chapter.title}", style="bold"))
        for line in chapter.lines:
            at = f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}" if line.at is not None else ""
            console.print(Text.assemble((f"  {at}{'  ' if at else ''}", "dim"), shown(line.text)))
