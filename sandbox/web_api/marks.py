"""reactions.*, pins.* and bookmarks.*: what hangs on messages and channels."""

import re

from sandbox import events
from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.message import Message
from sandbox.rates import T2, T3
from sandbox.reactions import react
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused

_LINK = re.compile(r"https?://\S+")


def _item(call: Call) -> tuple[Channel, Message]:
    channel = call.channel()
    return channel, call.message(channel, "timestamp")


async def reactions_add(call: Call) -> Json:
    channel, message = _item(call)
    if problem := react(call.slack, channel, message, who=call.workspace.bot.id, name=call.args.need("name")):
        raise Refused(problem)
    return {}


async def reactions_remove(call: Call) -> Json:
    channel, message = _item(call)
    name = call.args.need("name")
    if problem := react(call.slack, channel, message, who=call.workspace.bot.id, name=name, remove=True):
        raise Refused(problem)
    return {}


async def reactions_get(call: Call) -> Json:
    channel, message = _item(call)
    return {"type": "message", "channel": channel.id, "message": message.web(metadata=False)}


async def pins_add(call: Call) -> Json:
    channel, message = _item(call)
    if message.pinned:
        raise Refused("already_pinned")
    message.pinned = True
    _pinned(call, channel, message, "pin_added")
    return {}


async def pins_remove(call: Call) -> Json:
    channel, message = _item(call)
    if not message.pinned:
        raise Refused("no_pin")
    message.pinned = False
    _pinned(call, channel, message, "pin_removed")
    return {}


def _pinned(call: Call, channel: Channel, message: Message, kind: str) -> None:
    call.workspace.changed(channel, message)
    item = {"type": "message", "channel": channel.id, "message": message.web(metadata=False)}
    event: Json = {"type": kind, "user": call.workspace.bot.id, "channel_id": channel.id, "item": item}
    events.send(call.slack, event | {"event_ts": call.slack.clock.ts()})


async def pins_list(call: Call) -> Json:
    channel = call.channel()
    return {
        "items": [
            {"type": "message", "channel": channel.id, "message": message.web(metadata=False)}
            for message in channel.visible()
            if message.pinned
        ]
    }


async def bookmarks_add(call: Call) -> Json:
    channel = call.channel("channel_id")
    title = call.args.need("title")
    if call.args.need("type") != "link":
        raise Refused("invalid_bookmark_type")
    bookmark: Json = {
        "id": call.workspace.new_id("Bk"),
        "channel_id": channel.id,
        "title": title,
        "link": _link(call.args.need("link")),
        "emoji": call.args.text("emoji"),
        "type": "link",
        "date_created": int(call.slack.clock.now()),
        "date_updated": 0,
        "rank": str(len(channel.bookmarks)),
        "last_updated_by_user_id": call.workspace.bot.id,
        "app_id": call.slack.seed.app_id,
    }
    channel.bookmarks[bookmark["id"]] = bookmark
    call.workspace.told(channel)
    return {"bookmark": bookmark}


def _link(link: str) -> str:
    if not _LINK.fullmatch(link):
        raise Refused("invalid_link")
    return link


def _bookmark(call: Call, channel: Channel) -> Json:
    bookmark = channel.bookmarks.get(call.args.need("bookmark_id"))
    if bookmark is None:
        raise Refused("not_found")
    return bookmark


async def bookmarks_edit(call: Call) -> Json:
    channel = call.channel("channel_id")
    bookmark = _bookmark(call, channel)
    if call.args.has("link"):
        bookmark["link"] = _link(call.args.text("link"))
    for name in ("title", "emoji"):
        if call.args.has(name):
            bookmark[name] = call.args.text(name)
    bookmark["date_updated"] = int(call.slack.clock.now())
    call.workspace.told(channel)
    return {"bookmark": bookmark}


async def bookmarks_list(call: Call) -> Json:
    return {"bookmarks": list(call.channel("channel_id").bookmarks.values())}


async def bookmarks_remove(call: Call) -> Json:
    channel = call.channel("channel_id")
    del channel.bookmarks[_bookmark(call, channel)["id"]]
    call.workspace.told(channel)
    return {}


METHODS = {
    "reactions.add": Method(reactions_add, ("reactions:write",), T3),
    "reactions.remove": Method(reactions_remove, ("reactions:write",), T2),
    "reactions.get": Method(reactions_get, ("reactions:read",), T3),
    "pins.add": Method(pins_add, ("pins:write",), T2),
    "pins.remove": Method(pins_remove, ("pins:write",), T2),
    "pins.list": Method(pins_list, ("pins:read",), T2),
    "bookmarks.add": Method(bookmarks_add, ("bookmarks:write",), T2),
    "bookmarks.edit": Method(bookmarks_edit, ("bookmarks:write",), T2),
    "bookmarks.list": Method(bookmarks_list, ("bookmarks:read",), T3),
    "bookmarks.remove": Method(bookmarks_remove, ("bookmarks:write",), T2),
}
