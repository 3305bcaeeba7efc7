"""Dialogs: opened by a button, a menu or a shortcut, and answered by what somebody enters."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.durations import BadDuration
from bot.domain.incidents import Refused
from bot.domain.logbook import Kind
from bot.domain.permissions import May
from bot.engine.desk import Asked, Desk, Repeated
from bot.slack import modals
from bot.slack.cards import answer_card
from bot.slack.ids import NAMES, Opens
from bot.slack.parts import named, option
from commands.manners import Answer, Crew
from commands.payload import inside, slack_id

log = logging.getLogger(__name__)

TITLES = {
    Opens.ESCALATE: "Escalate",
    Opens.SNOOZE: "Snooze",
    Opens.SKIP: "Skip",
    Opens.PROVE: "Tick",
    Opens.LOG: "Add to the log",
    Opens.CHOOSE: "Run a check",
}

MAY = {
    Opens.ESCALATE: May.ESCALATE,
    Opens.SNOOZE: May.SNOOZE,
    Opens.SKIP: May.TICK,
    Opens.PROVE: May.TICK,
    Opens.LOG: May.LOG,
    Opens.CHOOSE: May.RUN,
}
"""What one needs to be allowed for what each is for."""

_TOO_LATE = frozenset(("trigger_expired", "trigger_exchanged", "expired_trigger_id", "exchanged_trigger_id"))
"""What Slack says of a trigger that is over three seconds old, or used: its guide calls it one way, its reference
another."""

Drawn = Callable[[Desk, str, str], Awaitable[dict[str, Any]]]
Entered = Mapping[str, Any]
Done = Callable[[Desk, Entered, Mapping[str, Any], Asked], Awaitable[str]]

SUGGESTED = 100


async def show(
    desk: Desk, client: AsyncWebClient, trigger: str, opens: Opens, *, user: str, value: str, channel: str
) -> None:
    """Open a dialog at once, empty, and fill it when the ledger has answered; a trigger waits three seconds only.

    Whoever may not do what it is for is told so before they have filled it in.

    Raises:
        Refused: Slack would not open it any more.
    """
    try:
        opened: Any = await client.views_open(trigger_id=trigger, view=modals.loading(opens, TITLES[opens]))
    except SlackApiError as error:
        if error.response.get("error") not in _TOO_LATE:
            raise
        raise Refused(
            f"Slack waits three seconds for the window “{TITLES[opens]}”, and this time it took longer. Please press "
            "again, or type it; `/rounds help` says how."
        ) from error
    try:
        await desk.admit(user, MAY[opens])
        view = await DRAWN[opens](desk, value, channel)
    except Refused as error:
        view = modals.failed(opens, TITLES[opens], str(error))
    except Exception:
        await client.views_update(
            view_id=opened["view"]["id"],
            view=modals.failed(
                opens, TITLES[opens], "Something went wrong on our side; please close this and try again."
            ),
        )
        raise
    await client.views_update(view_id=opened["view"]["id"], view=view)


async def _snooze(desk: Desk, value: str, channel: str) -> dict[str, Any]:
    return modals.snooze_modal(await desk.incident(value), channel=channel)


async def _escalate(desk: Desk, value: str, channel: str) -> dict[str, Any]:
    return modals.escalate_modal(await desk.incident(value), channel=channel)


async def _skip(desk: Desk, value: str, channel: str) -> dict[str, Any]:
    run_id, items = await desk.items(value)
    return modals.skip_modal(run_id, items, channel=channel)


async def _prove(desk: Desk, value: str, channel: str) -> dict[str, Any]:
    run_id, items = await desk.items(value)
    return modals.prove_modal(run_id, items, channel=channel)


async def _log(_desk: Desk, value: str, channel: str) -> dict[str, Any]:
    given = json.loads(value) if value.startswith("{") else {}
    return modals.log_modal(channel=channel, **given)


async def _choose(_desk: Desk, _value: str, channel: str) -> dict[str, Any]:
    return modals.choose_modal(channel=channel)


DRAWN: Mapping[Opens, Drawn] = {
    Opens.SNOOZE: _snooze,
    Opens.ESCALATE: _escalate,
    Opens.SKIP: _skip,
    Opens.PROVE: _prove,
    Opens.LOG: _log,
    Opens.CHOOSE: _choose,
}


class Mistake(Exception):
    """Something that was entered cannot be used; the sentence stands below that field."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


async def _snoozed(desk: Desk, entered: Entered, about: Mapping[str, Any], asked: Asked) -> str:
    said = desk.heard(entered["until"] or entered["length"])
    try:
        until = desk.moment(said)
    except BadDuration as error:
        raise Mistake("until", str(error)) from None
    incident = await desk.snooze(str(about["incident"]), until, asked, why=entered["why"])
    return f"#{incident.id} {named(incident.title)} is quiet now."


async def _escalated(desk: Desk, entered: Entered, about: Mapping[str, Any], asked: Asked) -> str:
    person, step = entered.get("person"), entered.get("step") or ""
    to: int | str | None = None
    if person:
        to = f"user:{person}"
    elif step.startswith("step:"):
        to = int(step.removeprefix("step:"))
    elif step.startswith("usergroup:"):
        to = step
    incident = await desk.escalate(str(about["incident"]), asked, to=to, why=entered["why"])
    return f"Escalated #{incident.id} {named(incident.title)}; its thread says whom that called."


