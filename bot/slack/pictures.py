"""Pictures of charts, kept in Slack until a message shows them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.notifications import Series
from bot.slack.plot import picture

log = logging.getLogger(__name__)

PATIENCE_S = 4.0
"""For all of it: whoever posts holds a claim on the message that runs out."""

PAUSE_S = 0.3
"""Between two questions whether Slack has looked at the picture: before, no message may show it."""


class Pictures:
    """Brings pictures to Slack without posting them."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def uploaded(self, series: Series, timezone: str) -> str | None:
        """The id of the picture's file; `None` if it cannot be had, because words will do."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                drawn = await asyncio.to_thread(picture, series, timezone)
                answer: Any = await self._client.files_upload_v2(file=drawn, filename=f"{series.metric}.png")
                file = str(answer["files"][0]["id"])
                await self._looked_at(file)
                return file
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits at night for a picture
            log.info("a picture of a chart could not be brought to Slack: %s", error)
            return None

    async def _looked_at(self, file: str) -> None:
        """Wait until Slack knows what sort of file it is, which is when messages may show it."""
        told: Any = await self._client.files_info(file=file)
        while not told["file"].get("mimetype"):
            await asyncio.sleep(PAUSE_S)
            told = await self._client.files_info(file=file)
