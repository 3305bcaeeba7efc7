"""POST /upload/v1/{id} takes the bytes of a file; GET /files-pri/… gives them back."""

import asyncio

from aiohttp import web

from sandbox.files import IMAGES, LARGEST
from sandbox.local_slack import LocalSlack
from sandbox.web_api.endpoint import SLOW, dropped

STRICT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
SIGN_IN = "<!doctype html><title>Sign in</title><p>Sign in to this workspace to see the file."
"""Slack answers 200 and a page like this, so that a bot that looks at the status alone keeps it for the file."""


class FileTransfer:
    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The address is the permission: no token. The body is the file itself, or a form with it."""
        fault = self._slack.faults.draw_call("upload")
        if fault is not None:
            if fault.status:
                return web.Response(text="failed", status=fault.status)
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds or SLOW)
            if fault.kind in ("timeout", "drop_before_commit"):
                await asyncio.sleep(fault.seconds)
                return dropped(request)
        file = self._slack.files.all.get(request.match_info["id"])
        if file is None or file.content is not None:
            return web.Response(text="This upload address is not good, or not any more.", status=404)
        content = await received(request)
        if content is None:
            return web.Response(text=f"A file has 1 to {LARGEST} bytes here.", status=413)
        file.content = content
        self._slack.traffic.note("in", "upload", status=200, body=f"{len(content)} bytes", answer=file.id)
        if fault is not None and fault.kind == "drop_after_commit":
            return dropped(request)
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """Pictures in place; everything else only to save, so that no upload runs in the page's name.

        A person's browser is let in; the bot needs its token and files:read, and gets a page to sign in without them.
        """
        if not self._let_in(request):
            return web.Response(text=SIGN_IN, content_type="text/html", headers=STRICT)
        file = self._slack.files.all.get(request.match_info["id"])
        if file is None or file.content is None:
            return web.json_response({"ok": False, "error": "There is no such file."}, status=404)
        picture = file.mimetype in IMAGES
        return web.Response(
            body=file.content,
            headers={
                "Content-Type": file.mimetype if picture else "application/octet-stream",
                "Content-Disposition": "inline" if picture else "attachment",
                **STRICT,
            },
        )

    def _let_in(self, request: web.Request) -> bool:
        if request.headers.get("Sec-Fetch-Site") in ("same-origin", "none"):
            return True
        seed = self._slack.seed
        bearer = request.headers.get("Authorization", "") == f"Bearer {seed.bot_token}"
        return bearer and not self._slack.token_problem and "files:read" in seed.manifest.scopes


async def received(request: web.Request) -> bytes | None:
    """The bytes of a file: the body itself, or the file of a form. None if there are none or too many."""
    if request.content_type == "multipart/form-data":
        form = await request.post()
        for part in form.values():
            if isinstance(part, web.FileField):
                return part.file.read(LARGEST) or None
        return None
    found = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        found += chunk
        if len(found) > LARGEST:
            return None
    return bytes(found) or None
