"""`rounds kinds`: what can be checked, and how to write it."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.common import fail
from bot.cli.exit_codes import MISUSED
from bot.config.reference import document, parameters, rules_in_force
from bot.domain.near import did_you_mean, listed
from checks import Kind, catalogue, kind, kind_names


def complete(incomplete: str) -> list[str]:
    """For the shell: the kinds that begin so."""
    return [name for name in kind_names() if name.startswith(incomplete)]


def kinds(name: str | None, *, as_json: bool) -> None:
    """Print the list, or one kind in full."""
    if name is not None and name not in kind_names():
        near = did_you_mean(name, kind_names())
        fail(f"There is no kind {name!r}{near}. There are: {listed(kind_names())}.", code=MISUSED)
    found = [kind(name)] if name else list(catalogue().values())
    if as_json:
        typer.echo(json.dumps([document(one) for one in found], ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    if name:
        _one(console, found[0])
        return
    table = _table("kind", "what it is that holds")
    for one in found:
        table.add_row(Text(one.name, style="bold"), Text(one.summary))
    console.print(table)
    console.print("`rounds kinds NAME` shows one in full: parameters, metrics, default rules, examples.", markup=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _one(console: Console, one: Kind) -> None:
    console.print(Text.assemble((one.name, "bold"), f": {one.summary}"))
    console.print(Text.assemble(("Why: ", "bold"), one.why))
    console.print(Text.assemble(("What to do: ", "bold"), one.what_to_do))
    console.print(Text("\nParameters", style="bold"))
    table = _table("name", "type", "default", "")
    for given in parameters(one.model, leave_out=frozenset(("kind",))):
        kept = given.type.replace("`", "")
        table.add_row(*map(Text, (given.name, kept, given.otherwise, given.description)))
    console.print(table if table.row_count else Text("none"))
    console.print(Text("\nMetrics, for rules", style="bold"))
    table = _table("name", "unit", "")
    for metric, measure in one.model.measures.items():
        table.add_row(*map(Text, (metric, measure.unit, measure.summary)))
    console.print(table)
    for example in one.model.examples:
        console.print(Text("\nExample", style="bold"))
        console.print(Text(example), soft_wrap=True)
        for level, rule in rules_in_force(one.model, example):
            console.print(Text(f"  → {level} if {rule}", style="dim"), soft_wrap=True)
