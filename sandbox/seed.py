"""What the workspace is at the start, and again after a reset."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from sandbox.json_types import Json, parse
from sandbox.manifest import BadSeed, Manifest
from sandbox.manifest import read as read_manifest
from sandbox.people import COLOURS, Person, UserGroup, zone
from sandbox.times import Times

T = TypeVar("T")


@dataclass(frozen=True)
class SeedChannel:
    """A channel of the start. Everybody of `members` is in it, and the bot if `bot` says so."""

    id: str
    name: str
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    bot: bool = True
    members: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Seed:
    """The default needs no file."""

    team: str = "T0LOCAL"
    team_name: str = "Local"
    domain: str = "local"
    bot_user: str = "U0BOT"
    bot_id: str = "B0BOT"
    app_id: str = "A0ROUNDS"
    bot_name: str = "rounds"
    bot_token: str = "xoxb-sandbox"
    app_token: str = "xapp-sandbox"
    people: tuple[Person, ...] = (
        Person("U1", "ann", "Ann", email="ann@example.com", color=COLOURS[0]),
        Person("U2", "ben", "Ben", email="ben@example.com", color=COLOURS[1]),
        Person("U3", "chi", "Chi", email="chi@example.com", color=COLOURS[2]),
    )
    usergroups: tuple[UserGroup, ...] = (UserGroup("S1", "sre", "SRE", ["U1", "U2"]),)
    channels: tuple[SeedChannel, ...] = (
        SeedChannel("C1", "operations"),
        SeedChannel("C2", "general"),
        SeedChannel("C3", "platform-team", is_private=True, bot=False),
    )
    manifest: Manifest = field(default_factory=Manifest)
    times: Times = field(default_factory=Times)
    rate_limits: bool = True
    request_url: str = ""
    """Where to deliver by signed HTTP instead of Socket Mode."""
    signing_secret: str = ""


def load(path: Path | None, manifest: Path | None = None) -> Seed:
    """From a seed file, with the app of a manifest file; a sentence as BadSeed where one cannot be read."""
    given = _file(path, "seed", parse) if path is not None else {}
    if manifest is not None and isinstance(given, dict):
        # What Slack takes is YAML or JSON, and all JSON is YAML.
        given = given | {"manifest": _file(manifest, "manifest", yaml.safe_load)}
    return read(given)


def _file(path: Path, what: str, understand: Callable[[str], Any]) -> Any:
    try:
        return understand(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSeed(f"The {what} file cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadSeed(f"The {what} file is not JSON: {error}.") from error
    except (yaml.YAMLError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise BadSeed(f"The {what} file is not YAML: {told}.") from error


def read(given: Any) -> Seed:
    """From JSON: what it names replaces the default, the rest stays."""
    if not isinstance(given, dict):
        raise BadSeed("A seed must be an object.")
    known = {"workspace", "bot", "people", "usergroups", "channels", "scopes", "manifest", "times", "rate_limits"}
    known |= {"request_url", "signing_secret"}
    if strange := sorted(set(given) - known):
        raise BadSeed(f"A seed has no {', '.join(strange)}; it has {', '.join(sorted(known))}.")
    seed = Seed()
    if "manifest" in given:
        manifest = read_manifest(given["manifest"])
        seed = replace(seed, manifest=manifest, bot_name=manifest.bot_name or seed.bot_name)
    if "scopes" in given:
        scopes = tuple(str(scope) for scope in _list(given, "scopes"))
        seed = replace(seed, manifest=replace(seed.manifest, scopes=scopes))
    seed = _named(seed, given.get("workspace"), {"id": "team", "name": "team_name", "domain": "domain"})
    seed = _named(
        seed,
        given.get("bot"),
        {"user_id": "bot_user", "bot_id": "bot_id", "app_id": "app_id", "name": "bot_name"}
        | {"bot_token": "bot_token", "app_token": "app_token"},
    )
    if "people" in given:
        seed = replace(seed, people=_each(given, "people", _person))
    if "usergroups" in given:
        seed = replace(seed, usergroups=_each(given, "usergroups", _usergroup))
    if "channels" in given:
        seed = replace(seed, channels=_each(given, "channels", _channel))
    return replace(
        seed,
        times=Times().changed(_object(given.get("times", {}), "times")),
        rate_limits=bool(given.get("rate_limits", True)),
        request_url=str(given.get("request_url", "")),
        signing_secret=str(given.get("signing_secret", "")),
    )


def _named(seed: Seed, given: Any, names: dict[str, str]) -> Seed:
    if given is None:
        return seed
    told = _object(given, "workspace and bot")
    if strange := sorted(set(told) - set(names)):
        raise BadSeed(f"There is no {', '.join(strange)} here; there is {', '.join(names)}.")
    changes: dict[str, Any] = {names[name]: str(value) for name, value in told.items()}
    return replace(seed, **changes)


def _person(given: Json, index: int) -> Person:
    name = _word(given, "name")
    tz = str(given.get("tz", "Europe/Amsterdam"))
    if zone(tz) is None:
        raise BadSeed(f"There is no time zone {tz!r}.")
    return Person(
        id=_word(given, "id"),
        name=name,
        real_name=str(given.get("real_name", name.title())),
        tz=tz,
        email=str(given.get("email", f"{name}@example.com")),
        color=str(given.get("color", COLOURS[index % len(COLOURS)])),
        is_restricted=bool(given.get("is_restricted", False)),
        is_admin=bool(given.get("is_admin", False)),
        deleted=bool(given.get("deleted", False)),
    )


def _usergroup(given: Json, _: int) -> UserGroup:
    handle = _word(given, "handle")
    users = [str(user) for user in _list(given, "users")]
    return UserGroup(_word(given, "id"), handle, str(given.get("name", handle)), users)


def _channel(given: Json, _: int) -> SeedChannel:
    private = bool(given.get("is_private", False))
    return SeedChannel(
        id=_word(given, "id"),
        name=_word(given, "name"),
        is_private=private,
        is_archived=bool(given.get("is_archived", False)),
        topic=str(given.get("topic", "")),
        bot=bool(given.get("bot", given.get("is_member", not private))),
        members=tuple(str(user) for user in _list(given, "members")) if "members" in given else None,
    )


def _each(given: Json, name: str, make: Callable[[Json, int], T]) -> tuple[T, ...]:
    return tuple(make(_object(one, name), index) for index, one in enumerate(_list(given, name)))


def _list(given: Json, name: str) -> list[Any]:
    items = given.get(name, [])
    if not isinstance(items, list):
        raise BadSeed(f"{name} must be a list.")
    return items


def _object(given: Any, name: str) -> Json:
    if not isinstance(given, dict):
        raise BadSeed(f"{name} must be made of objects.")
    return given


def _word(given: Json, name: str) -> str:
    word = given.get(name)
    if not isinstance(word, str) or not word:
        raise BadSeed(f"{name} is missing.")
    return word
