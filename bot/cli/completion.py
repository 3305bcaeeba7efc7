"""What the shell offers after TAB; of a configuration with mistakes, what can be read of it. Never a complaint."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from bot.config.document import read_document
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.config.settings import config_path


def runnable(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Checklists and checks that begin so, each with its title."""
    path = config_path(os.environ, _given(context))
    return [(name, title) for name, title in _titles(path).items() if name.startswith(incomplete)]


def _given(context: typer.Context) -> Path | None:
    given = context.params.get("config")
    return Path(given) if given else None


def _titles(path: Path) -> dict[str, str]:
    try:
        found = load(path, environment=os.environ, allow_missing=True)
    except ConfigError:
        return _readable(path)
    checklists = {name: one.title for name, one in found.checklists.items()}
    return checklists | {name: one.title for name, one in found.checks.items()}


def _readable(path: Path) -> dict[str, str]:
    """The names in a file that cannot be used as it is."""
    try:
        text = path.read_text(encoding="utf-8")
        value = read_document(text, file=str(path), environment=os.environ, allow_missing=True).value
    except (OSError, ValueError, ConfigError):
        return {}
    sections = [value.get(section) for section in ("checklists", "checks")] if isinstance(value, dict) else []
    return {name: "" for section in sections if isinstance(section, dict) for name in section}
