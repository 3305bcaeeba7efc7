"""Reactions, whoever gives them."""

import re

from sandbox import events
from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message

_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")
MOST = 50
"""Different reactions of one message here. Slack's limit is the workspace's; its error is too_many_reactions."""


def react(slack: LocalSlack, channel: Channel, message: Message, *, who: str, name: str, remove: bool = False) -> str:
    """Slack's error code, or "" when it is done."""
    name = name.strip(":")
    if not _NAME.fullmatch(name):
        return "invalid_name"
    given = message.reactions.get(name, [])
    if remove:
        if who not in given:
            return "no_reaction"
        given.remove(who)
        if not given:
            del message.reactions[name]
    else:
        if who in given:
            return "already_reacted"
        if name not in message.reactions and len(message.reactions) >= MOST:
            return "too_many_reactions"
        message.reactions.setdefault(name, []).append(who)
    slack.workspace.changed(channel, message)
    if message.ephemeral_for is None and slack.workspace.bot.id in channel.members:
        event: Json = {
            "type": "reaction_removed" if remove else "reaction_added",
            "user": who,
            "reaction": name,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "item_user": message.author.user,
            "event_ts": slack.clock.ts(),
        }
        events.send(slack, event)
    return ""
