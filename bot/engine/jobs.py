"""How a system job is run, again and again: its failure is its own, and that it hangs is said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import wraps

from bot.domain.ledger import LedgerAway

log = logging.getLogger(__name__)

HANGS_S = 10.0
"""A tick takes milliseconds. When one takes so long, the database accepts what it is asked and does not answer."""


def impatiently(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A job that says once that it waits for the ledger, and when that is over: what hangs raises nothing."""

    silent_since: float | None = None

    def complain(begun: float) -> None:
        nonlocal silent_since
        if silent_since is None:
            silent_since = begun
            log.error("the ledger has not answered for %g s; what comes due waits for it", HANGS_S)

    @wraps(job)
    async def run() -> None:
        nonlocal silent_since
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(HANGS_S, complain, loop.time())
        try:
            await job()
        finally:
            alarm.cancel()
        if silent_since is not None:
            log.warning("the ledger answers again, after %.0f s", loop.time() - silent_since)
            silent_since = None

    return run


def guarded(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A job whose failure is logged and made up for by its next turn."""

    async def run() -> None:
        try:
            await job()
        except LedgerAway:
            log.debug("a system job waits for the ledger", extra={"job": job.__name__})  # the store has said so
        except Exception:
            log.exception("a system job failed; its next turn makes up for it", extra={"job": job.__name__})

    return run


def until_stopped(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A job that a stopping scheduler cancels: for the scheduler that would be an error, with a traceback."""

    async def run() -> None:
        with suppress(asyncio.CancelledError):
            await job()

    return run


async def repeat(job: Callable[[], Awaitable[None]], wake: asyncio.Event, pause_s: Callable[[], float]) -> None:
    """Do `job` whenever woken, and at the latest after the pause."""
    safe = guarded(job)
    while True:
        wake.clear()
        await safe()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s()):
                await wake.wait()
