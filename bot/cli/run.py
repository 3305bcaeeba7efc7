"""`rounds run`: everything but Slack, in a terminal."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.cli.common import errors, fail
from bot.cli.configured import configuration_or_exit
from bot.cli.log_lines import log_to_stderr
from bot.config.configuration import Configuration, ConfiguredCheck
from bot.config.settings import database_url
from bot.domain.masking import Masker
from bot.domain.near import did_you_mean, listed
from bot.domain.runs import Checklist, Item, Result
from bot.engine.clock import SystemClock
from bot.engine.looking import Known, Looker
from checks import Outcome, duration, show

if TYPE_CHECKING:
    from storage.tx import Tx

EXIT = {Outcome.OK: 0, Outcome.INFO: 0, Outcome.WARNING: 1, Outcome.CRITICAL: 2, Outcome.UNKNOWN: 3}
"""Nagios's exit codes, so that any monitoring can call us."""

_MOST_NAMES = 20
"""Names that are told of those that there are."""

_STYLE = {
    Outcome.OK: "green",
    Outcome.INFO: "cyan",
    Outcome.WARNING: "yellow",
    Outcome.UNKNOWN: "magenta",
    Outcome.CRITICAL: "bold red",
}


def run(name: str | None, config: Path | None, *, as_json: bool) -> None:
    """Look, show what was seen, and exit with the outcome."""
    configuration = configuration_or_exit(config)
    log_to_stderr(configuration.secrets, level="ERROR")
    checklist = _chosen(configuration, name)
    checks = [configuration.checks[name] for name in checklist.checks]
    known = _known(checks)  # before the clock runs: what is imported for it is no part of the looks
    started = datetime.now(UTC)
    before = perf_counter()
    results = asyncio.run(_look(configuration, checklist, checks, known, live=not as_json))
    took_ms = (perf_counter() - before) * 1000
    outcome = Outcome.worst(result.outcome for result in results)
    if as_json:
        typer.echo(json.dumps(_document(checklist, started, outcome, took_ms, results), ensure_ascii=False, indent=2))
    raise typer.Exit(EXIT[outcome])


def _chosen(configuration: Configuration, name: str | None) -> Checklist:
    checklists, names = list(configuration.checklists), [*configuration.checklists, *configuration.checks]
    there = f"There are: {listed(names, most=_MOST_NAMES)}."
    if name is None and len(checklists) == 1:
        (name,) = checklists
    if name is None:
        fail(f"Which checklist or check? {there}")
    if (found := configuration.runnable(name)) is None:
        fail(f"There is no checklist or check {name!r}{did_you_mean(name, names)}. {there}")
    return found


async def _look(
    configuration: Configuration,
    checklist: Checklist,
    checks: Sequence[ConfiguredCheck],
    known: Known,
    *,
    live: bool,
) -> list[Result]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))
    masker = Masker([*configuration.secrets, *_tokens()])
    looker = Looker(SystemClock(), masker, timezone=configuration.timezone)
    if not live:
        return await looker.look_at_all(checks, **known)
    done: dict[str, Result] = {}
    begun = perf_counter()
    console = Console()

    def draw() -> Table:
        return _table(checklist, done, configuration.timezone, perf_counter() - begun)

    def note(result: Result) -> None:
        done[result.check] = result

    if not console.is_terminal:
        results = await looker.look_at_all(checks, on_result=note, **known)
        console.print(draw())
        return results
    with Live(get_renderable=draw, console=console, refresh_per_second=8, transient=False):
        return await looker.look_at_all(checks, on_result=note, **known)


