"""How we answer: at once, always, and in sentences. The one place where errors become words."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incidents import Refused
from bot.domain.ledger import LedgerAway
from bot.engine.desk import Repeated
from bot.slack.cards import Card
from bot.slack.parts import section
from commands.grammar import Misunderstood

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Requests being worked on; the rest wait their turn, acknowledged already."""


STORAGE_DOWN = (
    "The storage is down, so this was probably not done. Please try again in a minute; the log says what is wrong."
)
"""Probably: the answer to a commit can get lost. Asking twice does no harm."""


class Crew:
    """Work that goes on after Slack has its acknowledgement; a stop waits for it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)

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
    """Where an answer goes: to the person who asked, wherever they asked."""

    def __init__(self, client: AsyncWebClient, respond: AsyncRespond | None, *, user: str, channel: str | None) -> None:
        self._client = client
        self._respond = respond
        self._user = user
        self._channel = channel

    async def say(self, card: Card) -> None:
        """Tell only them. If the short way is closed, take the long one: nobody is left without an answer."""
        message = card.message
        if self._respond is not None and self._respond.response_url:
            try:
                answer = await self._respond(**message, response_type="ephemeral", replace_original=False)
                if answer.status_code == 200:
                    return
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                log.info("a response_url did not take the answer: %s", error)
        if self._channel is not None:
            try:
                await self._client.chat_postEphemeral(channel=self._channel, user=self._user, **message)
            except SlackApiError as error:
                log.info("%s did not take the answer: %s", self._channel, error.response.get("error"))
            else:
                return
        await self._client.chat_postMessage(channel=self._user, **message)

    async def sentence(self, text: str) -> None:
        """One sentence, escaped before."""
        await self.say(Card(text, [section(text)]))


async def politely(work: Callable[[], Awaitable[None]], answer: Answer) -> None:
    """Do it; whatever goes wrong becomes a sentence for the person who asked."""
    try:
        await work()
    except Repeated:
        return
    except (Refused, Misunderstood) as error:
        await _try(answer, str(error))
    except LedgerAway as error:
        log.warning("a request was not done: %s", error)
        await _try(answer, STORAGE_DOWN)
    except Exception:
        number = uuid.uuid4().hex[:8]
        log.exception("a request failed", extra={"request": number})
        await _try(answer, f"Something went wrong on our side ({number}); the log says what. Please try again.")


async def _try(answer: Answer, sentence: str) -> None:
    try:
        await answer.sentence(sentence)
    except Exception:
        log.exception("an answer could not be delivered")
