"""Serves the page: index.html with the token of this start in it, and its parts."""

import mimetypes
from html import escape
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from sandbox.local_slack import LocalSlack

HERE = Path(__file__).parent / "page"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PLACEHOLDER = "{{token}}"


class Page:
    def __init__(self, slack: LocalSlack, folder: Path = HERE) -> None:
        self._slack = slack
        self._folder = folder

    async def index(self, _: web.Request) -> web.Response:
        try:
            html = (self._folder / "index.html").read_text(encoding="utf-8")
        except OSError:
            return web.json_response({"ok": False, "error": "This sandbox has no page."}, status=404, headers=HEADERS)
        html = html.replace(PLACEHOLDER, escape(self._slack.token, quote=True))
        return web.Response(text=html, content_type="text/html", headers=HEADERS)

    async def part(self, request: web.Request) -> web.StreamResponse:
        wanted = self._folder / request.match_info["path"]
        # Resolved first: neither `..` nor a link leads out of the folder.
        try:
            path = wanted.resolve()
            found = path.is_relative_to(self._folder.resolve()) and path.is_file()
        except (OSError, ValueError):
            found = False
        if not found:
            return web.json_response({"ok": False, "error": "There is no such part."}, status=404, headers=HEADERS)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return web.Response(body=path.read_bytes(), headers=HEADERS | {"Content-Type": kind})

    async def permalink(self, request: web.Request) -> web.Response:
        """A link from chat.getPermalink leads to its thread on the page."""
        digits = request.match_info["p"]
        thread = request.query.get("thread_ts", f"{digits[:-6]}.{digits[-6:]}")
        where = f"/#{request.match_info['channel']}/{quote(thread)}"
        return web.Response(status=302, headers={"Location": where})
