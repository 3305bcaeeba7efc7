"""How we answer: at once, always, and in sentences. The one place where errors become words."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.domain.incidents import Refused
from bot.domain.ledger import LedgerAway
from bot.engine.desk import Repeated
from bot.slack.cards import Card, answer_card, perhaps_card
from commands.grammar import Misunderstood

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Requests being worked on; the rest wait their turn, acknowledged already."""

PATIENCE_S = 1.0
"""After this long without an answer, people wonder whether they were heard."""

_QUIETLY: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}
"""No previews of pages that an answer names."""

Work = Callable[[], Awaitable[Card | None]]
"""Does what somebody asked for; the answer, if there is one."""


_NOT_TAKEN = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)
"""Slack refused it, or was not to be reached. It may have arrived all the same: an answer twice is better than none."""

STORAGE_DOWN = (
    "The storage is down, so this was probably not done. Please try again in a minute; the log says what is wrong."
)
"""Probably: the answer to a commit can get lost. Asking twice does no harm."""


OUR_FAULT = "Something went wrong on our side ({number}); the log says what. Please try again."


class Crew:
    """Work that goes on after Slack has its acknowledgement; a stop waits for it.

    Args:
        patience_s: after so long, whoever asked is told that it takes a moment.
    """

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)

    def answer(self, work: Work, answer: Answer) -> None:
        """Begin, and answer when it is done; do not wait."""
        self.start(self.see_to(work, answer))

    async def see_to(self, work: Work, answer: Answer) -> None:
        """Do it and answer, for what has been begun already."""
        await politely(work, answer, patience_s=self._patience_s)

    def follow(self, work: Work, answer: Answer) -> None:
        """The same for what is seen to be done, as on a card: only what goes wrong needs an answer."""
        self.start(politely(work, answer, patience_s=None))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin, and do not wait."""
        task = asyncio.ensure_future(self._bounded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bounded(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._places:
            await work

    async def drain(self, timeout_s: float) -> None:
        """Wait for what was begun."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)


class Answer:
    """Where an answer goes: to the person who asked, wherever they asked.

    Args:
        short_way: the `response_url`, if the request brought one.
        replaces: a later answer by the short way replaces an earlier one. Not for buttons: it would replace the card.
        thread_ts: the thread in which they asked.
        openly: nobody else reads that channel, so the answer need not be hidden from them.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        short_way: str | None,
        *,
        user: str,
        channel: str | None,
        replaces: bool = False,
        thread_ts: str | None = None,
        openly: bool = False,
    ) -> None:
        self._client = client
        self._short_way = short_way
        self._user = user
        self._channel = channel
        self._replaces = replaces
        self._thread: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        self._openly = openly
        self._waits = False
        self._waiting_ts: str | None = None

    @property
    def waits(self) -> bool:
        """They have been told that it takes a moment."""
        return self._waits

    async def wait(self, sentence: str = "One moment …") -> None:
        """Tell them that it takes a moment; the answer takes the place of that where Slack lets it."""
        self._waits = True
        self._waiting_ts = await self._told(answer_card(sentence), replace=False)

    async def say(self, card: Card) -> None:
        """Tell only them. If the short way is closed, take the long one: nobody is left without an answer."""
        if self._waiting_ts is not None:
            try:
                await self._client.chat_update(
                    channel=str(self._channel), ts=self._waiting_ts, parse="none", **card.message
                )
            except _NOT_TAKEN as error:
                log.info("the first words could not be replaced: %s", _reason(error))
            else:
                return
        await self._told(card, replace=self._waits and self._replaces)

    async def _told(self, card: Card, *, replace: bool) -> str | None:
        """Send it; returns where it stands if it can be replaced by that."""
        message = card.message
        if self._short_way and await self._by_short_way(self._short_way, message, replace=replace):
            return None
        if self._channel is not None:
            try:
                return await self._into(self._channel, message)
            except _NOT_TAKEN as error:
                log.info("%s did not take the answer: %s", self._channel, _reason(error))
        try:
            await self._client.chat_postMessage(channel=self._user, **_QUIETLY, **message)
        except _NOT_TAKEN as error:
            # An older Slack may not know a block; its text is better than no answer.
            log.warning("an answer was not taken, sending its text: %s", _reason(error))
            await self._client.chat_postMessage(channel=self._user, **_QUIETLY, text=message["text"])
        return None

    async def _by_short_way(self, url: str, message: dict[str, Any], *, replace: bool) -> bool:
        # Over the connections that we have: Bolt's `respond` opens one for every answer. It also tries again by itself,
        # which could say things twice; for us there is the long way.
        there = AsyncWebhookClient(
            url, session=self._client.session, proxy=self._client.proxy, timeout=self._client.timeout, retry_handlers=[]
        )
        try:
            answer = await there.send_dict({**message, "response_type": "ephemeral", "replace_original": replace})
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("a response_url did not take the answer: %s", error)
            return False
        return answer.status_code == 200

    async def _into(self, channel: str, message: dict[str, Any]) -> str | None:
        if not self._openly:
            await self._client.chat_postEphemeral(channel=channel, user=self._user, **self._thread, **message)
            return None
        posted = await self._client.chat_postMessage(channel=channel, **_QUIETLY, **self._thread, **message)
        return str(posted["ts"])


def _reason(error: BaseException) -> str:
    """Slack's word, or what happened on the way."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else f"{type(error).__name__} {error}"


async def politely(work: Work, answer: Answer, *, patience_s: float | None) -> None:
    """Do it; whatever goes wrong becomes a sentence for the person who asked.

    Args:
        patience_s: after so long they are told that it takes a moment; `None`: never.
    """
    doing = asyncio.ensure_future(_done(work))
    if patience_s is not None:
        await asyncio.wait({doing}, timeout=patience_s)
        if not doing.done() and not answer.waits:
            await _announce(answer)
    card = await doing
    if card is None and answer.waits:
        card = answer_card("That has been done already.")
    if card is not None:
        await _try(answer, card)


async def _done(work: Work) -> Card | None:
    try:
        return await work()
    except Repeated:
        return None
    except Misunderstood as error:
        return perhaps_card(str(error), error.perhaps)
    except Refused as error:
        return answer_card(str(error))
    except LedgerAway as error:
        log.warning("a request was not done: %s", error)
        return answer_card(STORAGE_DOWN)
    except Exception:
        number = uuid.uuid4().hex[:8]
        log.exception("a request failed", extra={"request": number})
        return answer_card(OUR_FAULT.format(number=number))


async def _announce(answer: Answer) -> None:
    try:
        await answer.wait()
    except Exception:
        log.exception("that an answer takes a moment could not be said")


async def _try(answer: Answer, card: Card) -> None:
    try:
        await answer.say(card)
    except Exception:
        log.exception("an answer could not be delivered")
