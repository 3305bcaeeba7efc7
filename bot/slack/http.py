"""Slack over HTTP, for workspaces that do not want Socket Mode: signed requests to the public listener.

Bolt verifies the signature and refuses what is older than five minutes, as Slack's guide "Verifying requests" asks.
"""

from __future__ import annotations

import logging

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

PATH = "/slack/events"
"""Events, commands and interactions; the app's manifest names it for each of them."""


class HttpTransport:
    """Answers Slack's requests. There is no connection to keep: Slack reaches us whenever it can."""

    name = "http"
    connected = True
    deaf_s = 0.0
    """Nobody can tell: Slack calls when it has something to say."""

    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def start(self) -> None:
        """The public listener hears; there is nothing to open."""

    async def answer(self, request: web.Request) -> web.Response:
        """One request of Slack's, or of somebody who says so."""
        try:
            asked = await to_bolt_request(request)
        except (ValueError, LookupError):  # what a stranger sends need not be text, or JSON; Slack's always is
            return web.Response(status=400, text="not understood\n")
        answer = await self._app.async_dispatch(asked)
        if answer.status == 401:
            log.warning("refused a request that Slack did not sign", extra={"from": request.remote})
        return await to_aiohttp_response(answer)

    async def stop(self) -> None:
        """The public listener stops by itself."""
