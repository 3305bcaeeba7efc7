"""Socket Mode that comes back: a watchdog over the SDK's connection.

The SDK tries a refused ticket for ever (it fetches a new address only if it has none), so a connection that has been
away for a while has its address taken away.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

LOOK_S = 2.0
PAUSE_S = 5.0
"""How often the SDK asks whether Slack is still there, and how long it waits before it tries again."""

FRESH_TICKET_AFTER_S = 2.0
"""Tickets are single-use: after this long away, the one in hand is dead. With two looks it is less than the SDK's
pause, so that its very next attempt has a good one."""


class Socket:
    """One connection to Slack, watched."""

    name = "socket"

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        self._handler: Any = AsyncSocketModeHandler(app, app_token, ping_interval=PAUSE_S)
        self._watching: asyncio.Task[None] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self.away_since: float | None = time.monotonic()

    @property
    def _client(self) -> Any:
        return self._handler.client

    async def start(self) -> None:
        """Begin to connect; does not wait, because Slack may be away when we start."""
        self._connecting = asyncio.create_task(self._connect())
        self._watching = asyncio.create_task(self._watch())

    async def _connect(self) -> None:
        while True:
            try:
                await self._handler.connect_async()
            except Exception as error:  # noqa: BLE001 - whatever it is, without a connection nobody hears us
                log.warning("cannot connect to Slack: %s; trying again", error)
                await asyncio.sleep(LOOK_S)
            else:
                return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if await self._client.is_connected():
                if self.away_since is not None:
                    log.info("connected to Slack")
                self.away_since = None
                continue
            now = time.monotonic()
            self.away_since = self.away_since if self.away_since is not None else now
            if now - self.away_since > FRESH_TICKET_AFTER_S:
                self._client.wss_uri = None

    @property
    def connected(self) -> bool:
        """Whether Slack can reach us, as of the last look."""
        return self.away_since is None

    @property
    def deaf_s(self) -> float:
        """For how long Slack has not been able to reach us, in seconds."""
        return time.monotonic() - self.away_since if self.away_since is not None else 0.0

    async def stop(self) -> None:
        """Take no more from Slack."""
        for task in (self._watching, self._connecting):
            if task is not None:
                task.cancel()
        await self._handler.close_async()
