"""Hears Slack's events and commands.

An event is written down first, then acknowledged, and then has its effect, once.

Slack asks for an acknowledgement within three seconds and repeats what gets none, so effects run afterwards; a crash in
between loses nothing, because what is written down is taken up again. A command is begun and acknowledged at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp

from bot.domain.ledger import LedgerAway

log = logging.getLogger(__name__)

RECALL_S = 30.0
"""How often is looked for what was acknowledged and not seen through."""

ME = "heard_by"
"""Where an event that is kept says who we were."""

NOT_KEPT = ("blocks", "view")
"""Parts of events that can be large and say what `text` says, or what we drew ourselves."""


class Inbox(Protocol):
    """Keeps events until they have had their effect."""

    async def keep(self, key: str, event: Mapping[str, Any]) -> bool:
        """Write it down; once this returns, it may be acknowledged. False: it is known already."""

    async def done(self, key: str) -> None:
        """It has had its effect, or shall have none."""

    async def pending(self, *, leave: Collection[str] = ()) -> list[tuple[str, Mapping[str, Any]]]:
        """Events that somebody acknowledged and did not see through, by key; they are the caller's now."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, and the key that makes its effect happen once (`Asked(key=…)`).

    After a restart it comes masked, and without its blocks.

    Args:
        me: our own user, as far as Slack has said.
    """

    event: Mapping[str, Any]
    key: str
    me: str | None = None


Effect = Callable[[Heard], Awaitable[None]]

Begin = Callable[[Mapping[str, Any]], None]
"""Begins what a command's payload asks for. Does not wait: the acknowledgement comes after it."""


def _me(body: Mapping[str, Any]) -> str | None:
    """Our own user: an event says for whom Slack tells it."""
    for each in body.get("authorizations") or ():
        if isinstance(each, Mapping) and each.get("is_bot"):
            return str(each.get("user_id"))
    return None


class Ears:
    """Registers what is to happen on an event, with Bolt and for what a crash left.

    Args:
        start: begins work that goes on after the acknowledgement, and that a stop waits for.
    """

    def __init__(self, app: AsyncApp, inbox: Inbox, start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._app = app
        self._inbox = inbox
        self._start = start
        self._effects: dict[str, Effect] = {}
        self._commands: dict[str, Begin] = {}
        self._at_work: set[str] = set()

    def event(
        self, kind: str, *, when: Callable[[Mapping[str, Any]], bool] = lambda _: True
    ) -> Callable[[Effect], Effect]:
        """The decorated function is what an event of that kind does.

        Args:
            when: which of them; the others are acknowledged, and forgotten.
        """

        def register(effect: Effect) -> Effect:
            self._effects[kind] = effect

            @self._app.event(kind)
            async def hear(body: dict[str, Any]) -> BoltResponse | None:
                event = body.get("event") or {}
                if not when(event):
                    return None
                try:
                    await self._hear(kind, str(body.get("event_id") or ""), event, _me(body))
                except LedgerAway:  # the store has said so; not acknowledged, it is told again
                    return BoltResponse(status=503)
                return None

            return effect

        return register

    def command(self, name: str) -> Callable[[Begin], Begin]:
        """The decorated function begins what is asked for by that slash command; Bolt never sees it (docs/adr/0015)."""

        def register(begin: Begin) -> Begin:
            self._commands[name] = begin
            return begin

        return register

    def begun(self, payload: Mapping[str, Any]) -> bool:
        """Begin what a slash command asks for, so that it may be acknowledged. False: none that is heard here."""
        name = payload.get("command")
        begin = self._commands.get(name) if isinstance(name, str) else None
        if begin is not None:
            begin(payload)
        return begin is not None

    async def _hear(self, kind: str, event_id: str, event: Mapping[str, Any], me: str | None) -> None:
        # Slack's event ids are short; a stranger's, over HTTP, is not heard at all.
        key = f"event:{event_id[:150]}" if event_id else ""
        kept = {name: value for name, value in event.items() if name not in NOT_KEPT}
        if not key or await self._inbox.keep(key, {**kept, "type": kind, **({ME: me} if me else {})}):
            self._begin(self._effects[kind], Heard(event, key, me))

    def _begin(self, effect: Effect, heard: Heard) -> None:
        self._at_work.add(heard.key)
        self._start(self._see_through(effect, heard))

    async def _see_through(self, effect: Effect, heard: Heard) -> None:
        try:
            await effect(heard)
            if heard.key:
                await self._inbox.done(heard.key)
        except LedgerAway:
            log.info("an event waits for the ledger", extra={"key": heard.key})  # the store has said why
        except Exception:
            log.exception("an event had no effect; it is tried again", extra={"key": heard.key})
        finally:
            self._at_work.discard(heard.key)

    async def recall(self) -> None:
        """Take up what was acknowledged and not seen through."""
        for key, event in await self._inbox.pending(leave=self._at_work):
            effect = self._effects.get(str(event.get("type")))
            if effect is None:  # of a version that heard more than this one
                await self._inbox.done(key)
                continue
            log.info("taking up an event that was left", extra={"key": key})
            self._begin(effect, Heard(event, key, event.get(ME)))

    async def keep_recalling(self) -> None:
        """Again and again, until cancelled: the process that died may have been another one."""
        while True:
            await asyncio.sleep(RECALL_S)
            try:
                await self.recall()
            except LedgerAway:
                log.debug("events that were left wait for the ledger")  # the store has said so
            except Exception:
                log.exception("could not look for events that were left; the next look makes up for it")
