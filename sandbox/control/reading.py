"""GET /_control/…: the state, what changes, the traffic."""

import asyncio
import json

from aiohttp import web

from sandbox.interactions.parts import Impossible
from sandbox.local_slack import LocalSlack

KEEP_ALIVE = 15.0
"""Seconds between comments on a quiet stream of events."""


class Reading:
    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_control/state", self.state),
            web.get("/_control/events", self.events),
            web.get("/_control/log", self.log),
            web.get("/_control/connections", self.connections),
        ]

    async def state(self, _: web.Request) -> web.Response:
        return web.json_response(self._slack.state())

    async def log(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise Impossible("after must be a number.")
        return web.json_response({"entries": self._slack.traffic.after(int(after[:18]))})

    async def connections(self, _: web.Request) -> web.Response:
        return web.json_response({"connections": self._slack.connections.listing()})

    async def events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        with self._slack.feed.listen() as queue:
            try:
                await stream.prepare(request)
                await stream.write(b": hello\n\n")
                while True:
                    try:
                        event = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                    except TimeoutError:
                        await stream.write(b": still here\n\n")
                        continue
                    if event is None:
                        break
                    await stream.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            except ConnectionError:
                pass  # the listener has gone
        return stream
