"""The gate: who may do what, and who can be called; asked of Slack's own account of its people."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.domain.near import quoted
from bot.domain.people import Person
from bot.domain.permissions import May, Roles, why_not
from bot.slack.directory import Directory

log = logging.getLogger(__name__)

_WHO_ELSE = "Nobody was called; choose somebody else, or a step of the policy (`to 2`)."


class Gate:
    """Answers whether somebody may do something; a refusal is logged."""

    def __init__(self, directory: Directory, roles: Callable[[], Roles]) -> None:
        self._directory = directory
        self._roles = roles

    async def why_not(self, user: str, may: May) -> str | None:
        """Why they may not, as a sentence for them; `None` if they may."""
        person = await self._directory.person(user)
        if person is None:
            # Slack does not say. At 3 a.m. that must not keep a colleague from acknowledging: what everybody may do
            # goes on, and a role still has to name them for the rest.
            person = Person(id=user, name="", display=user)
        roles = self._roles()
        members = {target: self._directory.members(target) for target in roles.targets()}
        answer = why_not(may, person, roles, home=self._directory.home, members=members)
        if answer is not None:
            log.warning("refused: %s may not %s: %s", user, may.value, answer)
        return answer

    async def why_nobody(self, target: str) -> str | None:
        """Why calling that person or group would reach nobody; `None` if it reaches somebody, or Slack does not say."""
        kind, _, name = target.partition(":")
        members = sorted(self._directory.members(target))
        for member in members:
            if await self._reaches(member):
                return None
        known = self._directory.knows(target)
        if known is None and not members:
            return None
        if kind == "usergroup":
            there = f"Slack has no user group {quoted(name)}, or it is switched off."
            return f"{there if known is False else f'Nobody is left in the user group {quoted(name)}.'} {_WHO_ELSE}"
        person = await self._directory.person(members[0]) if members else None
        if person is None:
            return f"Slack knows nobody who is called {quoted(name)}. {_WHO_ELSE}"
        return f"{quoted(person.display)} {'is an app' if person.bot else 'has left'}. {_WHO_ELSE}"

    async def _reaches(self, user: str) -> bool:
        """Whether somebody reads what calls them; in doubt they do."""
        person = await self._directory.person(user)
        if person is None:
            return self._directory.knows(f"user:{user}") is not False
        return not (person.deleted or person.bot)
