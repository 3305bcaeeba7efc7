"""Keeps what Slack tells us until it has had its effect. The engine does not know what a Slack is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from bot.domain.masking import Masker
from storage.people import Kept
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

OVERDUE = timedelta(minutes=1)
"""An event without effect for this long has lost whoever was at it: a process died, or the effect failed."""

ATTEMPTS = 3
"""What fails so often fails by itself, and would fail for ever."""


class Inbox:
    """Events between their acknowledgement and their effect, over a crash.

    An effect that goes through the desk with the event's key settles the event in its own transaction; of any other
    one, `done` tells.
    """

    def __init__(self, store: Store, masker: Callable[[], Masker]) -> None:
        self._store = store
        self._masker = masker
        self._recalled = False

    async def keep(self, key: str, event: Mapping[str, Any]) -> bool:
        """Write it down, masked; once this returns, it may be acknowledged. False: it is known already."""
        masked = self._masker().mask_json(dict(event))
        return await self._store.write(lambda tx: tx.inbox.keep(key, masked))

    async def done(self, key: str) -> None:
        """It has had its effect, or shall have none."""
        await self._store.write(lambda tx: tx.inbox.done(key))

    async def pending(self, *, leave: Collection[str] = ()) -> list[tuple[str, Mapping[str, Any]]]:
        """Events that somebody acknowledged and did not see through, by key, oldest first; they are the caller's now.

        Args:
            leave: keys of events that the caller is at already.
        """
        # Nobody else uses an embedded ledger: what is pending when we start is the dead process's.
        wait = timedelta(0) if self._store.embedded and not self._recalled else OVERDUE
        found = await self._store.write(lambda tx: _taken_up(tx, wait, leave))
        self._recalled = True
        return [(kept.key, kept.event) for kept in found]


def _taken_up(tx: Tx, untouched_for: timedelta, leave: Collection[str]) -> list[Kept]:
    """What is tried once more. What has been tried often enough is given up, and the log says so."""
    found = tx.inbox.pending(untouched_for=untouched_for, leave=leave)
    for kept in found:
        if kept.attempt > ATTEMPTS:
            log.error("gave up on an event: it failed %d times", ATTEMPTS, extra={"key": kept.key})
            tx.inbox.done(kept.key)
    return [kept for kept in found if kept.attempt <= ATTEMPTS]
