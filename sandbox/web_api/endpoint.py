"""POST or GET /api/{method}: reads the arguments, asks who calls, and answers as Slack does."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.faults import Fault
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.web_api import (
    channels,
    chat,
    conversations,
    files,
    identity,
    marks,
    scheduled,
    small,
    users,
    validating,
    views,
)
from sandbox.web_api.arguments import Arguments, read
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused

METHODS: Mapping[str, Method] = {
    **identity.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **users.METHODS,
    **views.METHODS,
    **validating.METHODS,
    **files.METHODS,
    **marks.METHODS,
    **scheduled.METHODS,
    **channels.METHODS,
    **small.METHODS,
}
HANG = 30.0
"""Seconds that the fault `timeout` holds a call, unless it says how many."""
SLOW = 2.0
"""Seconds that the fault `slow` takes, unless it says how many."""


class Endpoint:
    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        given: Json = {}
        fault = self._slack.faults.draw_call(name)
        try:
            given = await read(request)
            answer, status, retry_after = await self._answer(request, name, given, fault)
        except Refused as refusal:
            answer, status, retry_after = refusal.web(), 429 if refusal.retry_after else 200, refusal.retry_after
        except _Dropped:
            self._slack.traffic.note("in", name, status="dropped", body=given, answer=None)
            return dropped(request)
        if fault is not None and fault.kind == "not_json":
            self._slack.traffic.note("in", name, status=200, body=given, answer="not JSON")
            return web.Response(text="<html><body>upstream error</body></html>", content_type="text/html")
        self._slack.traffic.note("in", name, status=status, body=given, answer=answer)
        headers = {"x-slack-req-id": f"req-{id(request):x}"}
        if self._token(request, given) == self._slack.seed.bot_token:
            headers["x-oauth-scopes"] = ",".join(self._slack.seed.manifest.scopes)
        if retry_after:
            headers["Retry-After"] = str(retry_after)
        return web.json_response(answer, status=status, headers=headers)

    async def _answer(self, request: web.Request, name: str, given: Json, fault: Fault | None) -> tuple[Json, int, int]:
        if fault is not None:
            if fault.status == 429:
                return {"ok": False, "error": "ratelimited"}, 429, fault.retry_after
            if fault.status:
                code = "service_unavailable" if fault.status == 503 else "internal_error"
                return {"ok": False, "error": code}, fault.status, 0
            if fault.kind == "timeout":
                await asyncio.sleep(fault.seconds or HANG)
            if fault.kind in ("timeout", "drop_before_commit"):
                raise _Dropped
            if fault.kind == "not_json":
                return {}, 200, 0
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds or SLOW)
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        call = Call(self._slack, Arguments(given))
        self._authorise(self._token(request, given), method, call)
        if method.tier and (wait := self._slack.rates.call(name, method.tier)):
            raise Refused("ratelimited", retry_after=wait)
        answer = {"ok": True, **await method.answer(call)}
        if fault is not None and fault.kind == "drop_after_commit":
            raise _Dropped
        return answer, 200, 0

    def _token(self, request: web.Request, given: Mapping[str, Any]) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "Bearer" and token:
            return token
        return str(given.get("token") or "")

    def _authorise(self, token: str, method: Method, call: Call) -> None:
        if not method.token:
            return
        if not token:
            raise Refused("not_authed")
        owners = {self._slack.seed.bot_token: "bot", self._slack.seed.app_token: "app"}
        owner = owners.get(token)
        if owner is None:
            raise Refused("invalid_auth")
        if self._slack.token_problem:
            raise Refused(self._slack.token_problem)
        if owner != method.token:
            raise Refused("not_allowed_token_type")
        if method.scopes:
            call.need_scope(*method.scopes)


class _Dropped(Exception):
    """The caller gets no answer."""


def dropped(request: web.Request) -> web.Response:
    """Close the connection without a word. What is returned is written to a closed connection, so nobody reads it."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()
