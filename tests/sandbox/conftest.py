"""A sandbox of each test's own, in this process, with a real client and a real Bolt app against it."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from sandbox.clock import Clock
from sandbox.local_slack import LocalSlack
from sandbox.seed import Seed, read
from sandbox.server import Server
from tests.sandbox.town import Connect, Start, Town, until


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack_sdk reads these and ignores NO_PROXY, even for loopback."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a sandbox from a seed; `wall` is its clock."""
    servers: list[Server] = []
    async with aiohttp.ClientSession() as http:

        async def begin(wall: Callable[[], float] = time.time, **seed: Any) -> Town:
            slack = LocalSlack(read(seed) if seed else Seed(), token="secret", clock=Clock(wall))
            server = Server(slack)
            servers.append(server)
            return Town(slack, await server.start(), http)

        yield begin
        for server in servers:
            await server.stop()


@pytest.fixture
async def town(start: Start) -> Town:
    return await start()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect a Bolt app to a sandbox over Socket Mode."""
    handlers: list[AsyncSocketModeHandler] = []

    async def begin(town: Town, app: AsyncApp) -> AsyncSocketModeHandler:
        before = len(town.slack.connections.listing())
        handler = AsyncSocketModeHandler(app, town.slack.seed.app_token)
        handlers.append(handler)
        await handler.connect_async()
        await until(lambda: len(town.slack.connections.listing()) > before)
        return handler

    yield begin
    for handler in handlers:
        await handler.close_async()


@pytest.fixture
def bot(town: Town) -> AsyncApp:
    return AsyncApp(client=town.client())
