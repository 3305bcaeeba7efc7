"""Being spoken to: a mention in a channel, or a direct message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.engine.desk import Asked, Desk
from bot.slack.cards import Names
from bot.slack.ears import Ears, Heard
from commands.manners import Answer, Crew
from commands.payload import once, slack_id, slack_ts
from commands.talk import Spoken, answered

_SPOKEN = (None, "file_share", "thread_broadcast")
"""Kinds of messages that somebody wrote; the others tell of edits, joins and the like."""

_ANYBODY = re.compile(r"<@[UW][A-Z0-9]{1,20}(?:\|[^<>]*)?>")


def register(app: AsyncApp, desk: Desk, crew: Crew, ears: Ears, names: Names) -> None:
    """Hear mentions and direct messages."""

    async def see_to(event: Mapping[str, Any], text: str, *, openly: bool) -> None:
        user, channel, thread = str(event["user"]), str(event["channel"]), slack_ts(event.get("thread_ts"))
        # One key for both events: Slack may tell of the same words as a mention and as a message.
        asked = Asked(by=user, via="message" if openly else "mention", key=once("said", channel, event["ts"]))
        answer = Answer(app.client, None, user=user, channel=channel, thread_ts=thread, openly=openly)
        spoken = Spoken(text, asked, channel, thread, names=names)
        await crew.see_to(lambda: answered(desk, spoken), answer)

    @ears.event("app_mention", when=is_spoken)
    async def mentioned(heard: Heard) -> None:
        await see_to(heard.event, after_mention(str(heard.event.get("text") or ""), heard.me), openly=False)

    @ears.event("message", when=lambda event: event.get("channel_type") == "im" and is_spoken(event))
    async def written(heard: Heard) -> None:
        text = str(heard.event.get("text") or "")
        await see_to(heard.event, after_mention(text, heard.me) if _ANYBODY.match(text) else text, openly=True)


def is_spoken(event: Mapping[str, Any]) -> bool:
    """Whether somebody said something, in a place where they can be answered."""
    ids = slack_id(event.get("user")), slack_id(event.get("channel")), slack_ts(event.get("ts"))
    return None not in ids and not event.get("bot_id") and event.get("subtype") in _SPOKEN


def after_mention(text: str, me: str | None) -> str:
    """What is said to us: what follows our mention.

    Args:
        me: our own user; `None` where Slack has not said, and then the first mention is ours.
    """
    for mention in _ANYBODY.finditer(text):
        if me is None or mention[0].startswith((f"<@{me}>", f"<@{me}|")):
            return text[mention.end() :].lstrip(" :,")
    return text
