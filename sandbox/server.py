"""The HTTP server on loopback: routes, the guard, and no traceback for anybody."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.control import acting, steering
from sandbox.control.body import LARGEST
from sandbox.control.reading import Reading
from sandbox.control.uploading import Uploading
from sandbox.file_transfer import FileTransfer
from sandbox.guard import guard
from sandbox.interactions.answers import respond
from sandbox.interactions.parts import Impossible
from sandbox.json_types import parse
from sandbox.local_slack import LocalSlack
from sandbox.serve_page import Page
from sandbox.web_api.endpoint import Endpoint, dropped
from sandbox.web_api.refusal import Refused

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal is a sentence in JSON; what nobody foresaw is ours, logged and not told."""
    try:
        return await handler(request)
    except Impossible as impossible:
        return web.json_response({"ok": False, "error": str(impossible)}, status=impossible.status)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        sentence = f"{request.method} {request.path}: {refusal.reason}."
        return web.json_response({"ok": False, "error": sentence}, status=refusal.status)
    except ConnectionError:
        raise
    except Exception:
        log.exception("a request broke the sandbox", extra={"path": request.path})
        return web.json_response({"ok": False, "error": "internal_error"}, status=500)


def application(slack: LocalSlack) -> web.Application:
    app = web.Application(middlewares=[sentences, guard(slack)], client_max_size=LARGEST)
    endpoint, page, reading, transfer = Endpoint(slack), Page(slack), Reading(slack), FileTransfer(slack)
    app.add_routes(
        [
            web.get("/", page.index),
            web.get("/_page/{path:.+}", page.part),
            web.get(r"/archives/{channel:\w+}/p{p:\d{7,}}", page.permalink),
            web.get("/api/{method}", endpoint.handle),
            web.post("/api/{method}", endpoint.handle),
            web.get("/link/", slack.connections.serve),
            web.post("/response/{id}", _response(slack)),
            web.post("/upload/v1/{id}", transfer.upload),
            web.get("/files-pri/{team}-{id}/{name}", transfer.download),
            *reading.routes(),
            *Uploading(slack).routes(),
            *acting.routes(slack, acting.ACTS | steering.ACTS),
        ]
    )
    return app


def _response(slack: LocalSlack) -> Handler:
    """A response URL: a message without a token."""

    async def handle(request: web.Request) -> web.StreamResponse:
        fault = slack.faults.draw_call("response_url")
        if fault is not None and fault.status:
            return web.Response(status=fault.status, headers={"Retry-After": str(fault.retry_after)})
        if fault is not None and fault.kind == "drop_before_commit":
            return dropped(request)
        try:
            given = parse(await request.read())
        except ValueError:
            given = None
        answer, status = "ok", 200
        if not isinstance(given, dict):
            answer, status = "invalid_payload", 400
        elif (url := slack.response_urls.use(request.match_info["id"])) is None:
            answer, status = "used_url", 404
        else:
            try:
                respond(slack, url, given)
            except Refused as refusal:
                answer, status = refusal.code, 400
        slack.traffic.note("in", "response_url", status=status, body=given, answer=answer)
        if fault is not None and fault.kind == "drop_after_commit":
            return dropped(request)
        return web.Response(text=answer, status=status)

    return handle


class Server:
    """Listening on 127.0.0.1. Port 0 takes a free one."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Its address, http://127.0.0.1:PORT"""
        self._runner = web.AppRunner(application(self._slack), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        address = self._runner.addresses[0]
        self._slack.origin = f"http://127.0.0.1:{address[1]}"
        return self._slack.origin

    async def stop(self) -> None:
        await self._slack.close()
        if self._runner is not None:
            await self._runner.cleanup()
