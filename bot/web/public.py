"""The public listener: what may come from anywhere, each behind its token. Off unless it is asked for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.domain.pings import kind_of
from bot.engine.pings import TEXT, Pings, TooMany

log = logging.getLogger(__name__)

MOST_BYTES = 1 << 20
"""Of a request's body; Slack's largest are far smaller."""

STOP_S = 3.0
"""How long a stop waits for requests that are being answered."""

Listen = tuple[str, int]
Answer = Callable[[web.Request], Awaitable[web.Response]]


class PublicListener:
    """`/ping/TOKEN`, with `/start`, `/fail` or an exit code behind it; and Slack, where it comes by HTTP.

    Args:
        pings: who takes them; `None` where no secret is set.
        slack: who answers Slack, and at which path; `None` in Socket Mode.
    """

    def __init__(self, listen: Listen, pings: Pings | None, slack: tuple[str, Answer] | None = None) -> None:
        self._listen = listen
        self._pings = pings
        self._runner: web.AppRunner | None = None
        self.app = web.Application(client_max_size=MOST_BYTES)
        for path in ("/ping/{token}", "/ping/{token}/{word}"):
            self.app.router.add_route("*", path, self._ping)
        if slack is not None:
            self.app.router.add_post(*slack)

    async def start(self) -> tuple[str, int]:
        """Listen; returns where.

        Raises:
            OSError: the address is taken.
        """
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=STOP_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._listen).start()
        host, port = self._runner.addresses[0][:2]
        log.info("listening for the public", extra={"listen": f"{host}:{port}"})
        return host, port

    async def _ping(self, request: web.Request) -> web.Response:
        kind = kind_of(request.match_info.get("word", ""))
        if self._pings is None or kind is None or request.method not in ("GET", "HEAD", "POST"):
            return web.Response(status=404, text="not found\n")
        text = await _said(request) if request.method == "POST" else ""
        try:
            known = await self._pings.heard(request.match_info["token"], kind, text)
        except TooMany:
            return web.Response(status=429, text="too many pings\n", headers={"Retry-After": "60"})
        return web.Response(text="ok\n") if known else web.Response(status=404, text="not found\n")

    async def stop(self) -> None:
        """Listen no more; requests that are on their way get their answer."""
        if self._runner is not None:
            await self._runner.cleanup()


async def _said(request: web.Request) -> str:
    """The beginning of the body. A job that says too much has reported all the same."""
    said = b""
    async for piece in request.content.iter_any():
        said += piece
        if len(said) >= 4 * TEXT:
            break
    return said[: 4 * TEXT].decode(errors="replace")
