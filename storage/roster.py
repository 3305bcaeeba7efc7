"""People and user groups as Slack told us last: a restart at night knows whom to call before Slack answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.domain.people import Person, UserGroup
from storage import tables as t
from storage.rows import upsert

_LONGEST = 200
"""Characters of a name that are kept; Slack allows 80."""


class Roster:
    """Who there is."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def people(self) -> list[Person]:
        """Everybody that Slack has told us of."""
        return [
            Person(
                id=r.id,
                name=r.name,
                display=r.display,
                real=r.real,
                team=r.team,
                email=r.email,
                zone=r.zone,
                guest=r.guest,
                bot=r.bot,
                deleted=r.deleted,
            )
            for r in self._connection.execute(select(t.person))
        ]

    def groups(self) -> list[UserGroup]:
        """Every user group that Slack has told us of."""
        rows = self._connection.execute(select(t.user_group))
        return [UserGroup(r.id, r.handle, r.name, frozenset(r.members)) for r in rows]

    def learn_people(self, people: Iterable[Person]) -> None:
        """These are new or have changed."""
        for person in people:
            row = {
                "id": person.id[:40],
                "real": person.real[:_LONGEST] if person.real else None,
                "team": person.team[:40] if person.team else None,
                "name": person.name[:_LONGEST],
                "display": person.display[:_LONGEST],
                "email": person.email[:320] if person.email else None,
                "zone": person.zone[:80] if person.zone else None,
                "guest": person.guest,
                "bot": person.bot,
                "deleted": person.deleted,
                "seen_at": self._now,
            }
            upsert(self._connection, t.person, row, key=("id",))

    def learn_groups(self, groups: Iterable[UserGroup], *, whole: bool) -> None:
        """These are new or have changed. `whole`: there are no others any more."""
        kept = []
        for group in groups:
            row = {
                "id": group.id[:40],
                "handle": group.handle[:_LONGEST],
                "name": group.name[:_LONGEST],
                "members": sorted(group.members),
                "seen_at": self._now,
            }
            upsert(self._connection, t.user_group, row, key=("id",))
            kept.append(group.id)
        if whole:
            self._connection.execute(delete(t.user_group).where(t.user_group.c.id.not_in(kept)))
