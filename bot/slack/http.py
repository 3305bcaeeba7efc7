"""Slack over HTTP, for workspaces that do not want Socket Mode: signed requests to the public listener.

As Slack's guide asks (docs.slack.dev/authentication/verifying-requests-from-slack): HMAC-SHA256 with the app's signing
secret over `v0:` timestamp `:` body, compared in constant time, and nothing that is older than five minutes. It is
verified here, over the bytes as they came and before anything is parsed: Bolt parses first, and falls over a timestamp
that is no number.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

WINDOW_S = 300
"""How old, or how far ahead of our clock, a signed request may be."""

SAY_AGAIN_S = 60.0
"""Strangers can come as often as they like; the log tells of them once in this time."""

_TIMESTAMP, _SIGNATURE = re.compile("[0-9]{1,12}"), re.compile("v0=[0-9a-f]{64}")


class HttpTransport:
    """Answers Slack's requests. There is no connection to keep: Slack reaches us whenever it can.

    Args:
        begun: begins what a command's payload asks for; what it does not know goes to Bolt.
    """

    name = "http"
    connected = True
    deaf_s = 0.0
    """Nobody can tell: Slack calls when it has something to say."""

    def __init__(
        self, app: AsyncApp, signing_secret: str, *, begun: Callable[[Mapping[str, Any]], bool] = lambda _: False
    ) -> None:
        self._app = app
        self._secret = signing_secret.encode()
        self._begun = begun
        self._heard_at: float | None = None
        self._refused = 0
        self._said_at: float | None = None

    async def start(self) -> None:
        """The public listener hears; there is nothing to open."""

    @property
    def heard_s_ago(self) -> float | None:
        """Since Slack last told us something; `None`: nothing yet."""
        return None if self._heard_at is None else time.monotonic() - self._heard_at

    async def answer(self, request: web.Request) -> web.Response:
        """One request of Slack's, or of somebody who says so.

        Raises:
            HTTPRequestEntityTooLarge: it is larger than Slack's are.
        """
        body = await request.read()
        if not signed(self._secret, request.headers, body, now=time.time()):
            self._refuse(request.remote)
            return web.Response(status=401, text="not signed\n")
        self._heard_at = time.monotonic()
        command = _command(request.content_type, body)
        if command is not None and self._begun(command):
            return web.Response(content_type="text/plain")
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))

    def _refuse(self, who: str | None) -> None:
        self._refused += 1
        if self._said_at is None or time.monotonic() - self._said_at >= SAY_AGAIN_S:
            said = "refused %d requests that Slack did not sign, or long ago; is SLACK_SIGNING_SECRET this app's?"
            log.warning(said, self._refused, extra={"last_from": who})
            self._refused, self._said_at = 0, time.monotonic()

    async def stop(self) -> None:
        """The public listener stops by itself."""


def _command(content_type: str, body: bytes) -> Mapping[str, str] | None:
    """The payload of a slash command; `None` for anything else, such as Slack's question whether our TLS is good."""
    if content_type != "application/x-www-form-urlencoded" or b"command=" not in body:
        return None
    form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return form if "command" in form and "ssl_check" not in form else None


def signed(secret: bytes, headers: Mapping[str, str], body: bytes, *, now: float) -> bool:
    """Whether Slack signed this, within the last five minutes. Never raises.

    Args:
        now: seconds since 1970.
    """
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    given = headers.get("X-Slack-Signature", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(given) or abs(now - int(timestamp)) > WINDOW_S:
        return False
    ours = hmac.new(secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={ours}", given)
