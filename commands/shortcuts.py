"""Entries of Slack's own menus: on a message, where slash commands do not work, and everywhere."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incidents import Refused
from bot.engine.desk import Asked, Desk
from bot.slack.ids import Opens, Shortcut
from commands.dialogs import show
from commands.manners import Answer, Crew

QUOTED = 500
"""Characters of a message that the log begins with."""


def register(app: AsyncApp, desk: Desk, crew: Crew) -> None:
    """Hear every entry that the manifest lists."""
    for shortcut, do in MESSAGE.items():
        app.message_shortcut(shortcut.value)(_on_message(desk, crew, do))

    @app.global_shortcut(Shortcut.RUN.value)
    async def run(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        user = body["user"]["id"]
        answer = Answer(client, None, user=user, channel=None)
        crew.follow(lambda: show(desk, client, body["trigger_id"], Opens.CHOOSE, value="", channel=user), answer)


def _on_message(desk: Desk, crew: Crew, do: Do) -> Callable[..., Awaitable[None]]:
    async def chosen(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        answer = Answer(client, None, user=body["user"]["id"], channel=body["channel"]["id"])
        crew.follow(lambda: do(desk, body, client), answer)

    return chosen


Do = Callable[[Desk, dict[str, Any], AsyncWebClient], Awaitable[None]]


async def _acknowledge(desk: Desk, body: dict[str, Any], _client: AsyncWebClient) -> None:
    number = await _incident(desk, body)
    asked = Asked(by=body["user"]["id"], via="shortcut", key=f"shortcut:{body['trigger_id']}"[:200])
    await desk.acknowledge(f"#{number}", asked)


async def _escalate(desk: Desk, body: dict[str, Any], client: AsyncWebClient) -> None:
    number = await _incident(desk, body)
    await show(desk, client, body["trigger_id"], Opens.ESCALATE, value=str(number), channel=body["channel"]["id"])


async def _log(desk: Desk, body: dict[str, Any], client: AsyncWebClient) -> None:
    channel, message = body["channel"]["id"], body.get("message") or {}
    number = await desk.incident_at(channel, *_places(message))
    said = " ".join(str(message.get("text") or "").split())[:QUOTED]
    link: Any = await client.chat_getPermalink(channel=channel, message_ts=str(message.get("ts")))
    value = json.dumps({"incident": number, "link": link.get("permalink"), "text": said})
    await show(desk, client, body["trigger_id"], Opens.LOG, value=value, channel=channel)


async def _incident(desk: Desk, body: dict[str, Any]) -> int:
    """The incident whose message, or whose thread, that is.

    Raises:
        Refused: it is neither.
    """
    number = await desk.incident_at(body["channel"]["id"], *_places(body.get("message") or {}))
    if number is None:
        raise Refused("That message is not about an incident of Rounds. `/rounds status` lists what is open.")
    return number


def _places(message: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(message[name]) for name in ("ts", "thread_ts") if message.get(name))


MESSAGE: Mapping[Shortcut, Do] = {
    Shortcut.ACKNOWLEDGE: _acknowledge,
    Shortcut.ESCALATE: _escalate,
    Shortcut.LOG: _log,
}
