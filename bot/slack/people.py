"""People and user groups out of Slack's answers and events, whatever is missing in them."""

from __future__ import annotations

from typing import Any

from bot.domain.people import Person, UserGroup


def person_of(raw: Any) -> Person | None:
    """A user object; `None` if it is none."""
    if not isinstance(raw, dict) or not raw.get("id"):
        return None
    given = raw.get("profile")
    profile = given if isinstance(given, dict) else {}
    display = profile.get("display_name") or raw.get("real_name") or profile.get("real_name") or raw.get("name")
    return Person(
        id=str(raw["id"]),
        name=str(raw.get("name") or ""),
        display=str(display or raw["id"]),
        real=str(raw.get("real_name") or "") or None,
        team=str(raw.get("team_id") or "") or None,
        email=str(profile.get("email") or "") or None,
        zone=str(raw.get("tz") or "") or None,
        # A stranger from a shared channel has a team of their own; Slack says so twice.
        guest=bool(raw.get("is_restricted") or raw.get("is_ultra_restricted") or raw.get("is_stranger")),
        bot=bool(raw.get("is_bot")) or raw["id"] == "USLACKBOT",
        deleted=bool(raw.get("deleted")),
    )


def group_of(raw: Any) -> UserGroup | None:
    """A user group; `None` if it is none, or is switched off."""
    if not isinstance(raw, dict) or not raw.get("id") or raw.get("date_delete"):
        return None
    given = raw.get("users")
    members = given if isinstance(given, list) else []
    return UserGroup(
        id=str(raw["id"]),
        handle=str(raw.get("handle") or ""),
        name=str(raw.get("name") or ""),
        members=frozenset(str(member) for member in members),
    )
