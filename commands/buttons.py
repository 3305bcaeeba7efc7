"""Buttons: what people press. A card is never redrawn here; the courier does that from the stored state."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incidents import Refused
from bot.domain.notifications import IncidentView
from bot.engine.desk import Asked, Desk
from bot.slack.cards.evidence import evidence_card
from bot.slack.ids import EVIDENCE, Press
from commands.manners import Answer, Crew, politely

OLD_BUTTON = "That button is from an older version of Rounds; look at the newest message."

Pressed = Callable[[Desk, str, Asked, str], Awaitable[Any]]


def _item(value: str) -> tuple[int, str]:
    run, _, item = value.partition(":")
    if not item:
        raise Refused(OLD_BUTTON)
    return _number(run), item


def _number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise Refused(OLD_BUTTON)
    return int(value)


def _numbers(value: str) -> list[int]:
    return [_number(number) for number in value.split(",")]


async def _tick(desk: Desk, value: str, asked: Asked, _channel: str) -> None:
    await desk.tick(*_item(value), asked)


async def _untick(desk: Desk, value: str, asked: Asked, _channel: str) -> None:
    await desk.untick(*_item(value), asked)


PRESSED: Mapping[Press, Pressed] = {
    Press.ACKNOWLEDGE: lambda desk, value, asked, _: desk.acknowledge(value, asked),
    Press.ACKNOWLEDGE_ALL: lambda desk, value, asked, _: desk.acknowledge_all(_numbers(value), asked),
    Press.UNACKNOWLEDGE: lambda desk, value, asked, _: desk.unacknowledge(value, asked),
    Press.RESOLVE: lambda desk, value, asked, _: desk.resolve(value, asked),
    Press.RUN_AGAIN: lambda desk, value, asked, _: desk.run_again(_number(value), asked),
    Press.RUN: lambda desk, value, asked, channel: desk.run(value, asked, channel=channel),
    Press.TICK: _tick,
    Press.UNTICK: _untick,
    Press.UNSNOOZE: lambda desk, value, asked, _: desk.unsnooze(value, asked),
}


def register(app: AsyncApp, desk: Desk, crew: Crew) -> None:
    """Hear every button that a card can draw; and, last, whatever else is pressed, so that Slack gets its answer."""
    for press, do in PRESSED.items():
        app.action(press.value)(_listener(desk, crew, do))

    @app.action(EVIDENCE)
    async def show_evidence(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        user, channel = body["user"]["id"], (body.get("channel") or {}).get("id")
        answer = Answer(client, None, user=user, channel=channel)
        crew.start(politely(lambda: _evidence(desk, str(action.get("value") or ""), answer), answer))

    @app.action(re.compile(".*"))
    async def anything_else(ack: AsyncAck) -> None:
        await ack()


async def _evidence(desk: Desk, value: str, answer: Answer) -> None:
    view = await desk.show(f"#{_number(value)}")
    if not isinstance(view, IncidentView) or view.result is None:
        raise Refused("Its check has not been looked at yet; there is nothing to show.")
    await answer.say(evidence_card([view.result], view.series, view.timezone))


def _listener(desk: Desk, crew: Crew, do: Pressed) -> Callable[..., Awaitable[None]]:
    async def pressed(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        user, channel = body["user"]["id"], (body.get("channel") or {}).get("id")
        answer = Answer(client, respond if body.get("response_url") else None, user=user, channel=channel)
        asked = Asked(by=user, via="button", key=_key(body, action, user))
        crew.start(politely(lambda: _do(do, desk, action, asked, channel or user), answer))

    return pressed


async def _do(do: Pressed, desk: Desk, action: dict[str, Any], asked: Asked, channel: str) -> None:
    await do(desk, str(action.get("value") or ""), asked, channel)


def _key(body: dict[str, Any], action: dict[str, Any], user: str) -> str:
    """What is the same when Slack delivers one click twice, and different for the next click.

    What tells clicks apart comes first: the value of a button may be longer than a key.
    """
    moment = action.get("action_ts") or body.get("trigger_id")
    return f"press:{user}:{moment}:{action.get('action_id')}:{action.get('value')}"[:200] if moment else ""
