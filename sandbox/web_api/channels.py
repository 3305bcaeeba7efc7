"""conversations.*: making and changing channels."""

import re

from sandbox import events
from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.rates import T2, T3
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused

NAME = 80
"""Characters (docs.slack.dev/reference/methods/conversations.create)."""
TOPIC = 250
"""Characters of a topic or purpose."""
_NAME = re.compile(r"[\w-]+")
MANAGE = ("channels:manage", "groups:write")


def _name(call: Call) -> str:
    name = call.args.text("name").removeprefix("#")
    if not name:
        raise Refused("invalid_name_required")
    if len(name) > NAME:
        raise Refused("invalid_name_maxlength")
    if not _NAME.fullmatch(name) or name != name.lower():
        raise Refused("invalid_name_specials")
    if call.workspace.named(name) is not None:
        raise Refused("name_taken")
    return name


def _managed(call: Call) -> Channel:
    """A channel the bot is in and may change."""
    channel = call.joined()
    if channel.is_im:
        raise Refused("method_not_supported_for_channel_type")
    call.need_scope("groups:write" if channel.is_private else "channels:manage")
    return channel


def _alive(call: Call) -> Channel:
    channel = _managed(call)
    if channel.is_archived:
        raise Refused("is_archived")
    return channel


def _told(call: Call, channel: Channel) -> Json:
    call.workspace.told(channel)
    return {"channel": channel.web(bot=call.workspace.bot.id)}


async def create(call: Call) -> Json:
    private = call.args.flag("is_private")
    call.need_scope("groups:write" if private else "channels:manage")
    bot = call.workspace.bot.id
    channel = Channel(
        id=call.workspace.new_id("C"),
        name=_name(call),
        is_private=private,
        creator=bot,
        created=int(call.slack.clock.now()),
        members=[bot],
    )
    call.workspace.channels[channel.id] = channel
    events.channel_created(call.slack, channel)
    return _told(call, channel)


async def invite(call: Call) -> Json:
    channel = _alive(call)
    users = call.args.words("users")
    if not users:
        raise Refused("no_user")
    for user in users:
        if user == call.workspace.bot.id:
            raise Refused("cant_invite_self")
        if user not in call.workspace.people:
            raise Refused("user_not_found")
        if user in channel.members:
            raise Refused("already_in_channel")
    for user in users:
        channel.members.append(user)
        events.member(call.slack, channel, user, joined=True)
    return _told(call, channel)


async def leave(call: Call) -> Json:
    channel = _managed(call)
    channel.members.remove(call.workspace.bot.id)
    events.member(call.slack, channel, call.workspace.bot.id, joined=False)
    call.workspace.told(channel)
    return {}


def _words(call: Call, name: str) -> str:
    words = call.args.text(name)
    if len(words) > TOPIC:
        raise Refused("too_long")
    return words


async def set_topic(call: Call) -> Json:
    channel = _alive(call)
    channel.topic = _words(call, "topic")
    return _told(call, channel)


async def set_purpose(call: Call) -> Json:
    channel = _alive(call)
    channel.purpose = _words(call, "purpose")
    return _told(call, channel) | {"purpose": channel.purpose}


async def rename(call: Call) -> Json:
    channel = _alive(call)
    channel.name = _name(call)
    events.renamed(call.slack, channel)
    return _told(call, channel)


async def archive(call: Call) -> Json:
    channel = _managed(call)
    if channel.is_archived:
        raise Refused("already_archived")
    if channel.name == "general":
        raise Refused("cant_archive_general")
    channel.is_archived = True
    events.archived(call.slack, channel)
    call.workspace.told(channel)
    return {}


async def unarchive(call: Call) -> Json:
    channel = _managed(call)
    if not channel.is_archived:
        raise Refused("not_archived")
    channel.is_archived = False
    events.archived(call.slack, channel)
    call.workspace.told(channel)
    return {}


METHODS = {
    "conversations.create": Method(create, MANAGE, T2),
    "conversations.invite": Method(invite, MANAGE, T3),
    "conversations.leave": Method(leave, MANAGE, T3),
    "conversations.setTopic": Method(set_topic, MANAGE, T2),
    "conversations.setPurpose": Method(set_purpose, MANAGE, T2),
    "conversations.rename": Method(rename, MANAGE, T2),
    "conversations.archive": Method(archive, MANAGE, T2),
    "conversations.unarchive": Method(unarchive, MANAGE, T2),
}
