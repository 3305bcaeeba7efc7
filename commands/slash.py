"""`/rounds`: what people type."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incidents import Incident
from bot.engine.desk import Asked, Desk
from bot.slack.cards import Card, ask_for_all, status_card
from bot.slack.ids import COMMAND
from bot.slack.parts import named, section
from commands.grammar import Said, help_text, parse
from commands.manners import Answer, Crew, politely


def register(app: AsyncApp, desk: Desk, crew: Crew) -> None:
    """Hear `/rounds`."""

    @app.command(COMMAND)
    async def rounds(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        answer = Answer(client, respond, user=command["user_id"], channel=command.get("channel_id"))
        crew.start(politely(lambda: _answered(desk, command, answer), answer))


async def _answered(desk: Desk, command: dict[str, Any], answer: Answer) -> None:
    said = parse(str(command.get("text") or ""))
    trigger = command.get("trigger_id")
    asked = Asked(by=command["user_id"], via="command", key=f"command:{trigger}" if trigger else "")
    if said.verb == "status":
        await answer.say(status_card(await desk.status()))
        return
    if said.verb == "help":
        text = help_text(said.target)
        await answer.say(Card(text, [section(text)]))
        return
    if said.verb == "ack" and said.target.casefold() == "all":
        await answer.say(ask_for_all(await desk.open_in(str(command.get("channel_id") or ""))))
        return
    await answer.sentence(await _done(desk, said, asked, str(command.get("channel_id") or "")))


async def _done(desk: Desk, said: Said, asked: Asked, channel: str) -> str:
    """Do it, and say what was done."""
    match said.verb:
        case "run":
            title = await desk.run(said.target, asked, channel=channel)
            return f"Running *{named(title)}*; its message shows how far it is."
        case "ack":
            taken = await desk.acknowledge(said.target, asked, note=said.rest)
            if isinstance(taken, Incident):
                return f"You have #{taken.id} {named(taken.title)} now; nobody else is called."
            return f"You have “{named(taken.item.text)}”; tick it when it is done."
        case "unack":
            incident = await desk.unacknowledge(said.target, asked)
            return f"#{incident.id} {named(incident.title)} is open again; the escalation goes on."
        case "escalate":
            incident = await desk.escalate(said.target, asked, why=said.rest)
            return f"Escalated #{incident.id} {named(incident.title)}; its thread says whom that called."
        case _:
            incident = await desk.resolve(said.target, asked, note=said.rest)
            return f"#{incident.id} {named(incident.title)} is resolved."
