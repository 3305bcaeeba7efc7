"""`rounds schema`: what an editor needs to help while somebody writes."""

from __future__ import annotations

import json

import typer

from bot.config.json_schema import json_schema


def schema() -> None:
    """Print it."""
    typer.echo(text(), nl=False)


def text() -> str:
    """The schema as it stands in a file."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
