"""`rounds manifest`: the Slack app, ready to paste."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
import yaml

from bot.cli.common import fail
from bot.slack.ids import PATH

PLACES = (
    Path(__file__).resolve().parents[2] / "manifest.yml",  # a checkout
    Path(__file__).resolve().parents[1] / "manifest.yml",  # a wheel carries it inside `bot`
)


def manifest(http: str) -> None:
    """Print it; for Slack over HTTP, with the addresses that Slack calls."""
    if not http:
        typer.echo(text(), nl=False)
        return
    if not http.startswith("https://"):
        fail("--http must begin with https://; Slack sends nothing to an address without it.", code=2)
    typer.echo(yaml.safe_dump(over_http(http.rstrip("/") + PATH), sort_keys=False, width=120), nl=False)


def over_http(url: str) -> dict[str, Any]:
    """The manifest of an app to which Slack comes by HTTP, at this address."""
    given: dict[str, Any] = yaml.safe_load(text())
    settings, features = given["settings"], given["features"]
    settings["socket_mode_enabled"] = False
    for part in (settings["event_subscriptions"], settings["interactivity"]):
        part["request_url"] = url
    settings["interactivity"]["message_menu_options_url"] = url  # menus that search as one types
    for command in features["slash_commands"]:
        command["url"] = url
    return given


def text() -> str:
    """The manifest, of which there is one source: `manifest.yml` at the top of the project."""
    return file().read_text(encoding="utf-8")


def file() -> Path:
    """Where it is."""
    for place in PLACES:
        if place.exists():
            return place
    fail("manifest.yml is missing from this installation; install Rounds anew.", code=2)


def scopes() -> tuple[str, ...]:
    """The scopes that the bot token of such an app has."""
    given: Mapping[str, Any] = yaml.safe_load(text())
    return tuple(given["oauth_config"]["scopes"]["bot"])
