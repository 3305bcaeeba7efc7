"""Work in the same process: a bounded crew that takes run ids from a queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.domain.ledger import LedgerAway

log = logging.getLogger(__name__)

RUNS_AT_ONCE = 20
"""Runs in progress; the looks within them share one semaphore (`bot.engine.looking`)."""


class LocalQueue:
    """The port `Queue` without a broker."""

    def __init__(self) -> None:
        self._ids: asyncio.Queue[int] = asyncio.Queue()
        self._at_work: set[int] = set()
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()

    def enqueue(self, queue: str, run_id: int) -> None:
        """Hand over a run; one that is being worked on here is not taken twice."""
        del queue  # there is only this process
        if run_id not in self._at_work and not self._closing:
            self._ids.put_nowait(run_id)

    async def serve(self, queues: tuple[str, ...], work: Callable[[int], Awaitable[None]]) -> None:
        """Work until cancelled."""
        del queues
        async with asyncio.TaskGroup() as crew:
            for _ in range(RUNS_AT_ONCE):
                crew.create_task(self._work(work))

    async def drain(self) -> None:
        """Take on nothing more, and return when what is being worked on is done."""
        self._closing = True
        await self._idle.wait()

    async def _work(self, work: Callable[[int], Awaitable[None]]) -> None:
        while True:
            run_id = await self._ids.get()
            if run_id in self._at_work or self._closing:
                continue
            self._at_work.add(run_id)
            self._idle.clear()
            try:
                await work(run_id)
            except LedgerAway:
                # The store has said so. The sweep brings the run back when there is a ledger to sweep.
                log.info("a run waits for the ledger", extra={"run": run_id})
            except Exception:
                # The run keeps its lease and the sweep brings it back; the crew must not shrink.
                log.exception("a run broke off", extra={"run": run_id})
            finally:
                self._at_work.discard(run_id)
                if not self._at_work:
                    self._idle.set()
