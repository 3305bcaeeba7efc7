"""Members of the workspace and their groups, as users.info and usergroups.list tell them."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.json_types import Json

COLOURS = ("#4b6cb7", "#2e8b57", "#b7564b", "#8e5bb5", "#b58a2e", "#2e8bb5", "#b52e7a", "#5b6b7a")


def zone(name: str) -> ZoneInfo | None:
    """The time zone of that name, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@dataclass
class Person:
    """A member. `is_restricted` is a guest; `is_bot` is only ever our own bot user."""

    id: str
    name: str
    real_name: str
    tz: str = "Europe/Amsterdam"
    email: str = ""
    color: str = COLOURS[0]
    is_restricted: bool = False
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False
    presence: str = "active"

    def web(self, *, team: str, email: bool) -> Json:
        """As users.info answers. The address is only told to those with users:read.email."""
        where = zone(self.tz)
        offset = datetime.now(where).utcoffset() if where else None
        return {
            "id": self.id,
            "team_id": team,
            "name": self.name,
            "deleted": self.deleted,
            "color": self.color.lstrip("#"),
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": self.profile(team=team, email=email),
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 0,
        }

    def profile(self, *, team: str, email: bool) -> Json:
        """As users.profile.get answers."""
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "title": "",
            "status_text": "",
            "status_emoji": "",
            "image_48": "",
            "team": team,
        }
        if email and self.email:
            profile["email"] = self.email
        return profile

    def brief(self, *, team: str) -> Json:
        """As the `user` of an interaction payload."""
        return {"id": self.id, "username": self.name, "name": self.name, "team_id": team}

    def state(self) -> Json:
        """As the page wants it."""
        return {
            "id": self.id,
            "name": self.name,
            "real_name": self.real_name,
            "tz": self.tz,
            "is_restricted": self.is_restricted,
            "deleted": self.deleted,
            "presence": self.presence,
            "color": self.color,
        }


@dataclass
class UserGroup:
    """A user group such as @sre."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False

    def web(self, *, team: str, users: bool) -> Json:
        """As usergroups.list answers."""
        told: Json = {
            "id": self.id,
            "team_id": team,
            "is_usergroup": True,
            "is_subteam": True,
            "name": self.name,
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_create": 0,
            "date_update": 0,
            "date_delete": 1 if self.disabled else 0,
            "user_count": len(self.users),
        }
        if users:
            told["users"] = list(self.users)
        return told

    def state(self) -> Json:
        return {"id": self.id, "handle": self.handle, "name": self.name, "users": list(self.users)}
