"""`rounds check-config`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.cli.common import ConfigOption, configuration_or_exit
from bot.domain.runs import Trigger

SHOWN_SLOTS = 3


def check_config(
    config: ConfigOption = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Environment variables that are not set are no mistake (for CI).")
    ] = False,
) -> None:
    """Read the configuration, say everything that is wrong with it, and show when each checklist is due. Offline."""
    configuration = configuration_or_exit(config, allow_missing=allow_missing)
    out = Console(soft_wrap=True, highlight=False)
    counts = f"{len(configuration.checks)} checks, {len(configuration.checklists)} checklists"
    out.print(f"{configuration.file}: {counts}, no mistakes.", markup=False)
    zone = ZoneInfo(configuration.timezone)
    for planned in configuration.planned.values():
        if planned.trigger is Trigger.RHYTHM:
            continue
        out.print(f"  {planned.checklist.title}: {planned.schedule.describe()}", markup=False)
        moment = datetime.now(UTC)
        for _ in range(SHOWN_SLOTS):
            slot = planned.schedule.next_after(moment)
            if slot is None:
                break
            moment = slot.due
            out.print(f"    {slot.due.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}", markup=False)
