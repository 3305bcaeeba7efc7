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
from commands.payload import inside, once, slack_id, slack_ts

QUOTED = 500
"""Characters of a message that the log begins with."""


def register(app: AsyncApp, desk: Desk, crew: Crew) -> None:
    """Hear every entry that the manifest lists."""
    for shortcut, do in MESSAGE.items():
        app.message_shortcut(shortcut.value)(_on_message(desk, crew, do))

    @app.global_shortcut(Shortcut.RUN.value)
    async def run(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        user = slack_id(inside(body, "user", "id"))
        if user is not None:
            trigger, answer = _trigger(body), Answer(client, None, user=user, channel=None)
            crew.follow(lambda: show(desk, client, trigger, Opens.CHOOSE, user=user, value="", channel=user), answer)


def _on_message(desk: Desk, crew: Crew, do: Do) -> Callable[..., Awaitable[None]]:
    async def chosen(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        user, channel = slack_id(inside(body, "user", "id")), slack_id(inside(body, "channel", "id"))
        if user is not None and channel is not None:
            answer = Answer(client, None, user=user, channel=channel)
            crew.follow(lambda: do(desk, body, client), answer)

    return chosen


Do = Callable[[Desk, dict[str, Any], AsyncWebClient], Awaitable[None]]


async def _acknowledge(desk: Desk, body: dict[str, Any], _client: AsyncWebClient) -> None:
    number = await _incident(desk, body)
    asked = Asked(by=body["user"]["id"], via="shortcut", key=once("shortcut", body.get("trigger_id")))
    await desk.acknowledge(f"#{number}", asked)


async def _escalate(desk: Desk, body: dict[str, Any], client: AsyncWebClient) -> None:
    number = await _incident(desk, body)
    user, channel = body["user"]["id"], body["channel"]["id"]
    await show(desk, client, _trigger(body), Opens.ESCALATE, user=user, value=str(number), channel=channel)


async def _log(desk: Desk, body: dict[str, Any], client: AsyncWebClient) -> None:
    channel, message = body["channel"]["id"], _message(body)
    number = await desk.incident_at(channel, *_places(message))
    said = " ".join(desk.heard(str(message.get("text") or "")).split())[:QUOTED]
    link: Any = await client.chat_getPermalink(channel=channel, message_ts=str(message.get("ts")))
    value = json.dumps({"incident": number, "link": link.get("permalink"), "text": said})
    await show(desk, client, _trigger(body), Opens.LOG, user=body["user"]["id"], value=value, channel=channel)


async def _incident(desk: Desk, body: dict[str, Any]) -> int:
    """The incident whose message, or whose thread, that is.

    Raises:
        Refused: it is neither.
    """
    number = await desk.incident_at(body["channel"]["id"], *_places(_message(body)))
    if number is None:
        raise Refused("That message is not about an incident of Rounds. `/rounds status` lists what is open.")
    return number


def _trigger(body: Mapping[str, Any]) -> str:
    return str(body.get("trigger_id") or "")


def _message(body: Mapping[str, Any]) -> Mapping[str, Any]:
    message = body.get("message")
    return message if isinstance(message, Mapping) else {}


def _places(message: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(ts for name in ("ts", "thread_ts") if (ts := slack_ts(message.get(name))) is not None)


MESSAGE: Mapping[Shortcut, Do] = {
    Shortcut.ACKNOWLEDGE: _acknowledge,
    Shortcut.ESCALATE: _escalate,
    Shortcut.LOG: _log,
}
