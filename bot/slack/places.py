"""Places: whether a message that somebody asks for can stand in the conversation that they name."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

PATIENCE_S = 1.5
"""How long Slack may take to say; a dialog that somebody has entered waits three seconds in all."""

_NOT_OURS = frozenset(("channel_not_found", "missing_scope"))
"""What Slack says of a private channel that we are not in, and of a conversation among people: for those we have no
scope, because we are in none."""


class Places:
    """Asks Slack whether we are there."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def takes(self, channel: str, user: str) -> bool:
        """Whether what this person asks for can stand there; in doubt it can.

        Args:
            channel: an id, or a name out of the configuration, of which the greeting takes care.
        """
        if channel[:1] not in ("C", "D", "G"):
            return True
        try:
            async with asyncio.timeout(PATIENCE_S):
                if channel.startswith("D"):
                    # Ours, or one of two people? We may open ours, but read of none.
                    opened: Any = await self._client.conversations_open(users=user)
                    return str((opened.get("channel") or {}).get("id")) == channel
                answer: Any = await self._client.conversations_info(channel=channel)
        except SlackApiError as error:
            return str(error.response.get("error")) not in _NOT_OURS
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("Slack does not say whether we are in %s: %s", channel, error)
            return True
        found = answer.get("channel") or {}
        # Public ones we join when there is something to post.
        return not found.get("is_archived") and bool(found.get("is_member", True) or not found.get("is_private"))
