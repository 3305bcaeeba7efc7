"""Files that people ask for: posted where they asked, or sent to them where that cannot be."""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)


async def share(client: AsyncWebClient, *, channel: str | None, user: str, name: str, title: str, text: str) -> bool:
    """Upload a text file.

    Args:
        channel: where it was asked for; `None` where there is no such place, as in App Home.
        user: who asked.

    Returns:
        Whether it stands in that channel; else it was sent to the person.

    Raises:
        SlackApiError: neither is possible.
    """
    if channel is not None and channel != user:
        try:
            await client.files_upload_v2(filename=name, title=title, content=text, channel=channel)
        except SlackApiError as error:
            log.info("%s does not take a file: %s", channel, error.response.get("error"))
        else:
            return True
    opened: Any = await client.conversations_open(users=user)
    await client.files_upload_v2(filename=name, title=title, content=text, channel=opened["channel"]["id"])
    return False
