"""The admin listener: is this process alive, does it hear and speak, and how is it doing? Loopback by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Readiness:
    """What must work, and whether it does; `also` is said beside it and decides nothing."""

    works: Mapping[str, bool]
    also: Mapping[str, str | float | None] = field(default_factory=dict)


Ready = Callable[[], Awaitable[Readiness]]
Metrics = Callable[[], Awaitable[bytes]]


class AdminListener:
    """`/healthz` answers while the event loop turns; `/readyz` only while everything that is needed works."""

    def __init__(self, listen: tuple[str, int], ready: Ready, metrics: Metrics | None = None) -> None:
        self._metrics = metrics
        self._listen = listen
        self._ready = ready
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken.
        """
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics_page)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._listen).start()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        found = await self._ready()
        ready = all(found.works.values())
        return web.json_response({"ok": ready, **found.works, **found.also}, status=200 if ready else 503)

    async def _metrics_page(self, _request: web.Request) -> web.Response:
        if self._metrics is None:
            raise web.HTTPNotFound
        return web.Response(body=await self._metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
