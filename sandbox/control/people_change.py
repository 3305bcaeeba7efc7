"""POST /_control/person and /_control/usergroup: who comes, goes and changes, as an administrator does it."""

from typing import Any

from sandbox import events
from sandbox.control.body import Body
from sandbox.interactions import parts
from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.people import COLOURS, Person, UserGroup, zone

WORDS = ("name", "real_name", "tz", "email", "presence")


async def person(slack: LocalSlack, body: Body) -> Json:
    """Gone, a guest, away, renamed, moved to another zone; a new one if the id is new."""
    who = body.need("person")
    known = slack.workspace.people.get(who)
    found = known or _newcomer(slack, who, body)
    changes: Json = {name: body.text(name) for name in WORDS if body.text(name)}
    changes |= {name: body.flag(name) for name in ("deleted", "is_restricted") if body.flag(name) is not None}
    if "tz" in changes and zone(changes["tz"]) is None:
        raise Impossible(f"There is no time zone {changes['tz']!r}.")
    if changes.get("presence", "active") not in ("active", "away"):
        raise Impossible("presence must be active or away.")
    for name, value in changes.items():
        setattr(found, name, value)
    if known is None:
        slack.workspace.people[who] = found
        slack.workspace.direct(who)
        events.user_joined(slack, found)
    else:
        events.user_changed(slack, found)
    slack.feed.tell({"type": "reset"})
    return {"ok": True}


def _newcomer(slack: LocalSlack, who: str, body: Body) -> Person:
    name = body.text("name")
    if not name:
        raise Impossible(f"There is no person {who!r}; a new one needs a name.", 404)
    color = COLOURS[len(slack.workspace.people) % len(COLOURS)]
    return Person(who, name, name.title(), email=f"{name}@example.com", color=color)


async def group(slack: LocalSlack, body: Body) -> Json:
    """Who is in a user group, and whether it is in use; a new one if the id is new and there is a handle."""
    identity, disabled = body.need("usergroup"), body.flag("disabled")
    known = slack.workspace.groups.get(identity)
    handle = body.text("handle", known.handle if known else "")
    if not handle:
        raise Impossible("There is no such user group; a new one needs a handle.", 404)
    users = _users(slack, body, known.users if known else [])
    found = known or UserGroup(identity, handle, handle)
    before = list(found.users)
    found.handle, found.name, found.users = handle, body.text("name", found.name), users
    found.disabled = found.disabled if disabled is None else disabled
    if known is None:
        slack.workspace.groups[identity] = found
        events.group_created(slack, found)
    else:
        events.group_changed(slack, found, before)
    slack.feed.tell({"type": "reset"})
    return {"ok": True}


def _users(slack: LocalSlack, body: Body, before: list[str]) -> list[str]:
    given: Any = body.given.get("users", before)
    if not isinstance(given, list):
        raise Impossible("users must be a list of people.")
    return [parts.person(slack, str(user)).id for user in given]
