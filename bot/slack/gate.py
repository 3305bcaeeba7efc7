"""The gate: who may do what, asked of Slack's own account of its people."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.domain.people import Person
from bot.domain.permissions import May, Roles, why_not
from bot.slack.directory import Directory

log = logging.getLogger(__name__)


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
