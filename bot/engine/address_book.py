"""Keeps in the ledger whom Slack has told us of. The engine does not know what a Slack is; this is the way there."""

from __future__ import annotations

import logging
from collections.abc import Collection

from bot.domain.ledger import LedgerAway
from bot.domain.people import Person, UserGroup
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)


class AddressBook:
    """People and user groups, over a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self) -> tuple[list[Person], list[UserGroup]]:
        """Everybody and every group as Slack told us last."""
        return await self._store.read(lambda tx: (tx.roster.people(), tx.roster.groups()))

    async def learn(self, people: Collection[Person], groups: Collection[UserGroup], *, whole: bool) -> None:
        """These are new or have changed. `whole`: there are no other groups any more."""

        def work(tx: Tx) -> None:
            tx.roster.learn_people(people)
            tx.roster.learn_groups(groups, whole=whole)

        try:
            await self._store.write(work)
        except LedgerAway:
            # Slack is asked anew after a restart; until then we know it all the same.
            log.info("whom Slack has told us of could not be stored")
