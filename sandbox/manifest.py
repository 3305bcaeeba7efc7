"""What an app manifest says: scopes, slash commands, shortcuts, subscribed events."""

from dataclasses import dataclass
from typing import Any

from sandbox.json_types import Json

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

    def state(self) -> Json:
        return {"type": self.type, "callback_id": self.callback_id, "name": self.name}


@dataclass(frozen=True)
class Manifest:
    """The app as its manifest describes it."""

    scopes: tuple[str, ...] = SCOPES
    commands: tuple[Command, ...] = (
        Command("/rounds", "Run and inspect rounds", "status | run <check> | help", should_escape=True),
    )
    shortcuts: tuple[Shortcut, ...] = ()
    events: tuple[str, ...] = EVENTS
    home_tab: bool = True
    bot_name: str = ""

    def command(self, name: str) -> Command | None:
        return next((command for command in self.commands if command.command == name), None)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        return next((shortcut for shortcut in self.shortcuts if shortcut.callback_id == callback_id), None)


def read(given: Any) -> Manifest:
    """From a manifest as JSON; a sentence as BadSeed where it is not one."""
    if not isinstance(given, dict):
        raise BadSeed("The manifest must be an object.")
    features = _part(given, "features")
    settings = _part(given, "settings")
    subscriptions = _part(settings, "event_subscriptions")
    oauth = _part(_part(given, "oauth_config"), "scopes")
    return Manifest(
        scopes=_words(oauth, "bot"),
        commands=tuple(
            Command(
                command=_word(one, "command"),
                description=str(one.get("description", "")),
                usage_hint=str(one.get("usage_hint", "")),
                should_escape=bool(one.get("should_escape", False)),
            )
            for one in _objects(features, "slash_commands")
        ),
        shortcuts=tuple(
            Shortcut(type=_word(one, "type"), callback_id=_word(one, "callback_id"), name=_word(one, "name"))
            for one in _objects(features, "shortcuts")
        ),
        events=_words(subscriptions, "bot_events"),
        home_tab=bool(_part(features, "app_home").get("home_tab_enabled", False)),
        bot_name=str(_part(features, "bot_user").get("display_name", "")),
    )


def _part(given: Json, name: str) -> Json:
    part = given.get(name, {})
    if not isinstance(part, dict):
        raise BadSeed(f"{name} in the manifest must be an object.")
    return part


def _objects(given: Json, name: str) -> list[Json]:
    items = given.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadSeed(f"{name} in the manifest must be a list of objects.")
    return items


def _words(given: Json, name: str) -> tuple[str, ...]:
    items = given.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadSeed(f"{name} in the manifest must be a list of words.")
    return tuple(items)


def _word(given: Json, name: str) -> str:
    word = given.get(name)
    if not isinstance(word, str) or not word:
        raise BadSeed(f"{name} is missing in the manifest.")
    return word
