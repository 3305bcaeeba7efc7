"""Socket Mode that comes back: a watchdog over the SDK's connection, and a bound on what is worked on at once.

What the SDK (3.47) leaves to us: it tries a refused ticket for ever, because it fetches a new address only if it has
none; it connects anew at once and without end when Slack has no place for one more connection, and twice when Slack
says goodbye and hangs up; it starts every envelope at the moment it comes, three tasks behind whatever else there is to
do; and it closes without waiting for answers that are on their way.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

log = logging.getLogger(__name__)

LOOK_S = 2.0
PAUSE_S = 5.0
"""How often the SDK asks whether Slack is still there, and how long it waits before it tries again."""

FRESH_TICKET_AFTER_S = 2.0
"""Tickets are single-use: after this long away, the one in hand is dead. With two looks it is less than the SDK's
pause, so that its very next attempt has a good one."""

ANEW_AFTER_S = 120.0
"""Away for so long although Slack may be there: whatever the SDK is stuck in, it starts from nothing."""

AT_ONCE = 50
MOST = 1_000
"""Envelopes being worked on, and those with them that wait; more get no acknowledgement, and Slack repeats events."""

_COMMAND = '"slash_commands"'
"""In every envelope that may be one; only those are parsed before the SDK does."""

STOP_S = 0.5
"""How long a stop waits for acknowledgements that are on their way, and for Slack to answer our goodbye."""


class Socket:
    """One connection to Slack, watched.

    Args:
        begun: begins what a command's payload asks for; what it does not know goes to Bolt.
        look_s: how often the watchdog looks, in seconds.
        pause_s: see `PAUSE_S`.
        anew_after_s: see `ANEW_AFTER_S`.
    """

    name = "socket"

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        *,
        begun: Callable[[Mapping[str, Any]], bool] = lambda _: False,
        look_s: float = LOOK_S,
        pause_s: float = PAUSE_S,
        anew_after_s: float = ANEW_AFTER_S,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._begun = begun
        self._look_s, self._pause_s, self._anew_after_s = look_s, pause_s, anew_after_s
        self._tickets: deque[float] = deque(maxlen=len(_PAUSES_S))
        self._client: Any = None
        self._opened_at = 0.0
        self._watching: asyncio.Task[None] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._at_work: set[asyncio.Task[Any]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._heard_at: float | None = None
        self.away_since: float | None = time.monotonic()

    async def start(self) -> None:
        """Begin to connect; does not wait, because Slack may be away when we start."""
        self._open()
        self._watching = asyncio.create_task(self._watch())

    def _open(self) -> None:
        self._client = _Client(
            self._app_token,
            self._app.logger,
            self._app.client,
            ping_interval=self._pause_s,
            tickets=self._tickets,
            acknowledged=self._acknowledged,
        )
        self._client.socket_mode_request_listeners.append(self._hear)
        self._opened_at = time.monotonic()
        self._connecting = asyncio.create_task(self._connect(self._client))

    async def _connect(self, client: Any) -> None:
        while True:
            try:
                await client.connect()
            except Exception as error:  # noqa: BLE001 - whatever it is, without a connection nobody hears us
                log.warning("cannot connect to Slack: %s; trying again", error)
                await asyncio.sleep(self._look_s)
            else:
                return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            try:
                await self._look()
            except Exception:
                log.exception("could not look after the connection to Slack; the next look makes up for it")

    async def _look(self) -> None:
        now = time.monotonic()
        if await self._client.is_connected():
            if self.away_since is not None:
                log.info("connected to Slack")
            self.away_since = None
            return
        self.away_since = self.away_since if self.away_since is not None else now
        if now - self.away_since > FRESH_TICKET_AFTER_S:
            self._client.wss_uri = None
        if now - max(self.away_since, self._opened_at) > self._anew_after_s:
            log.warning("away from Slack for %.0f s; connecting from nothing", now - self.away_since)
            await self._close()
            self._open()

    async def _hear(self, _client: Any, request: SocketModeRequest) -> None:
        """One envelope. Without an acknowledgement Slack repeats an event, and tells a person that nobody answers."""
        self._heard_at = time.monotonic()
        if len(self._at_work) >= MOST:
            log.warning("more from Slack than can be worked on; left one without an answer")
            return
        task = asyncio.current_task()
        assert task is not None  # the SDK starts one for each envelope
        self._at_work.add(task)
        try:
            async with self._places:
                answer = await run_async_bolt_app(self._app, request)
            # Slack takes it on any connection; the one that the envelope came on may be gone.
            await send_async_response(self._client, request, answer, time.time())
        finally:
            self._at_work.discard(task)

    async def _acknowledged(self, message: str) -> bool:
        """Acknowledge a command as soon as it is read from the connection. False: it is none, or none that we know."""
        if _COMMAND not in message:
            return False
        try:
            envelope = json.loads(message)
        except (ValueError, RecursionError):
            return False
        payload = envelope.get("payload") if isinstance(envelope, dict) else None
        if not isinstance(payload, dict) or envelope.get("type") != "slash_commands":
            return False
        self._heard_at = time.monotonic()
        try:
            if not self._begun(payload):
                return False
        except Exception:
            log.exception("a command could not be begun")
            return True  # unacknowledged, so that Slack tells whoever asked
        answer = SocketModeResponse(envelope_id=str(envelope.get("envelope_id")))
        try:
            await self._client.current_session.send_str(json.dumps(answer.to_dict()))
        except ConnectionError:
            # Whoever reads from a connection must not wait for the next one, so another task does.
            later = asyncio.create_task(self._acknowledge_on_the_next(answer))
            self._at_work.add(later)
            later.add_done_callback(self._at_work.discard)
        return True

    async def _acknowledge_on_the_next(self, answer: SocketModeResponse) -> None:
        try:
            await self._client.send_socket_mode_response(answer)
        except Exception as error:  # noqa: BLE001 - Slack tells whoever asked; the answer itself goes another way
            log.warning("a command could not be acknowledged: %s", error)

    @property
    def connected(self) -> bool:
        """Whether Slack can reach us, as of the last look."""
        return self.away_since is None

    @property
    def deaf_s(self) -> float:
        """For how long Slack has not been able to reach us, in seconds."""
        return time.monotonic() - self.away_since if self.away_since is not None else 0.0

    @property
    def heard_s_ago(self) -> float | None:
        """Since Slack last told us something; `None`: nothing yet."""
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    async def stop(self) -> None:
        """Let acknowledgements that are on their way arrive, and take no more from Slack."""
        if self._watching is not None:
            self._watching.cancel()
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=STOP_S)
        if self._client is not None:
            await self._close()

    async def _close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        client = self._client
        client.closed, client.auto_reconnect_enabled = True, False
        # A dead connection does not answer our goodbye; what the SDK does after it must happen all the same.
        with suppress(TimeoutError):
            await asyncio.wait_for(client.disconnect(), STOP_S)
        client.current_session = None
        await client.close()


_PAUSES_S = (0.0, 0.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Before the next ticket, by how many were issued within the last minute. Slack lets apps have one or a few a minute
(apps.connections.open is of its lowest tier); whoever needs more is being sent away, and should not insist."""


