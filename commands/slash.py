"""`/rounds`: what people type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.desk import Asked, Desk
from bot.slack.cards import Names
from bot.slack.ears import Ears
from bot.slack.ids import COMMAND
from commands.manners import Answer, Crew
from commands.payload import once, slack_id
from commands.talk import Spoken, answered


def register(client: AsyncWebClient, desk: Desk, crew: Crew, ears: Ears, names: Names) -> None:
    """Hear `/rounds`."""

    @ears.command(COMMAND)
    def rounds(command: Mapping[str, Any]) -> None:
        user, channel = slack_id(command.get("user_id")), slack_id(command.get("channel_id"))
        if user is not None:
            asked = Asked(by=user, via="command", key=once("command", command.get("trigger_id")))
            spoken = Spoken(str(command.get("text") or ""), asked, channel or user, names=names)
            answer = Answer(client, command.get("response_url"), user=user, channel=channel, replaces=True)
            crew.answer(lambda: answered(desk, spoken), answer)
