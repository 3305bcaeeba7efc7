"""The public listener: what may come from anywhere, each behind its token. Off unless it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.domain.ledger import LedgerAway
from bot.domain.pings import kind_of
from bot.engine.pings import TEXT, Pings, TooMany

log = logging.getLogger(__name__)

MOST_BYTES = 1 << 20
"""Of a request's body; Slack's largest are far smaller."""

MOST_CONNECTIONS = 256
"""At a time; the next ones are closed at once, so that strangers cannot take the files that checks need."""

IDLE_S = 15.0
"""How long a connection may keep us waiting for the next request, and for the first one."""

REQUEST_S = 10.0
"""How long one request may take from its headers to our answer."""

LINGER_S = 1.0
"""How long we read on where somebody sends more than was asked for."""

STOP_S = 0.5
"""How long a stop waits for requests that are being answered; and once more for those to end that were not."""

Listen = tuple[str, int]
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
        self._server: asyncio.Server | None = None
        self.app = web.Application(client_max_size=MOST_BYTES, middlewares=[_bounded])
        self.app.on_response_prepare.append(_namelessly)
        for path in ("/ping/{token}", "/ping/{token}/{word}"):
            self.app.router.add_route("*", path, self._ping)
        if slack is not None:
            self.app.router.add_post(*slack)

    async def start(self) -> tuple[str, int]:
        """Listen; returns where.

        Raises:
            OSError: the address is taken.
        """
        runner = web.AppRunner(
            self.app,
            access_log=None,
            shutdown_timeout=STOP_S,
            keepalive_timeout=IDLE_S,
            lingering_time=LINGER_S,
            auto_decompress=False,  # neither Slack nor a job compresses; a bomb would
        )
        await runner.setup()
        self._runner = runner
        self._server = await asyncio.get_running_loop().create_server(self._admitted, *self._listen)
        host, port = self._server.sockets[0].getsockname()[:2]
        log.info("listening for the public", extra={"listen": f"{host}:{port}"})
        return host, port

    def _admitted(self) -> asyncio.Protocol:
        server = self._runner.server if self._runner is not None else None
        if server is None or len(server.connections) >= MOST_CONNECTIONS:
            return _NoPlace()
        return server()

    async def _ping(self, request: web.Request) -> web.Response:
        kind = kind_of(request.match_info.get("word", ""))
        if self._pings is None or kind is None or request.method not in ("GET", "HEAD", "POST"):
            raise web.HTTPNotFound
        text = await _said(request) if request.method == "POST" else ""
        try:
            known = await self._pings.heard(request.match_info["token"], kind, text)
        except TooMany:
            return web.Response(status=429, text="too many pings\n", headers={"Retry-After": "60"})
        except LedgerAway:
            return web.Response(status=503, text="the storage is down, try again\n", headers={"Retry-After": "10"})
        if not known:
            raise web.HTTPNotFound
        return web.Response(text="ok\n")

    async def stop(self) -> None:
        """Listen no more; requests that are on their way get their answer."""
        if self._server is not None:
            self._server.close()
        if self._runner is not None:
            await self._runner.cleanup()


class _NoPlace(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


@web.middleware
async def _bounded(request: web.Request, handler: Answer) -> web.StreamResponse:
    """Every request ends, and strangers learn no more than a status."""
    try:
        async with asyncio.timeout(REQUEST_S):
            return await handler(request)
    except web.HTTPException as refusal:
        return web.Response(status=refusal.status, text=f"{refusal.reason.lower()}\n")
    except TimeoutError:
        late = web.Response(status=408, text="too slow\n")
        late.force_close()
        return late
    except ConnectionError:
        raise  # whoever asked is gone
    except Exception:
        log.exception("a request from outside could not be answered", extra={"method": request.method})
        return web.Response(status=500, text="not now\n")


async def _namelessly(_request: web.Request, response: web.StreamResponse) -> None:
    """Nobody outside needs to know which versions of what answer."""
    response.headers.pop("Server", None)


async def _said(request: web.Request) -> str:
    """The beginning of the body. A job that says too much has reported all the same."""
    said = b""
    async for piece in request.content.iter_any():
        said += piece
        if len(said) >= 4 * TEXT:
            break
    return said[: 4 * TEXT].decode(errors="replace")
