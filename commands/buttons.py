"""Buttons: what people press. A card is never redrawn here; the courier does that from the stored state."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incidents import Refused
from bot.domain.notifications import IncidentView
from bot.domain.permissions import May
from bot.domain.reports import read_day
from bot.engine.desk import Asked, Desk
from bot.slack import files
from bot.slack.cards import Card, Names, answer_card, running
from bot.slack.cards.evidence import evidence_card
from bot.slack.ids import EVIDENCE, Press
from bot.slack.report_file import report_file
from commands.manners import Answer, Crew
from commands.payload import inside, once, slack_id, slack_ts
from commands.talk import Spoken, answered

OLD_BUTTON = "That button is from an older version of Rounds; look at the newest message."


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button.

    Args:
        value: what the button is about.
        asked: who pressed, and the key that makes a repeated delivery harmless.
        channel: where it stands; `None` on App Home.
        thread_ts: the message in whose thread it stands.
        answer: where an answer goes, for what is not seen on a card.
        names: knows where messages stand.
    """

    value: str
    asked: Asked
    channel: str | None
    thread_ts: str | None
    answer: Answer
    client: AsyncWebClient
    names: Names

    @property
    def place(self) -> str:
        """Where the messages go that it asks for: the channel, or the person."""
        return self.channel or self.asked.by

    @property
    def number(self) -> int:
        """The value as a number."""
        return _number(self.value)

    @property
    def numbers(self) -> list[int]:
        """The value as numbers."""
        return [_number(number) for number in self.value.split(",")]

    @property
    def item(self) -> tuple[int, str]:
        """The value as a run and one of its items."""
        run, _, item = self.value.partition(":")
        if not item:
            raise Refused(OLD_BUTTON)
        return _number(run), item


def _number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise Refused(OLD_BUTTON)
    return int(value)


Pressed = Callable[[Desk, Click], Awaitable[Any]]


async def _tick(desk: Desk, click: Click) -> None:
    await desk.tick(*click.item, click.asked)


async def _untick(desk: Desk, click: Click) -> None:
    await desk.untick(*click.item, click.asked)


async def _run(desk: Desk, click: Click) -> Card | None:
    """Its message is answer enough; where that cannot stand here, they are told where it is."""
    started = await desk.run(click.value, click.asked, channel=click.place)
    return answer_card(running(started.title, directly=True)) if started.directly else None


async def _say(desk: Desk, click: Click) -> Card:
    """As if they had typed it; a suggestion names everything, so it means the same in every thread."""
    return await answered(desk, Spoken(click.value, click.asked, click.place, names=click.names))


async def _evidence(desk: Desk, click: Click) -> Card:
    """What the check of an incident saw."""
    await desk.admit(click.asked.by, May.READ)
    view = await desk.show(f"#{click.number}")
    if not isinstance(view, IncidentView) or view.result is None:
        raise Refused("Its check has not been looked at yet; there is nothing to show.")
    titles = {view.result.check: view.incident.title}
    return evidence_card([view.result], view.series, view.timezone, titles=titles)


async def _report_file(desk: Desk, click: Click) -> Card:
    """The report of a day as a file, where it was asked for."""
    await desk.admit(click.asked.by, May.READ)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", click.value):
        raise Refused(OLD_BUTTON)
    day = read_day(click.value, await desk.today())
    await click.answer.wait(f"Writing the report of {day} …")
    text, name = report_file(await desk.report(day)), f"report-{day}.md"
    title = f"Report of {day}"
    here = await files.share(
        click.client, channel=click.channel, user=click.asked.by, name=name, title=title, text=text
    )
    return answer_card(f"The report of {day} is posted here." if here else f"The report of {day} is sent to you.")


PRESSED: Mapping[Press, Pressed] = {
    Press.ACKNOWLEDGE: lambda desk, click: desk.acknowledge(click.value, click.asked),
    Press.ACKNOWLEDGE_ALL: lambda desk, click: desk.acknowledge_all(click.numbers, click.asked),
    Press.UNACKNOWLEDGE: lambda desk, click: desk.unacknowledge(click.value, click.asked),
    Press.RESOLVE: lambda desk, click: desk.resolve(click.value, click.asked),
    Press.RUN_AGAIN: lambda desk, click: desk.run_again(click.number, click.asked),
    Press.RUN: _run,
    Press.TICK: _tick,
    Press.UNTICK: _untick,
    Press.UNSNOOZE: lambda desk, click: desk.unsnooze(click.value, click.asked),
}
"""Presses whose effect is seen on a card: only what goes wrong, or stands elsewhere, is answered."""

ANSWERED: Mapping[str, Callable[[Desk, Click], Awaitable[Card]]] = {
    Press.SAY: _say,
    Press.REPORT_FILE: _report_file,
    EVIDENCE: _evidence,
}
"""Presses that are answered to whoever pressed."""


def register(app: AsyncApp, desk: Desk, crew: Crew, names: Names) -> None:
    """Hear every button that a card can draw; and, last, whatever else is pressed, so that Slack gets its answer."""
    for press, do in PRESSED.items():
        app.action(press.value)(_listener(_followed(desk, crew, do), names))
    for name, say in ANSWERED.items():
        app.action(str(name))(_listener(_answered(desk, crew, say), names))

    @app.action(re.compile(".*"))
    async def anything_else(ack: AsyncAck) -> None:
        await ack()


def _followed(desk: Desk, crew: Crew, do: Pressed) -> Callable[[Click], None]:
    def begin(click: Click) -> None:
        async def work() -> Card | None:
            done = await do(desk, replace(click, value=desk.heard(click.value)))
            return done if isinstance(done, Card) else None

        crew.follow(work, click.answer)

    return begin


def _answered(desk: Desk, crew: Crew, say: Callable[[Desk, Click], Awaitable[Card]]) -> Callable[[Click], None]:
    return lambda click: crew.answer(lambda: say(desk, replace(click, value=desk.heard(click.value))), click.answer)


def _listener(begin: Callable[[Click], None], names: Names) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        user, channel = slack_id(inside(body, "user", "id")), slack_id(inside(body, "channel", "id"))
        if user is None:
            return
        value, moment = str(action.get("value") or ""), action.get("action_ts") or body.get("trigger_id")
        key = once("press", user, moment, action.get("action_id"), value or "-")
        answer = Answer(client, body.get("response_url"), user=user, channel=channel)
        thread = slack_ts(inside(body, "message", "thread_ts"))
        begin(Click(value, Asked(by=user, via="button", key=key), channel, thread, answer, client, names))

    return pressed
