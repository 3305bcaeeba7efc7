"""What somebody enters in a dialog: done, or refused in a way that loses nothing they wrote.

Slack keeps a form open only with a sentence below one of its fields; so that is what we answer wherever a field is to
blame, and where we are. Where the form has had its day, what they wrote comes back to them with the reason.
"""

from __future__ import annotations

import html
import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.durations import BadDuration
from bot.domain.incidents import Refused
from bot.domain.ledger import LedgerAway
from bot.domain.logbook import Kind
from bot.engine.desk import Asked, Desk, Repeated
from bot.slack import modals
from bot.slack.cards import answer_card, returned_card, running
from bot.slack.ids import NAMES, Opens
from bot.slack.parts import named, prose
from commands.manners import OUR_FAULT, STORAGE_DOWN, Answer, Crew

log = logging.getLogger(__name__)

TITLES = {
    Opens.ESCALATE: "Escalate",
    Opens.SNOOZE: "Snooze",
    Opens.SKIP: "Skip",
    Opens.PROVE: "Tick",
    Opens.LOG: "Add to the log",
    Opens.CHOOSE: "Run a check",
}

_WRITTEN = ("plain_text_input", "url_text_input")
"""Elements whose answer somebody wrote; what they chose they can choose again."""

_SENTENCE = 1_000
"""Characters of a sentence below a field."""

Entered = Mapping[str, Any]
Done = Callable[[Desk, Entered, Mapping[str, Any], Asked], Awaitable[str]]


async def _snoozed(desk: Desk, entered: Entered, about: Mapping[str, Any], asked: Asked) -> str:
    said = desk.heard(entered["until"] or entered["length"])
    try:
        until = await desk.moment(said, asked.by)
    except BadDuration as error:
        raise Refused(prose(str(error)), blames="until") from None
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
    started = await desk.run(entered[NAMES], asked, channel=entered["where"])
    return running(started.title, directly=started.directly)


DONE: Mapping[Opens, Done] = {
    Opens.SNOOZE: _snoozed,
    Opens.ESCALATE: _escalated,
    Opens.SKIP: _skipped,
    Opens.PROVE: _proved,
    Opens.LOG: _logged,
    Opens.CHOOSE: _chosen,
}


def entered(desk: Desk, crew: Crew, opens: Opens) -> Callable[..., Awaitable[None]]:
    """The listener for what is entered in a dialog."""

    async def submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
        about, user = _about(view), body["user"]["id"]
        asked = Asked(by=user, via="dialog", key=f"view:{view.get('id')}:{view.get('hash')}"[:200])
        answer = Answer(client, None, user=user, channel=about.get("channel") or None)

        async def keep_open(field: str | None, sentence: str) -> None:
            if field is None:
                await ack(response_action="update", view=modals.failed(opens, TITLES[opens], sentence))
            else:
                await ack(response_action="errors", errors={field: _plain(sentence)})

        try:
            sentence = await DONE[opens](desk, answers(view), about, asked)
        except Repeated:
            await ack()
        except Refused as error:
            if (blamed := _blamed(error, view)) is not None:
                await keep_open(blamed, str(error))
                return
            reason, wrote = str(error), [(label, desk.written(text)) for label, text in _written(view)]
            await ack(response_action="update", view=modals.failed(opens, TITLES[opens], reason, wrote=wrote))
            if wrote:  # the window is gone once they close it
                crew.follow(lambda: answer.say(returned_card(reason, wrote)), answer)
        except LedgerAway as error:
            log.warning("what was entered was not done: %s", error)
            await keep_open(_last_field(view), STORAGE_DOWN)
        except Exception:
            number = uuid.uuid4().hex[:8]
            log.exception("what was entered failed", extra={"request": number})
            await keep_open(_last_field(view), OUR_FAULT.format(number=number))
        else:
            await ack()
            if opens in (Opens.LOG, Opens.CHOOSE):  # the others show their effect on the card
                crew.follow(lambda: answer.say(answer_card(sentence)), answer)

    return submitted


def _about(view: Mapping[str, Any]) -> dict[str, Any]:
    try:
        about = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}


def _fields(view: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields by name."""
    return {str(b.get("block_id")): b for b in view.get("blocks") or () if isinstance(b, dict) and b["type"] == "input"}


_INSTEAD = {"until": "length", "person": "step", "step": "person", "file": "item", "link": "item", "note": "item"}
"""Where a form has no such field, what is to blame was chosen in another: the menu of items, for a file that only some
of them want."""


def _blamed(error: Refused, view: Mapping[str, Any]) -> str | None:
    """The field that is to blame; `None` if none of this form is."""
    names, blames = _fields(view), error.blames
    if blames == "until" and not answers(view)["until"]:
        blames = "length"
    return next((name for name in (blames, _INSTEAD.get(blames)) if name in names), None)


def _last_field(view: Mapping[str, Any]) -> str | None:
    """The field next to the button that they pressed."""
    return next(reversed(_fields(view)), None)


def _written(view: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every text that they wrote, with the label of its field."""
    given = answers(view)
    return [
        (str(field["label"]["text"]), given[name])
        for name, field in _fields(view).items()
        if field["element"]["type"] in _WRITTEN and given.get(name)
    ]


def _plain(sentence: str) -> str:
    """A sentence for a place where nothing is parsed."""
    return html.unescape(re.sub(r"<[@!][^<>]*>", "somebody", sentence)).replace("*", "")[:_SENTENCE]


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
