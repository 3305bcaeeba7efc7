"""Stores what has happened already, even if the ledger is away for a while."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.domain.ledger import LedgerAway
from bot.engine.clock import Clock

T = TypeVar("T")

PAUSE_S = 1.0
"""Between two attempts."""


async def insist(work: Callable[[], Awaitable[T]], clock: Clock, *, until: float = math.inf) -> T:
    """Do it; while the ledger is away, try again.

    Args:
        until: the monotonic second at which it is of no use any more: the claim on it has ended, and somebody else
            does it anew.

    Raises:
        LedgerAway: it was away until then.
    """
    while True:
        try:
            return await work()
        except LedgerAway:
            if clock.monotonic() + PAUSE_S > until:
                raise
            await asyncio.sleep(PAUSE_S)
