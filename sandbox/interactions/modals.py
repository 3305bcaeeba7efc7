"""Submitting and closing modals, and what the bot answers to that."""

from typing import Any

from sandbox.block_kit import values
from sandbox.block_kit.elements import of_block
from sandbox.block_kit.entered import problem
from sandbox.interactions import parts
from sandbox.interactions.clicks import offered
from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.people import Person
from sandbox.views import View, ViewRefused
from sandbox.web_api.refusal import Refused
from sandbox.web_api.views import checked


async def submit(slack: LocalSlack, *, who: str, view_id: str, given: Json) -> Json:
    person = parts.person(slack, who)
    view = parts.seen_view(slack, who, view_id)
    if view.kind != "modal" or slack.views.top(who) is not view:
        raise Impossible(f"{view_id} is not the modal on top.")
    enter(slack, view, given)
    if errors := missing(view):
        return {"ok": True, "acked": False, "ack_ms": 0, "response_action": "errors", "errors": errors}
    payload = parts.envelope(slack, "view_submission", person) | {
        "trigger_id": slack.triggers.make(who, view=view.id, channel=view.channel),
        "view": parts.view_with_values(slack, view),
        "response_urls": _response_urls(slack, person, view),
    }
    ack = await parts.deliver(slack, payload, accepts=True)
    if not ack.acked:
        slack.workspace.toast(who, "We had some trouble connecting. Try again?")
        return parts.told(ack) | {"response_action": None}
    try:
        return parts.told(ack) | _follow(slack, view, ack.payload or {})
    except (Refused, ViewRefused) as refusal:
        slack.workspace.toast(who, "We had some trouble connecting. Try again?")
        return parts.told(ack) | {"response_action": None, "error": str(refusal)}


def enter(slack: LocalSlack, view: View, given: Json) -> None:
    """Put values into the inputs of the view."""
    for block_id, entered in given.items():
        block = next((one for one in view.blocks if one.get("block_id") == block_id), None)
        if block is None or not isinstance(entered, dict):
            raise Impossible(f"There is no block {block_id!r} in {view.id}.", 404)
        for action_id, value in entered.items():
            element = next((one for one in of_block(block) if one.get("action_id") == action_id), None)
            if element is None:
                raise Impossible(f"There is no element {action_id!r} in block {block_id!r}.", 404)
            chosen = _files(slack, view.user, value) if element.get("type") == "file_input" else value
            try:
                filled = values.typed(element, chosen, offered(slack, view.user, block, element))
            except values.BadValue as bad:
                raise Impossible(str(bad)) from None
            view.filled.setdefault(block_id, {})[action_id] = filled


def _files(slack: LocalSlack, who: str, given: Any) -> list[Json]:
    """From ids of that person's uploads to files as the app is told of them."""
    if not isinstance(given, list | None):
        raise Impossible("A file input needs a list of files.")
    found: list[Json] = []
    for file_id in given or []:
        file = slack.files.own(who, file_id)
        if file is None:
            raise Impossible(f"There is no file {file_id!r} of {who}.", 404)
        found.append(slack.files.web(file))
    return found


def missing(view: View) -> dict[str, str]:
    """What Slack's own client says before it sends the form: block id → sentence."""
    entered = values.collect(view.blocks, view.filled)
    errors: dict[str, str] = {}
    for block in view.blocks:
        if block.get("type") != "input":
            continue
        for element in of_block(block):
            value = entered.get(str(block.get("block_id")), {}).get(str(element.get("action_id")), {})
            if sentence := problem(element, value, optional=bool(block.get("optional"))):
                errors[str(block.get("block_id"))] = sentence
    return errors


def _response_urls(slack: LocalSlack, person: Person, view: View) -> list[Json]:
    """One for each conversation that was chosen in an input with `response_url_enabled`."""
    found: list[Json] = []
    entered = values.collect(view.blocks, view.filled)
    for block in view.blocks:
        for element in of_block(block):
            if block.get("type") != "input" or not element.get("response_url_enabled"):
                continue
            value = entered[str(block["block_id"])][str(element["action_id"])]
            chosen = slack.workspace.channels.get(
                str(value.get("selected_conversation") or value.get("selected_channel"))
            )
            if chosen is not None:
                found.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": chosen.id,
                        "response_url": parts.response_url(slack, chosen, person.id),
                    }
                )
    return found


def _follow(slack: LocalSlack, view: View, answer: Json) -> Json:
    """Do what the acknowledgement says."""
    action: Any = answer.get("response_action")
    if action == "errors":
        errors = answer.get("errors")
        inputs = {str(block.get("block_id")) for block in view.blocks if block.get("type") == "input"}
        if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
            raise Refused("invalid_arguments")
        return {"response_action": "errors", "errors": errors}
    if action == "clear":
        slack.views.close_all(view.user)
    elif action == "update":
        slack.views.update(view, checked(slack, answer.get("view"), "modal"))
    elif action == "push":
        slack.views.open(view.user, checked(slack, answer.get("view"), "modal"), channel=view.channel)
    else:
        # The bot may have opened another one on top while it answered; that one stays.
        slack.views.close(view)
    return {"response_action": action}


async def close(slack: LocalSlack, *, who: str, view_id: str, everything: bool) -> Json:
    """The X or Cancel. view_closed is sent for those that ask to be told."""
    person = parts.person(slack, who)
    view = parts.seen_view(slack, who, view_id)
    if view.kind != "modal":
        raise Impossible("The Home tab cannot be closed.")
    stack = slack.views.stacks.get(who, [])
    everything = everything or bool(view.given.get("clear_on_close"))
    closed = list(reversed(stack)) if everything else [view]
    if everything:
        slack.views.close_all(who)
    elif slack.views.top(who) is view:
        slack.views.close(view)
    else:
        raise Impossible(f"{view_id} is not the modal on top.")
    for one in closed:
        if one.given.get("notify_on_close"):
            payload = parts.envelope(slack, "view_closed", person) | {
                "view": parts.view_with_values(slack, one),
                "is_cleared": everything,
            }
            await parts.deliver(slack, payload)
    return {"ok": True}
