"""Socket Mode: tickets, up to ten websockets per app, each envelope to one of them in turn."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.clock import Clock
from sandbox.json_types import Json, parse
from sandbox.times import Times

MOST = 10
"""Connections per app (docs.slack.dev/apis/events-api/using-socket-mode)."""
LIFETIME = 18_060
"""Seconds that `hello` promises."""
GRACE = 1.0
"""Seconds from a `disconnect` (other than a warning) to the close."""
HEARTBEAT = 30.0
"""Seconds between our pings."""


@dataclass(eq=False)
class Connection:
    """A leaving one gets no more envelopes, but its acknowledgements still count."""

    id: str
    since: float
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    leaving: bool = False


class Connections:
    """`on_ack` gets the envelope id and the payload, whichever connection it came on. `enabled`: whether the manifest
    has Socket Mode switched on."""

    timeout_reason = "timeout"

    def __init__(
        self,
        *,
        app_id: str,
        clock: Clock,
        times: Callable[[], Times],
        on_ack: Callable[[str, Json | None], None],
        on_change: Callable[[], None],
        enabled: bool = True,
    ) -> None:
        self._app_id = app_id
        self._clock = clock
        self._times = times
        self._on_ack = on_ack
        self._on_change = on_change
        self._enabled = enabled
        self._tickets: dict[str, float] = {}
        self._open: list[Connection] = []
        self._turn = 0
        self._count = 0
        self._closing: set[asyncio.Task[None]] = set()
        self.refuse_ticket: Callable[[], bool] = lambda: False

    @property
    def online(self) -> bool:
        return any(not connection.leaving for connection in self._open)

    def listing(self) -> list[Json]:
        return [{"id": one.id, "since": one.since} for one in self._open if not one.leaving]

    def ticket(self) -> str:
        """For one websocket, once, soon."""
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = self._clock.now()
        return ticket

    def _admit(self, ticket: str) -> bool:
        made = self._tickets.pop(ticket, None)
        return made is not None and self._clock.now() - made <= self._times().ticket and not self.refuse_ticket()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One websocket, from the handshake to its end."""
        if not self._admit(request.query.get("ticket", "")):
            return web.json_response({"ok": False, "error": "This ticket is not good, or not any more."}, status=404)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=1 << 20)
        await socket.prepare(request)
        if not self._enabled:
            await socket.send_json(self._farewell("link_disabled"))
            await socket.close()
            return socket
        if len(self.listing()) >= MOST:
            await socket.send_json(self._farewell("too_many_websockets") | {"num_connections": len(self.listing())})
            await socket.close()
            return socket
        self._count += 1
        connection = Connection(f"N{self._count}", self._clock.now(), socket, request.transport)
        self._open.append(connection)
        self._on_change()
        try:
            await socket.send_json(self._hello())
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._heard(frame.data)
        except ConnectionError:
            pass  # the other side is gone, as a killed process is
        finally:
            self._open.remove(connection)
            self._on_change()
        return socket

    def _heard(self, text: str) -> None:
        try:
            told = parse(text)
        except ValueError:
            return
        if isinstance(told, dict) and isinstance(told.get("envelope_id"), str):
            payload = told.get("payload")
            self._on_ack(told["envelope_id"], payload if isinstance(payload, dict) and payload else None)

    async def send(self, envelope: Json) -> bool:
        """To the next connection in turn; the one after it if that one is just going. False if there is none."""
        for _ in range(len(self._open)):
            ready = [connection for connection in self._open if not connection.leaving]
            if not ready:
                return False
            self._turn += 1
            try:
                await ready[self._turn % len(ready)].socket.send_json(envelope)
            except (ConnectionError, RuntimeError):
                continue
            return True
        return False

    async def disconnect(self, reason: str, only: str | None = None) -> int:
        """Tell connections to go, and close them soon after; `abort` drops them without a word. How many."""
        going = [one for one in self._open if not one.leaving and only in (None, one.id)]
        for connection in going:
            if reason != "warning":
                connection.leaving = True
            wait = self._times().warning if reason == "warning" else GRACE
            task = asyncio.create_task(self._bye(connection, reason, wait))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        if going:
            self._on_change()
        return len(going)

    async def _bye(self, connection: Connection, reason: str, wait: float) -> None:
        try:
            if reason == "abort":
                if connection.transport is not None:
                    connection.transport.abort()
                return
            await connection.socket.send_json(self._farewell(reason))
            await asyncio.sleep(wait)
            connection.leaving = True
            await connection.socket.close(code=WSCloseCode.GOING_AWAY)
        except (ConnectionError, RuntimeError):
            return

    async def close(self) -> None:
        for task in list(self._closing):
            task.cancel()
        for connection in list(self._open):
            await connection.socket.close(code=WSCloseCode.GOING_AWAY)

    def _hello(self) -> Json:
        started = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        return {
            "type": "hello",
            "num_connections": len(self.listing()),
            "debug_info": {
                "host": "applink-local",
                "started": started,
                "build_number": 1,
                "approximate_connection_time": LIFETIME,
            },
            "connection_info": {"app_id": self._app_id},
        }

    def _farewell(self, reason: str) -> Json:
        return {
            "type": "disconnect",
            "reason": reason,
            "debug_info": {"host": "applink-local"},
            "connection_info": {"app_id": self._app_id},
        }
