"""A Slack that does nothing but remember what it heard, or refuse it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

DIRECT = "D0ANN"
"""Where Ann and Rounds talk alone."""


@dataclass
class Slack:
    """What Slack heard. `dead` says how a response_url behaves: not at all, `404`, `500`, or `hang up`; `closed` is
    why no channel takes an ephemeral message; `no_files` names a channel that takes no file; with `no_blocks`
    it is too old for what a card is made of; `late` is what it says of a trigger that came too late; `gone`: a dialog
    is closed before it is filled; `stumbles` is how often it hangs up on a method."""

    base: str = ""
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    dead: str = ""
    refuses: bool = False
    closed: str = ""
    no_files: str = ""
    no_blocks: bool = False
    late: str = ""
    gone: bool = False
    stumbles: Counter[str] = field(default_factory=Counter)
    files: list[tuple[str, str]] = field(default_factory=list)
    """The channel and the content of every file."""
    uploaded: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def answers(self, way: str | None = None) -> list[str]:
        """The texts of all answers, or of those that went one way."""
        return [body["text"] for name, body in self.heard if way in (None, name) and "text" in body]

    @property
    def response_url(self) -> str:
        return f"{self.base}response"

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "auth.test":
            return web.json_response(
                {"ok": True, "user_id": "UBOT", "bot_id": "BBOT", "team_id": "T1", "user": "rounds"}
            )
        if method in ("files.getUploadURLExternal", "files.completeUploadExternal", "conversations.open"):
            return web.json_response(self._file(method, {**request.query, **await request.post()}))
        body = await request.json() if request.content_type == "application/json" else dict(await request.post())
        if isinstance(body.get("blocks"), str):
            body["blocks"] = json.loads(body["blocks"])
        if self.no_blocks and body.get("blocks"):
            return web.json_response({"ok": False, "error": "invalid_blocks"})
        if self.stumbles[method]:
            self.stumbles[method] -= 1
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if self.closed and method == "chat.postEphemeral":
            return web.json_response({"ok": False, "error": self.closed})
        self._hears(method, body)
        if method == "views.update" and self.gone:
            return web.json_response({"ok": False, "error": "not_found"})
        if method == "views.open" and self.late:
            return web.json_response({"ok": False, "error": self.late})
        if method == "views.open":
            return web.json_response({"ok": True, "view": {"id": "V1"}})
        if method == "chat.getPermalink":
            return web.json_response({"ok": True, "permalink": "https://town.example/archives/C0OPS/p1"})
        return web.json_response({"ok": False, "error": "fatal_error"} if self.refuses else {"ok": True, "ts": "1.2"})

    def _hears(self, way: str, body: dict[str, Any]) -> None:
        self.heard.append((way, body))
        self.news.set()

    async def has_heard(self, count: int) -> None:
        """Wait until it has heard so much."""
        async with asyncio.timeout(60):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()

    def _file(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        if method == "conversations.open":
            return {"ok": True, "channel": {"id": DIRECT}}
        if method == "files.getUploadURLExternal":
            return {"ok": True, "upload_url": f"{self.base}upload", "file_id": "F1"}
        if given["channel_id"] == self.no_files:
            return {"ok": False, "error": "not_in_channel"}
        self.files.append((given["channel_id"], self.uploaded))
        return {"ok": True, "files": [{"id": "F1"}]}

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploaded = (await request.read()).decode()
        return web.Response(text="OK")

    async def _respond(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.dead == "hang up":
            assert request.transport is not None
            request.transport.close()
        elif self.dead or self.no_blocks:
            return web.Response(status=int(self.dead or 400), text="expired_url")
        else:
            self._hears("response_url", body)
        return web.Response(text="ok")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Slack]:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response", self._respond)
        app.router.add_post("/upload", self._upload)
        async with TestServer(app) as server:
            self.base = str(server.make_url("/"))
            yield self
