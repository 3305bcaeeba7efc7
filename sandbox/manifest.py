"""What an app manifest says: scopes, slash commands, shortcuts, subscribed events, and what is switched on.

Limits: docs.slack.dev/reference/app-manifest.
"""

import re
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.json_types import Json

T = TypeVar("T")

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:write",
    "usergroups:read",
    "users:read",
    "users:read.email",
)
EVENTS = ("app_home_opened", "app_mention", "message.im")


class BadSeed(ValueError):
    """A sentence about what is wrong in a seed or its manifest."""


@dataclass(frozen=True)
class Command:
    """A slash command. With `should_escape`, people and channels in its text arrive as <@U1|ann> and <#C1|general>."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False

    def state(self) -> Json:
        return {"command": self.command, "description": self.description, "usage_hint": self.usage_hint}


@dataclass(frozen=True)
class Shortcut:
    """`type` is message or global."""

    type: str
    callback_id: str
    name: str
    description: str = ""

    def state(self) -> Json:
        told = {"type": self.type, "callback_id": self.callback_id, "name": self.name}
        return told | {"description": self.description}


@dataclass(frozen=True)
class Manifest:
    """The app as its manifest describes it. `messages_tab`: whether people and the app have direct messages at all;
    `messages_open`: whether people may write there. `interactivity`: clicks, forms, shortcuts, suggestions."""

    scopes: tuple[str, ...] = SCOPES
    commands: tuple[Command, ...] = (
        Command("/rounds", "Run and inspect rounds", "status | run <check> | help", should_escape=True),
    )
    shortcuts: tuple[Shortcut, ...] = ()
    events: tuple[str, ...] = EVENTS
    home_tab: bool = True
    messages_tab: bool = True
    messages_open: bool = True
    interactivity: bool = True
    socket_mode: bool = True
    bot_name: str = ""

    def command(self, name: str) -> Command | None:
        return next((command for command in self.commands if command.command == name), None)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        return next((shortcut for shortcut in self.shortcuts if shortcut.callback_id == callback_id), None)


MOST = {"slash_commands": 50, "shortcuts": 10, "bot_events": 100, "bot": 255, "bot_optional": 255}
"""Items."""
_COLOUR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_COMMAND = re.compile(r"/[^\s/]+")


def read(given: Any) -> Manifest:
    """From a manifest as JSON; a sentence as BadSeed where it is not one, or Slack would not take it."""
    if not isinstance(given, dict):
        raise BadSeed("The manifest must be an object.")
    _display(_part(given, "display_information"))
    features, settings = _part(given, "features"), _part(given, "settings")
    home, user = _part(features, "app_home"), _part(features, "bot_user")
    scopes = _part(_part(given, "oauth_config"), "scopes")
    granted, optional = _words(scopes, "bot"), _words(scopes, "bot_optional")
    if strange := [scope for scope in optional if scope not in granted]:
        raise BadSeed(f"bot_optional in the manifest names {', '.join(strange)}, which bot does not.")
    messages = bool(home.get("messages_tab_enabled", True))
    return Manifest(
        scopes=granted,
        commands=_unique("slash_commands", "command", [_command(one) for one in _objects(features, "slash_commands")]),
        shortcuts=_unique("shortcuts", "callback_id", [_shortcut(one) for one in _objects(features, "shortcuts")]),
        events=_words(_part(settings, "event_subscriptions"), "bot_events"),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=messages,
        messages_open=messages and not home.get("messages_tab_read_only_enabled", False),
        interactivity=bool(_part(settings, "interactivity").get("is_enabled", False)),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        bot_name=_text(user, "display_name", 80),
    )


def _display(given: Json) -> None:
    _text(given, "name", 35)
    _text(given, "description", 140)
    if given.get("long_description") is not None and len(_text(given, "long_description", 4000)) < 174:
        raise BadSeed("long_description in the manifest must have at least 174 characters.")
    colour = _text(given, "background_color", 7)
    if colour and not _COLOUR.fullmatch(colour):
        raise BadSeed(f"background_color in the manifest must be like #12343b, not {colour!r}.")


def _command(given: Json) -> Command:
    command = _word(given, "command", 32)
    if not _COMMAND.fullmatch(command):
        raise BadSeed(f"A command in the manifest must be like /rounds, not {command!r}.")
    return Command(
        command=command,
        description=_word(given, "description", 2000),
        usage_hint=_text(given, "usage_hint", 1000),
        should_escape=bool(given.get("should_escape", False)),
    )


def _shortcut(given: Json) -> Shortcut:
    kind = _word(given, "type", 7)
    if kind not in ("message", "global"):
        raise BadSeed(f"The type of a shortcut in the manifest must be message or global, not {kind!r}.")
    return Shortcut(
        type=kind,
        callback_id=_word(given, "callback_id", 255),
        name=_word(given, "name", 255),
        description=_word(given, "description", 150),
    )


def _unique(name: str, key: str, items: list[T]) -> tuple[T, ...]:
    keys = [getattr(item, key) for item in items]
    if twice := sorted({one for one in keys if keys.count(one) > 1}):
        raise BadSeed(f"{name} in the manifest has {', '.join(twice)} twice.")
    return tuple(items)


def _part(given: Json, name: str) -> Json:
    part = given.get(name, {})
    if not isinstance(part, dict):
        raise BadSeed(f"{name} in the manifest must be an object.")
    return part


def _objects(given: Json, name: str) -> list[Json]:
    items = given.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadSeed(f"{name} in the manifest must be a list of objects.")
    return _few(name, items)


def _words(given: Json, name: str) -> tuple[str, ...]:
    items = given.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadSeed(f"{name} in the manifest must be a list of words.")
    return tuple(_few(name, items))


def _few(name: str, items: list[T]) -> list[T]:
    if len(items) > MOST[name]:
        raise BadSeed(f"{name} in the manifest has {len(items)} items; Slack takes {MOST[name]}.")
    return items


def _text(given: Json, name: str, most: int) -> str:
    text = given.get(name, "")
    if not isinstance(text, str):
        raise BadSeed(f"{name} in the manifest must be a text.")
    if len(text) > most:
        raise BadSeed(f"{name} in the manifest has {len(text)} characters; Slack takes {most}.")
    return text


def _word(given: Json, name: str, most: int) -> str:
    word = _text(given, name, most)
    if not word:
        raise BadSeed(f"{name} is missing in the manifest.")
    return word