def _item(entered: Entered, about: Mapping[str, Any]) -> str:
    return str(about.get("item") or entered.get("item") or "")


async def _skipped(desk: Desk, entered: Entered, about: Mapping[str, Any], asked: Asked) -> str:
    item = await desk.skip(int(about["run"]), _item(entered, about), asked, entered["why"])
    return f"“{named(item.item.text)}” is skipped."


async def _proved(desk: Desk, entered: Entered, about: Mapping[str, Any], asked: Asked) -> str:
    attached = entered.get("link") or entered.get("file") or None
    item = await desk.tick(int(about["run"]), _item(entered, about), asked, note=entered["note"], attached=attached)
    return f"“{named(item.item.text)}” is done."


async def _logged(desk: Desk, entered: Entered, about: Mapping[str, Any], asked: Asked) -> str:
    await desk.log(
        entered["text"],
        asked,
        kind=Kind(entered["kind"]),
        channel=about.get("channel"),
        incident=about.get("incident"),
        link=about.get("link"),
    )
    return "It stands in the log; `/rounds report` shows it, `/rounds unlog` takes it back."


async def _chosen(desk: Desk, entered: Entered, _about: Mapping[str, Any], asked: Asked) -> str:
    title = await desk.run(entered[NAMES], asked, channel=entered["where"])
    return f"Running *{named(title)}*; its message shows how far it is."


DONE: Mapping[Opens, Done] = {
    Opens.SNOOZE: _snoozed,
    Opens.ESCALATE: _escalated,
    Opens.SKIP: _skipped,
    Opens.PROVE: _proved,
    Opens.LOG: _logged,
    Opens.CHOOSE: _chosen,
}


def register(app: AsyncApp, desk: Desk, crew: Crew) -> None:
    """Hear what opens a dialog, what is entered in one, and what somebody types to find a name."""
    for opens in Opens:
        app.action(opens.value)(_opener(desk, crew, opens))
        app.view(opens.value)(_submitted(desk, crew, opens))

    @app.options(NAMES)
    async def suggestions(ack: AsyncAck, payload: dict[str, Any]) -> None:
        await ack(options=_suggested(str(payload.get("value") or ""), desk.names()))


def _suggested(typed: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What somebody may mean who has typed so much of a name or a title; what begins so comes first."""
    folded = " ".join(typed.casefold().split())
    found = [(name, title) for name, title in names.items() if folded in f"{name}\n{title}".casefold()]
    found.sort(key=lambda each: (not any(part.casefold().startswith(folded) for part in each), each[0]))
    shown = {name: f"{title} ({name})" if title and title != name else name for name, title in found[:SUGGESTED]}
    return [option(text, name) for name, text in shown.items()]


def _opener(desk: Desk, crew: Crew, opens: Opens) -> Callable[..., Awaitable[None]]:
    async def pressed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        user, channel = slack_id(inside(body, "user", "id")), slack_id(inside(body, "channel", "id"))
        if user is None:
            return
        value = desk.heard(str(action.get("value") or inside(action, "selected_option", "value") or ""))
        answer = Answer(client, None, user=user, channel=channel)
        trigger = str(body.get("trigger_id") or "")
        place = channel or user
        crew.follow(lambda: show(desk, client, trigger, opens, user=user, value=value, channel=place), answer)

    return pressed


def _submitted(desk: Desk, crew: Crew, opens: Opens) -> Callable[..., Awaitable[None]]:
    async def entered(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
        try:
            about = json.loads(view.get("private_metadata") or "{}")
        except ValueError:
            about = {}
        about = about if isinstance(about, dict) else {}
        user = body["user"]["id"]
        asked = Asked(by=user, via="dialog", key=f"view:{view.get('id')}:{view.get('hash')}"[:200])
        try:
            sentence = await DONE[opens](desk, answers(view), about, asked)
        except Mistake as error:
            await ack(response_action="errors", errors={error.name: str(error)[:1_000]})
            return
        except Repeated:
            await ack()
            return
        except Refused as error:
            await ack(response_action="update", view=modals.failed(opens, TITLES[opens], str(error)))
            return
        await ack()
        if opens in (Opens.LOG, Opens.CHOOSE):  # the others show their effect on the card
            answer = Answer(client, None, user=user, channel=about.get("channel") or None)
            crew.follow(lambda: answer.say(answer_card(sentence)), answer)

    return entered


def answers(view: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered, by the name of the field; empty text where nothing was."""
    found: dict[str, Any] = {"until": "", "why": "", "note": ""}
    for name, elements in ((view.get("state") or {}).get("values") or {}).items():
        for element in elements.values():
            found[name] = _answer(element)
    return found


def _answer(element: Mapping[str, Any]) -> str:
    if (chosen := element.get("selected_option")) is not None:
        return str(chosen.get("value") or "")
    for key in ("value", "selected_user", "selected_conversation"):
        if element.get(key):
            return str(element[key])
    files = element.get("files") or [{}]
    return str(files[0].get("permalink") or files[0].get("url_private") or "")
