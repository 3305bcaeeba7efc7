"""The admin listener: is this process alive, and does it hear and speak? Loopback by default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

Ready = Callable[[], Awaitable[Mapping[str, bool]]]


class AdminListener:
    """`/healthz` answers while the event loop turns; `/readyz` only while everything that is needed works."""

    def __init__(self, listen: tuple[str, int], ready: Ready) -> None:
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
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._listen).start()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        parts = await self._ready()
        ready = all(parts.values())
        return web.json_response({"ok": ready, **parts}, status=200 if ready else 503)

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