def _known(checks: Sequence[ConfiguredCheck]) -> Known:
    """What the ledger of `rounds serve` knows, for rules that ask what was, and for checks that wait for pings.

    Without it those levels are not judged, and those checks are unknown.
    """
    needs = {check.name: check.rules.needs for check in checks if check.rules.needs}
    waiting = [check.name for check in checks if "pings" in check.check.asks]
    if not needs and not waiting:
        return {}
    from storage.inspecting import read_ledger
    from storage.opening import Unreachable

    def read(tx: Tx) -> Known:
        # A serve that hears pings has noted since when it waits; of one that hears none, no ping is not missed.
        memories = tx.watches.memories(waiting) if waiting else {}
        pings = tx.pings.newest([name for name in waiting if memories.get(name)])
        return {
            "memories": memories,
            "facts": {name: {"pings": each} for name, each in pings.items()},
            "histories": tx.history.facts(needs, now) if needs else {},
        }

    now = datetime.now(UTC)
    asked = listed(
        (
            *(("rules that ask for history are not judged",) if needs else ()),
            *(("no ping is known",) if waiting else ()),
        )
    )
    try:
        found = read_ledger(database_url(os.environ), read, now=now)
    except (Unreachable, ValueError) as error:
        errors.print(f"the ledger cannot be read, so {asked}: {error}", markup=False)
        return {}
    if found is None:
        errors.print(f"there is no ledger at DATABASE_URL yet, so {asked}")
    return found or {}


def _tokens() -> list[str]:
    return [value for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN") if (value := os.environ.get(name))]


def _table(checklist: Checklist, done: dict[str, Result], timezone: str, elapsed_s: float) -> Table:
    total = len(checklist.checks)
    now = datetime.now(ZoneInfo(timezone))
    unknown = sum(result.outcome is Outcome.UNKNOWN for result in done.values())
    took = show(1000 * elapsed_s, "ms") if elapsed_s < 1 else duration(elapsed_s)
    progress = f"{len(done)} of {total} done, {f'{unknown} of them unknown, ' if unknown else ''}{took}"
    table = Table(title=Text(f"{checklist.title} · {now:%H:%M %Z}"), caption=Text(progress), title_justify="left")
    for column in ("", "what", "finding", "took"):
        table.add_column(column, overflow="fold")
    section: str | None = None
    for item in checklist.items:
        if item.section != section:
            section = item.section
            table.add_section()
            table.add_row("", Text(section or "", style="bold"), "", "")
        table.add_row(*_row(item, done))
    return table


def _row(item: Item, done: dict[str, Result]) -> Sequence[Text]:
    if item.check is None:
        return Text("by hand", style="blue"), Text(item.text), Text(item.link or ""), Text("")
    result = done.get(item.check)
    if result is None:
        return Text("…", style="dim"), Text(item.text), Text("looking", style="dim"), Text("")
    said = "\n".join(finding.text for finding in result.findings)
    style = _STYLE[result.outcome]
    return Text(result.outcome.value, style=style), Text(item.text), Text(said), Text(show(result.duration_ms, "ms"))


def _document(
    checklist: Checklist, started: datetime, outcome: Outcome, took_ms: float, results: list[Result]
) -> dict[str, Any]:
    by_check = {result.check: result for result in results}
    items = [_item(item, by_check.get(item.check) if item.check else None) for item in checklist.items]
    return {
        "checklist": checklist.name,
        "slot": started.isoformat(timespec="seconds"),
        "outcome": outcome.value,
        "duration_ms": round(took_ms, 1),
        "items": items,
    }


def _item(item: Item, result: Result | None) -> dict[str, Any]:
    if result is None:
        return {"id": item.id, "kind": "manual", "text": item.text, "outcome": None, "state": "open"}
    return {
        "id": item.id,
        "kind": result.kind,
        "outcome": result.outcome.value,
        "findings": [
            {"outcome": f.outcome.value, "text": f.text, **({"object": f.about} if f.about else {})}
            for f in result.findings
        ],
        "metrics": _metrics(result),
        "evidence": [{"title": e.title, "text": e.text} for e in result.evidence],
        "duration_ms": round(result.duration_ms, 1),
    }


def _metrics(result: Result) -> dict[str, Any]:
    """Metrics by name; those of several objects by name and object."""
    plain: dict[str, Any] = {m.name: m.value for m in result.metrics if m.about is None}
    for metric in result.metrics:
        if metric.about is not None:
            plain.setdefault(metric.name, {})[metric.about] = metric.value
    return plain
