"""Posts, finds and redraws messages in Slack: the engine's port `Notifier`."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.notifications import (
    CannotLookUp,
    ChannelUnusable,
    Delivered,
    IncidentView,
    Letter,
    NotDelivered,
    StatusView,
    Undeliverable,
    View,
)
from bot.slack.cards import (
    CHART,
    Card,
    card_of,
    home_view,
    letter_card,
    maybe_repeated,
    plain_card,
    without_charts,
)
from bot.slack.client import asked
from bot.slack.directory import Directory
from bot.slack.ids import METADATA
from bot.slack.pictures import Pictures

log = logging.getLogger(__name__)

PAGES = 20
"""Of 200 messages, that one look-up reads: an hour of a very busy channel."""

_MAY_NOT = ("missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type", "no_permission")


class SlackNotifier:
    """Delivers letters to one workspace."""

    def __init__(self, client: AsyncWebClient, directory: Directory) -> None:
        self._client = client
        self._directory = directory
        self._files = Pictures(client)

    async def post(self, letter: Letter) -> Delivered:
        """Post a message; joins a public channel first where that is needed."""
        if not await self._directory.meet_people() and isinstance(letter.view, IncidentView):
            raise NotDelivered("Slack has not told us its people yet")
        card = self._drawn(letter)
        message = (maybe_repeated(card) if letter.maybe_repeated else card).message
        channel = await self._directory.channel_id(letter.channel) or letter.channel
        if channel.startswith("#") and not self._directory.channels_known:
            # Without its id, an uncertain send to this channel could not be looked up.
            raise NotDelivered("Slack has not told us its channels yet")
        try:
            return await self._post(channel, message, letter)
        except ChannelUnusable as error:
            if str(error) != "not_in_channel" or not await self._joined(channel):
                raise
            return await self._post(channel, message, letter)
        except Undeliverable as error:
            if any(block["type"] == CHART for block in message.get("blocks", ())):
                return await self._without_charts(channel, message, letter)
            # Better a plain message than none: an older client or a new limit must not swallow an incident.
            log.error("Slack refused a card, sending its text: %s", error, extra={"key": letter.key})  # noqa: TRY400
            return await self._post(channel, {"text": message["text"]}, letter)

    def _drawn(self, letter: Letter) -> Card:
        """The card; if our own drawing breaks, a plain sentence, because silence would hide an incident."""
        try:
            return letter_card(letter, self._directory)
        except Exception:
            log.exception("a card could not be drawn, sending a sentence", extra={"key": letter.key})
            return plain_card(letter)

    async def _without_charts(self, channel: str, message: dict[str, Any], letter: Letter) -> Delivered:
        """Older clients and workspaces know no charts; a picture and words can tell the numbers, or words alone."""
        series, timezone = None, "UTC"
        if isinstance(letter.view, IncidentView):
            series, timezone = letter.view.series, letter.view.timezone
        file = await self._files.uploaded(series, timezone) if series is not None else None
        for picture in (file, None) if file is not None else (None,):
            told = {**message, "blocks": without_charts(message["blocks"], series, file=picture)}
            try:
                return await self._post(channel, told, letter)
            except Undeliverable as error:
                refused = error
        log.error("Slack refused a card, sending its text: %s", refused, extra={"key": letter.key})
        return await self._post(channel, {"text": message["text"]}, letter)

    async def _post(self, channel: str, message: dict[str, Any], letter: Letter) -> Delivered:
        thread: dict[str, Any] = {}
        if letter.thread_ts is not None:
            thread = {"thread_ts": letter.thread_ts, "reply_broadcast": letter.broadcast}
        answer = await asked(
            lambda: self._client.chat_postMessage(
                channel=channel,
                **message,
                **thread,
                metadata={"event_type": METADATA, "event_payload": {"key": letter.key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return Delivered(str(answer["channel"]), str(answer["ts"]))

    async def _joined(self, channel: str) -> bool:
        try:
            await self._client.conversations_join(channel=channel)
        except SlackApiError as error:
            log.warning("cannot join %s: %s; invite the bot with /invite", channel, error.response.get("error"))
            return False
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotDelivered(f"cannot join {channel}: {type(error).__name__}") from error
        return True

    async def find(self, letter: Letter, *, since: datetime) -> Delivered | None:
        """Look through the channel, or the thread, for a message with this letter's key.

        What stood under a card that was deleted since is found only if it was sent to the channel as well; the rest
        nobody reads there, and it is said anew under the card's successor.
        """
        channel = await self._directory.channel_id(letter.channel)
        if channel is None:
            if self._directory.channels_known:
                raise CannotLookUp(f"Slack shows us no channel {letter.channel}")
            raise NotDelivered("Slack has not told us its channels yet")
        found = await self._look_through(letter.thread_ts, letter.key, channel, since)
        if found is None and letter.thread_ts is not None and letter.broadcast:
            # Sent under a card that was deleted since, it still stands in the channel.
            found = await self._look_through(None, letter.key, channel, since)
        return found

    async def _look_through(self, thread_ts: str | None, key: str, channel: str, since: datetime) -> Delivered | None:
        given: dict[str, Any] = {"channel": channel, "oldest": f"{since.timestamp():.6f}", "limit": 200}
        cursor = ""
        for _ in range(PAGES):
            page = await self._page(thread_ts, {**given, **({"cursor": cursor} if cursor else {})})
            for message in page.get("messages") or []:
                if _key(message) == key:
                    return Delivered(channel, str(message["ts"]))
            cursor = ((page.get("response_metadata") or {}).get("next_cursor")) or ""
            if not cursor:
                return None
        raise NotDelivered("the channel is too busy to look through; trying again")

    async def _page(self, thread_ts: str | None, given: dict[str, Any]) -> Any:
        try:
            if thread_ts is not None:
                return await self._client.conversations_replies(ts=thread_ts, include_all_metadata=True, **given)
            return await self._client.conversations_history(include_all_metadata=True, **given)
        except SlackApiError as error:
            body = error.response.data if hasattr(error.response, "data") else error.response
            code = body.get("error") if isinstance(body, dict) else None
            if code == "thread_not_found":
                return {}  # the thread is gone, and what was in it with it
            if code in _MAY_NOT:
                raise CannotLookUp(str(code)) from error
            raise NotDelivered(f"cannot look for an uncertain message: {code}") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotDelivered(f"cannot look for an uncertain message: {type(error).__name__}") from error

    async def redraw(self, view: View, *, channel_id: str, ts: str) -> None:
        """Make a posted message show this state."""
        message = card_of(view, self._directory).message
        try:
            await asked(lambda: self._client.chat_update(channel=channel_id, ts=ts, parse="none", **message))
        except ChannelUnusable as error:
            raise Undeliverable(str(error)) from error

    async def publish_home(self, user: str, view: StatusView) -> None:
        """Show the App Home of a person."""
        await asked(lambda: self._client.views_publish(user_id=user, view=home_view(view, self._directory)))


def _key(message: Any) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return str(key) if key is not None else None
