"""block_actions: buttons, selects, pickers and inputs that dispatch, in messages, modals and the Home tab."""

from typing import Any

from sandbox.block_kit import values
from sandbox.block_kit.elements import interactive
from sandbox.channel import Channel
from sandbox.interactions import parts
from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message
from sandbox.people import Person
from sandbox.views import View


async def in_message(
    slack: LocalSlack, *, who: str, channel: str, ts: str, block_id: str, action_id: str, given: Json
) -> Json:
    person = parts.person(slack, who)
    where = parts.seen_channel(slack, who, channel)
    message = parts.seen_message(where, who, ts)
    block, element = find(message.all_blocks, block_id, action_id, str(given.get("value") or ""))
    filled = message.filled.setdefault(who, {})
    action = _action(slack, block, element, given=given, filled=filled, suggested=offered(slack, who, block, element))
    payload = parts.envelope(slack, "block_actions", person) | {
        "container": container(where, message, block),
        "trigger_id": slack.triggers.make(who, channel=where.id),
        "channel": parts.place(where),
        "state": {"values": values.collect(message.all_blocks, filled)},
        "response_url": parts.response_url(slack, where, who, source=message.ts),
        "actions": [action],
    }
    if message.ephemeral_for is None:
        payload["message"] = message.web(metadata=True)
    return await _send(slack, person, payload)


async def in_view(slack: LocalSlack, *, who: str, view_id: str, block_id: str, action_id: str, given: Json) -> Json:
    person = parts.person(slack, who)
    view = parts.seen_view(slack, who, view_id)
    block, element = find(view.blocks, block_id, action_id, str(given.get("value") or ""))
    action = _action(
        slack, block, element, given=given, filled=view.filled, suggested=offered(slack, who, block, element)
    )
    payload = parts.envelope(slack, "block_actions", person) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": slack.triggers.make(who, view=_modal(view), channel=view.channel),
        "view": parts.view_with_values(slack, view),
        "actions": [action],
    }
    return await _send(slack, person, payload)


def _modal(view: View) -> str | None:
    return view.id if view.kind == "modal" else None


async def _send(slack: LocalSlack, person: Person, payload: Json) -> Json:
    ack = await parts.deliver(slack, payload)
    parts.complain(slack, person.id, ack, "This action")
    return parts.told(ack)


def container(where: Channel, message: Message, block: Json) -> Json:
    """Where the block stands: in the message, or in one of its attachments, which Slack numbers."""
    attachment = message.attachment_of(block)
    told: Json = {
        "type": "message" if attachment is None else "message_attachment",
        "message_ts": message.ts,
        "channel_id": where.id,
        "is_ephemeral": message.ephemeral_for is not None,
    }
    if attachment is not None:
        told |= {"attachment_id": attachment, "is_app_unfurl": False}
    if message.thread_ts is not None or message.replies:
        told["thread_ts"] = message.thread_ts or message.ts
    return told


def find(blocks: list[Json], block_id: str, action_id: str, value: str = "") -> tuple[Json, Json]:
    """The element of these ids; of several with one action id, the one with that value."""
    found = [
        (block, element)
        for block, element in interactive(blocks)
        if element.get("action_id") == action_id and block_id in ("", block.get("block_id"))
    ]
    if not found:
        where = f" in block {block_id!r}" if block_id else ""
        raise Impossible(f"There is no element {action_id!r}{where}.", 404)
    if len(found) > 1 and value:
        return next((pair for pair in found if pair[1].get("value") == value), found[0])
    return found[0]


def offered(slack: LocalSlack, who: str, block: Json, element: Json) -> list[Json]:
    """Options the bot suggested to this person for this element."""
    return slack.suggested.get((who, str(block.get("block_id")), str(element.get("action_id"))), [])


def _action(
    slack: LocalSlack, block: Json, element: Json, *, given: Json, filled: values.Filled, suggested: list[Json]
) -> Json:
    kind = str(element.get("type"))
    told: Json = {
        "type": kind,
        "action_id": element.get("action_id"),
        "block_id": block.get("block_id"),
        "action_ts": slack.clock.ts(),
    }
    if kind in ("button", "workflow_button", "icon_button"):
        return told | {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    if kind == "feedback_buttons":
        return told | {"value": given.get("value")}
    if block.get("type") == "input" and not block.get("dispatch_action"):
        raise Impossible(f"{element.get('action_id')} is an input that does not dispatch; it is sent with the form.")
    chosen: Any = given.get("selected", given.get("value"))
    try:
        value = values.typed(element, chosen, suggested)
    except values.BadValue as problem:
        raise Impossible(str(problem)) from None
    if kind in values.STATEFUL:
        filled.setdefault(str(block.get("block_id")), {})[str(element.get("action_id"))] = value
    return told | value
