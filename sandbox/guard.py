"""Keeps pages elsewhere out: our own Host, our own Origin, and the token of this start for what changes something."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.local_slack import LocalSlack

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN_HEADER = "X-Sandbox-Token"


def refusal(slack: LocalSlack, request: web.Request) -> str:
    """A sentence, or "" if the request may pass."""
    own = slack.origin.removeprefix("http://")
    hosts = {own, own.replace("127.0.0.1", "localhost")}
    if request.host not in hosts:
        return "This sandbox answers only to its own name."
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {f"http://{host}" for host in hosts}:
        return "This sandbox answers only its own page."
    if request.path.startswith("/_control/") and request.method not in ("GET", "HEAD"):
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), slack.token.encode()):
            return f"The token of this start is missing or wrong in {TOKEN_HEADER}."
    return ""


def guard(slack: LocalSlack) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if sentence := refusal(slack, request):
            return web.json_response({"ok": False, "error": sentence}, status=403)
        return await handler(request)

    return check
