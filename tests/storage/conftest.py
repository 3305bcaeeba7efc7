"""A ledger on each sort of database, with a clock that the test moves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.opening import open_store
from storage.store import Store
from tests.story import SimulatedClock


class Ledger:
    """A store that can be closed and opened again, as a restart does."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = SimulatedClock()
        self.store = self._opened()

    def _opened(self) -> Store:
        return open_store(self.url, now=self.clock.now, synchronous="OFF", database_time=False)

    @property
    def now(self):
        """The ledger's time."""
        return self.clock.at

    def passes(self, **given):
        """Time passes."""
        self.clock.at += timedelta(**given)

    async def write(self, work):
        """One transaction."""
        return await self.store.write(work)

    async def read(self, work):
        """A look at what is stored."""
        return await self.store.read(work)

    async def roll_up(self):
        """Roll up what is due, as the engine does."""
        if await self.read(lambda tx: tx.rollups.too_early()):
            await self.write(lambda tx: tx.rollups.forget_too_early())
        for span in await self.read(lambda tx: tx.rollups.wanted()):
            rows = await self.read(lambda tx, span=span: tx.rollups.of(*span))
            await self.write(lambda tx, rows=rows: tx.rollups.keep(rows))

    async def reopened(self):
        """As after a restart of the process."""
        await self.store.close()
        self.store = self._opened()


@pytest.fixture
async def ledger(database_url):
    """An empty ledger, on SQLite and on PostgreSQL."""
    ledger = Ledger(database_url)
    yield ledger
    await ledger.store.close()
