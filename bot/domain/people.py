"""People and user groups as Slack describes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack.

    Args:
        id: Slack's, such as `U024BE7LH`.
        team: the workspace that they belong to; `None` where Slack does not say.
        display: how their colleagues call them.
        guest: a single- or multi-channel guest.
        deleted: their account is deactivated.
    """

    id: str
    name: str
    display: str
    real: str | None = None
    team: str | None = None
    email: str | None = None
    zone: str | None = None
    guest: bool = False
    bot: bool = False
    deleted: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What a configuration may call them."""
        return tuple(name.casefold() for name in (self.name, self.display, self.real, self.email) if name)


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group, such as `@sre`; `members` are people's ids."""

    id: str
    handle: str
    name: str
    members: frozenset[str] = frozenset()
