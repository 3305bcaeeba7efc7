"""Redrawing: what stands in Slack shows the stored state, drawn by one process at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.config.configuration import Configuration
from bot.domain.notifications import (
    ChannelUnusable,
    IncidentView,
    MessageGone,
    NotDelivered,
    PerhapsDelivered,
    StatusView,
    Undeliverable,
    View,
)
from bot.engine.meter import Meter
from bot.engine.patience import all_of, backoff
from bot.engine.ports import Notifier
from bot.engine.views import view_of
from storage.messages import Standing
from storage.outbox import ESCALATION
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Three times the longest call to Slack: whoever has not reported by then is dead."""

REDRAW_EVERY = timedelta(seconds=1)
"""Changes to one card gather for so long; `chat.update` has about 50 calls a minute."""


def post_anew(tx: Tx, subject: str, *, lost: str | None) -> None:
    """A card that cannot be reached any more is posted once more; what is still to be said waits for it."""
    if tx.messages.gone(subject, ts=lost):
        tx.outbox.add(key=f"{subject}:again:{lost}", subject=subject, reason="opened", priority=ESCALATION)


class Redrawer:
    """Redraws."""

    def __init__(
        self, store: Store, notifier: Notifier, configuration: Callable[[], Configuration], meter: Meter
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._configuration = configuration
        self._meter = meter

    async def redraw(self) -> int:
        """Redraw what is stale; returns how many."""
        if not await self._store.read(lambda tx: bool(tx.messages.stale(limit=1))):
            return 0
        claimed = await self._store.write(self._claim)
        return await all_of(self._redraw(standing, view) for standing, view in claimed)

    def _claim(self, tx: Tx) -> list[tuple[Standing, View]]:
        claimed: list[tuple[Standing, View]] = []
        for standing in tx.messages.claim_redraws(lease=LEASE):
            view = view_of(tx, standing.subject, self._configuration())
            if view is None:
                tx.messages.redrawn(standing, not_before=tx.now)  # what it is about was forgotten
            else:
                claimed.append((standing, view))
        return claimed

    async def _redraw(self, standing: Standing, view: View) -> bool:
        refused = None
        try:
            if isinstance(view, StatusView):
                await self._notifier.publish_home(standing.subject.partition(":")[2], view)
            else:
                await self._notifier.redraw(view, channel_id=standing.channel, ts=standing.ts or "")
        except (NotDelivered, PerhapsDelivered, ChannelUnusable) as error:
            asked = error.retry_after if isinstance(error, NotDelivered) else None
            wait = asked or backoff(standing.attempts + 1)
            reason = str(error)
            self._meter.redraws["later"] += 1
            await self._store.write(
                lambda tx: tx.messages.redraw_later(standing, not_before=tx.now + wait, error=reason)
            )
            return False
        except MessageGone:
            log.warning("a message of ours was deleted in Slack", extra={"subject": standing.subject})
            self._meter.redraws["gone"] += 1
            await self._store.write(lambda tx: self._gone(tx, standing))
            return False
        except Undeliverable as error:
            log.error("a card cannot be drawn: %s", error, extra={"subject": standing.subject})  # noqa: TRY400
            refused = str(error)
        self._meter.redraws["drawn" if refused is None else "refused"] += 1
        await self._store.write(
            lambda tx: tx.messages.redrawn(standing, not_before=tx.now + REDRAW_EVERY, error=refused)
        )
        return True

    def _gone(self, tx: Tx, standing: Standing) -> None:
        """An unresolved incident must stand somewhere; anything else that was deleted stays deleted."""
        view = view_of(tx, standing.subject, self._configuration())
        if isinstance(view, IncidentView) and view.incident.unresolved:
            post_anew(tx, standing.subject, lost=standing.ts)
        else:
            tx.messages.redrawn(standing, not_before=tx.now)
