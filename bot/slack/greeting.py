"""Getting to know each other: who we are, who is there, and the channels that we shall need; kept up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.directory import Directory

log = logging.getLogger(__name__)

REFRESH_S = 600.0
GREET_AGAIN_S = 5.0

MOST_TOLD = 5
"""People who are told that a channel is missing."""

_LASTING = frozenset(("channel_not_found", "is_archived", "missing_scope", "restricted_action"))
"""Refusals of `conversations.join` that somebody has to do something about. A private channel that we are in already
cannot be joined, either; that is no trouble."""

Help = Callable[[str, str, Collection[str]], Awaitable[None]]
"""Tells people that a channel cannot be posted to: the channel, Slack's word for why, and their ids."""


async def greet(
    client: AsyncWebClient,
    directory: Directory,
    channels: Callable[[], Collection[str]],
    called: Callable[[], Collection[str]],
    call_for_help: Help,
) -> None:
    """Until cancelled: learn who we are and who is there, join the channels, and keep the lists fresh.

    Args:
        channels: every channel that something goes to.
        called: whom the configuration would call, as targets; who is called first comes first. They are told where a
            channel is missing: whoever waits for an incident there would wait for ever.
    """
    known = joined = False
    while True:
        try:
            if not known:
                answer = await client.auth_test()
                known = True
                directory.home, directory.site = answer.get("team_id"), answer.get("url")
                log.info("Slack knows us", extra={"bot": answer.get("user"), "workspace": answer.get("team")})
            await directory.refresh()
            if directory.channels_known:
                for channel, why in (await _join(client, directory, channels())).items():
                    log.warning("cannot post to %s: %s; create it, or invite the bot with /invite", channel, why)
                    await call_for_help(channel, why, await _people(directory, called()))
            joined = directory.channels_known
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack does not let us in: %s", error)
        await asyncio.sleep(REFRESH_S if joined else GREET_AGAIN_S)


async def _join(client: AsyncWebClient, directory: Directory, channels: Collection[str]) -> dict[str, str]:
    """Join them; Slack's word for each that we cannot be in."""
    missing = {}
    for channel in sorted(channels):
        channel_id = await directory.channel_id(channel)
        if channel_id is None:
            missing[channel] = "channel_not_found"
        elif channel_id.startswith("C"):
            try:
                await client.conversations_join(channel=channel_id)
            except SlackApiError as error:
                if (code := str(error.response.get("error") or "")) in _LASTING:
                    missing[channel] = code
    return missing


async def _people(directory: Directory, targets: Collection[str]) -> list[str]:
    """The first few whom these targets call and who read what they are told."""
    found: list[str] = []
    for target in targets:
        for member in sorted(directory.members(target)):
            person = await directory.person(member)
            if member not in found and person is not None and not (person.bot or person.deleted):
                found.append(member)
    return found[:MOST_TOLD]
