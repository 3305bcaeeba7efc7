"""`rounds manifest`: the Slack app, ready to paste."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
import yaml

from bot.cli.common import fail

PLACES = (
    Path(__file__).resolve().parents[2] / "manifest.yml",  # a checkout
    Path(__file__).resolve().parents[1] / "manifest.yml",  # a wheel carries it inside `bot`
)


def manifest() -> None:
    """Print the manifest of the Slack app: create an app from it at api.slack.com/apps."""
    typer.echo(text(), nl=False)


def text() -> str:
    """The manifest, of which there is one source: `manifest.yml` at the top of the project."""
    for place in PLACES:
        if place.exists():
            return place.read_text(encoding="utf-8")
    fail("manifest.yml is missing from this installation; install Rounds anew.", code=2)


def scopes() -> tuple[str, ...]:
    """The scopes that the bot token of such an app has."""
    given: Mapping[str, Any] = yaml.safe_load(text())
    return tuple(given["oauth_config"]["scopes"]["bot"])
