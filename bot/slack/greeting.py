"""Getting to know each other: who we are, who is there, and the channels that we shall need; kept up to date."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.directory import Directory

log = logging.getLogger(__name__)

REFRESH_S = 600.0
GREET_AGAIN_S = 5.0


async def greet(client: AsyncWebClient, directory: Directory, channels: Callable[[], Collection[str]]) -> None:
    """Until cancelled: learn who we are and who is there, join the channels, and keep the lists fresh."""
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
                await _join(client, directory, channels())
            joined = directory.channels_known
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("Slack does not let us in: %s", error)
        await asyncio.sleep(REFRESH_S if joined else GREET_AGAIN_S)


async def _join(client: AsyncWebClient, directory: Directory, channels: Collection[str]) -> None:
    for channel in sorted(channels):
        channel_id = await directory.channel_id(channel)
        if channel_id is None:
            log.warning("Slack shows us no channel %s; create it, or invite the bot with /invite", channel)
        elif channel_id.startswith("C"):
            with suppress(SlackApiError):  # a private one: posting says what is missing
                await client.conversations_join(channel=channel_id)
