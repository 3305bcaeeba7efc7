"""Dialogs: opened by a button, a menu or a shortcut; what somebody enters in one is for `commands.entries`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incidents import Refused
from bot.domain.permissions import May
from bot.engine.desk import Desk
from bot.slack import modals
from bot.slack.ids import NAMES, Opens
from bot.slack.parts import option
from commands.entries import TITLES, entered
from commands.manners import Answer, Crew
from commands.payload import inside, slack_id

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

Drawn = Callable[[Desk, str, str, str], Awaitable[dict[str, Any]]]
"""From what it is about, the channel that it is opened in, and who opens it."""

SUGGESTED = 100


async def show(
    desk: Desk, client: AsyncWebClient, trigger: str, opens: Opens, *, user: str, value: str, channel: str
) -> None:
    """Open a dialog at once, empty, and fill it when the ledger has answered; a trigger waits three seconds only.

    What needs nothing of the ledger is opened as it is: in what is filled later, Slack chooses no current conversation.
    Whoever may not do what it is for is told so before they have filled it in.

    Raises:
        Refused: Slack would not open it any more.
    """
    whole = WHOLE[opens](channel) if opens in WHOLE else None
    first = whole if whole is not None else modals.loading(opens, TITLES[opens])
    try:
        opened: Any = await client.views_open(trigger_id=trigger, view=first)
    except SlackApiError as error:
        if error.response.get("error") not in _TOO_LATE:
            raise
        raise Refused(
            f"Slack waits three seconds for the window “{TITLES[opens]}”, and this time it took longer. Please press "
            "again, or type it; `/rounds help` says how."
        ) from error
    try:
        await desk.admit(user, MAY[opens])
        view = None if whole is not None else await DRAWN[opens](desk, value, channel, user)
    except Refused as error:
        view = modals.failed(opens, TITLES[opens], str(error))
    except Exception:
        sentence = "Something went wrong on our side; please close this and try again."
        await _update(client, opened, modals.failed(opens, TITLES[opens], sentence))
        raise
    if view is not None:
        await _update(client, opened, view)


async def _update(client: AsyncWebClient, opened: Any, view: dict[str, Any]) -> None:
    for again in (True, False):
        try:
            await client.views_update(view_id=opened["view"]["id"], view=view)
        except (SlackApiError, aiohttp.ClientError, OSError, TimeoutError) as error:
            if isinstance(error, SlackApiError) and error.response.get("error") == "not_found":
                return  # they have closed it meanwhile
            if not again:  # without a second try it would say “One moment …” for ever
                raise
        else:
            return


async def _snooze(desk: Desk, value: str, channel: str, user: str) -> dict[str, Any]:
    return modals.snooze_modal(await desk.incident(value), channel=channel, timezone=await desk.zone_of(user))


async def _escalate(desk: Desk, value: str, channel: str, _user: str) -> dict[str, Any]:
    return modals.escalate_modal(await desk.incident(value), channel=channel)


async def _skip(desk: Desk, value: str, channel: str, _user: str) -> dict[str, Any]:
    run_id, items = await desk.items(value)
    return modals.skip_modal(run_id, items, channel=channel)


async def _prove(desk: Desk, value: str, channel: str, _user: str) -> dict[str, Any]:
    run_id, items = await desk.items(value)
    return modals.prove_modal(run_id, items, channel=channel)


async def _log(_desk: Desk, value: str, channel: str, _user: str) -> dict[str, Any]:
    given = json.loads(value) if value.startswith("{") else {}
    return modals.log_modal(channel=channel, **given)


DRAWN: Mapping[Opens, Drawn] = {
    Opens.SNOOZE: _snooze,
    Opens.ESCALATE: _escalate,
    Opens.SKIP: _skip,
    Opens.PROVE: _prove,
    Opens.LOG: _log,
}

WHOLE: Mapping[Opens, Callable[[str], dict[str, Any]]] = {
    Opens.CHOOSE: lambda channel: modals.choose_modal(channel=channel)
}
"""Dialogs that are the same whatever the ledger says."""


def register(app: AsyncApp, desk: Desk, crew: Crew) -> None:
    """Hear what opens a dialog, what is entered in one, and what somebody types to find a name."""
    for opens in Opens:
        app.action(opens.value)(_opener(desk, crew, opens))
        app.view(opens.value)(entered(desk, crew, opens))

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
