"""`rounds check-config`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.acquaintances import remembered
from bot.cli.common import counted
from bot.cli.configured import configuration_or_exit
from bot.config.configuration import Configuration
from bot.config.settings import database_url
from bot.domain.runs import Trigger
from bot.domain.schedules import Schedule

SHOWN_SLOTS = 3


def check_config(config: Path | None, *, allow_missing: bool) -> None:
    """Say what is wrong; if nothing is, what is doubtful, and when each checklist is due."""
    configuration = configuration_or_exit(config, allow_missing=allow_missing)
    out = Console(highlight=False)
    for warning in configuration.warnings:
        out.print(Text.assemble(("warning: ", "yellow"), str(warning)), soft_wrap=True)
    doubts = remembered(configuration, database_url(os.environ))
    for doubt in doubts:
        out.print(Text.assemble(("warning: ", "yellow"), doubt), soft_wrap=True)
    warnings = len(configuration.warnings) + len(doubts)
    told = ", ".join(
        (
            counted(len(configuration.checks), "check"),
            counted(len(configuration.checklists), "checklist"),
            "no mistakes" + (f", {counted(warnings, 'warning')}" if warnings else ""),
        )
    )
    out.print(Text.assemble((configuration.file, "bold"), f": {told}."), soft_wrap=True)
    if configuration.checklists:
        out.print(calendar(configuration, datetime.now(UTC)))
    rhythms = sum(check.every is not None for check in configuration.checks.values())
    if rhythms:
        out.print(f"{counted(rhythms, 'check')} with a rhythm of {'its' if rhythms == 1 else 'their'} own.")


def calendar(configuration: Configuration, now: datetime) -> Table:
    """Each checklist with its schedule and its next slots."""
    zone = ZoneInfo(configuration.timezone)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading in ("checklist", "when", f"next ({configuration.timezone})"):
        table.add_column(heading, overflow="fold")
    for name, checklist in configuration.checklists.items():
        planned = configuration.planned.get(name)
        if planned is None or planned.trigger is Trigger.RHYTHM:
            start = "when Rounds starts; " if name in configuration.at_start else ""
            table.add_row(Text(checklist.title), Text(f"{start}by hand: rounds run {name}"), "")
            continue
        slots = [
            f"{due.astimezone(zone):%a %Y-%m-%d %H:%M:%S}" for due in islice(_dues(planned.schedule, now), SHOWN_SLOTS)
        ]
        table.add_row(Text(checklist.title), Text(planned.schedule.describe()), Text("\n".join(slots) or "never"))
    return table


def _dues(schedule: Schedule, moment: datetime) -> Iterator[datetime]:
    while (slot := schedule.next_after(moment)) is not None:
        moment = slot.due
        yield moment
