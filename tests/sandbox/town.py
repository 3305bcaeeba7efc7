"""A sandbox in this process, and ways to reach it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.local_slack import LocalSlack

Json = dict[str, Any]


async def until(condition: Callable[[], Any], *, seconds: float = 60.0) -> Any:
    """Wait for something to become true, and fail if it does not."""
    end = asyncio.get_running_loop().time() + seconds
    while not (value := condition()):
        if asyncio.get_running_loop().time() > end:
            raise AssertionError("waited in vain")
        await asyncio.sleep(0.005)
    return value


@dataclass
class Town:
    """The sandbox, and ways to reach it."""

    slack: LocalSlack
    url: str
    http: aiohttp.ClientSession

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    def client(self, token: str = "xoxb-sandbox", **more: Any) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=self.api, **more)

    async def control(self, what: str, **body: Any) -> Json:
        """A control call that must succeed. `as_` stands for `as`."""
        status, answer = await self.try_control(what, **body)
        assert status == 200, answer
        return answer

    async def try_control(self, what: str, **body: Any) -> tuple[int, Json]:
        body = {name.rstrip("_"): value for name, value in body.items()}
        headers = {"X-Sandbox-Token": self.slack.token}
        async with self.http.post(f"{self.url}/_control/{what}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, what: str) -> Json:
        async with self.http.get(f"{self.url}/_control/{what}") as answer:
            assert answer.status == 200
            return await answer.json()

    async def texts(self, channel: str) -> list[str]:
        found = next(one for one in (await self.get("state"))["channels"] if one["id"] == channel)
        return [message["text"] for message in found["messages"]]

    async def socket(self) -> aiohttp.ClientWebSocketResponse:
        """A bare websocket, for a bot that misbehaves."""
        opened = await self.client().apps_connections_open(app_token=self.slack.seed.app_token)
        return await self.http.ws_connect(opened["url"])

    def sent(self, what: str) -> list[Json]:
        """Log entries of one kind."""
        return [entry for entry in self.slack.traffic.after(0) if entry["what"] == what]


Start = Callable[..., Awaitable[Town]]
Connect = Callable[..., Awaitable[AsyncSocketModeHandler]]