class _Client(SocketModeClient):
    """The SDK's connection, which is made once for each reason and fetches its tickets with patience.

    Args:
        acknowledged: whether a message needs nothing more.
        tickets: when the last ones were issued.
    """

    def __init__(
        self,
        app_token: str,
        logger: logging.Logger,
        web_client: Any,
        *,
        ping_interval: float,
        tickets: deque[float],
        acknowledged: Callable[[str], Awaitable[bool]],
    ) -> None:
        super().__init__(app_token, logger, web_client, ping_interval=ping_interval)
        self._tickets = tickets
        self._acknowledged = acknowledged

    async def enqueue_message(self, message: str) -> None:
        if not await self._acknowledged(message):
            await super().enqueue_message(message)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Connect anew, unless that has happened since it was asked for.

        Slack says goodbye and hangs up; the SDK connects anew for each of the two, the second time in place of a
        connection that may have heard something already.
        """
        before = self.current_session
        async with self.connect_operation_lock:
            if self.current_session is before and (force or not await self.is_connected()):
                self.wss_uri = await self.issue_new_wss_url()
                await self.connect()  # type: ignore[no-untyped-call]

    async def issue_new_wss_url(self) -> str:
        now = time.monotonic()
        pause_s = _PAUSES_S[min(sum(now - at < 60 for at in self._tickets), len(_PAUSES_S) - 1)]
        if pause_s:
            log.warning("Slack sent us away several times; waiting %.0f s before the next connection", pause_s)
            await asyncio.sleep(pause_s)
        address = await super().issue_new_wss_url()
        self._tickets.append(time.monotonic())
        return address
