"""The desk: what a person may ask for. Slash commands, buttons and the command line all ask here.

Every request carries a key; the key and the effect commit together, so a click that Slack delivers twice works once.
"""

from __future__ import annotations

from bot.domain.permissions import May
from bot.engine.desk.asking import Asked, NoSuchEnd, Repeated, needs
from bot.engine.desk.escalations import Escalations
from bot.engine.desk.incidents import Incidents
from bot.engine.desk.logbook import Logbook
from bot.engine.desk.rounds import Rounds, Started
from bot.engine.desk.showing import Showing, Shown
from storage.tx import Tx

__all__ = ["Asked", "Desk", "NoSuchEnd", "Repeated", "Shown", "Started"]


class Desk(Incidents, Escalations, Rounds, Logbook, Showing):
    """Requests of people, each one transaction."""

    @needs(May.READ)
    async def open_home(self, user: str, asked: Asked) -> None:
        """Somebody opened their App Home; it is drawn now and kept up to date from then on."""

        def work(tx: Tx) -> None:
            self._once(tx, asked)
            tx.messages.expect(f"home:{user}", channel=user)
            if (standing := tx.messages.of(f"home:{user}")) is not None and standing.ts is None:
                tx.messages.posted(f"home:{user}", channel_id=user, ts="home", shown=0)
            tx.messages.touch(f"home:{user}")

        await self._store.write(work)
