"""Slack in a simulated world: it remembers what stands there, loses answers, slows us down and loses channels."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.domain.notifications import (
    CannotLookUp,
    ChannelUnusable,
    Delivered,
    Letter,
    MessageGone,
    NotDelivered,
    PerhapsDelivered,
    Place,
    StatusView,
    Undeliverable,
    View,
)
from bot.slack.cards import card_of, home_view, letter_card, maybe_repeated
from tests.simulation.chances import Chances

REFUSALS = (CannotLookUp, ChannelUnusable, MessageGone, NotDelivered, PerhapsDelivered, Undeliverable)
"""What a call may raise."""


@dataclass(slots=True)
class Message:
    """A message as it stands in Slack."""

    channel: str
    ts: str
    key: str
    reason: str
    thread_ts: str | None
    at: datetime
    view: View
    blocks: Any
    marked: bool
    """It says itself that it may be a repeat."""
    broadcast: bool
    """A reply that stands in the channel as well."""
    gone: bool = False


class _People:
    """Cards mention people by the name that the configuration gives them."""

    def mention(self, target: str) -> str:
        return "@" + target.partition(":")[2]

    def address(self, place: Place) -> str:
        return f"https://town.example/archives/{place.channel_id}/p{place.ts}"


PEOPLE = _People()


@dataclass
class Slack:
    """The workspace. Every call arrives here at a moment that the world chooses."""

    random: random.Random
    chances: Chances
    now: Callable[[], datetime]
    messages: list[Message] = field(default_factory=list)
    homes: dict[str, Any] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    were_archived: set[str] = field(default_factory=set)
    """Also those that somebody brought back."""
    closed: set[str] = field(default_factory=set)
    """Channels whose history we may not read."""
    posts: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    posted: list[Message] = field(default_factory=list)
    """Since the promises were last held against it."""

    def standing(self, channel: str, ts: str | None) -> Message | None:
        """The message there, unless somebody deleted it."""
        return next((m for m in self.messages if m.ts == ts and m.channel == channel and not m.gone), None)

    def _id(self, channel: str) -> str:
        return "C" + channel[1:].upper() if channel.startswith("#") else channel

    def fault(self, *, effect: Callable[[], Any], reads: bool = False) -> Any:
        """The effect of a call that has arrived; or what happens to it instead."""
        dice = self.random.random()
        for name, share in self.chances.slack:
            dice -= share
            if dice < 0:
                self.happened[name] += 1
                match name:
                    case "429":
                        wait = timedelta(seconds=self.random.choice((1, 1, 2, 30)))
                        raise NotDelivered("Slack asks us to slow down", retry_after=wait)
                    case _ if reads:
                        raise NotDelivered("cannot look")
                    case "unreachable":
                        raise NotDelivered("Slack cannot be reached")
                    case "accepted" | "500" if name == "accepted" or self.random.random() < 0.5:
                        with suppress(ChannelUnusable, MessageGone, Undeliverable):
                            effect()
                raise PerhapsDelivered(name)
        return effect()

    def post(self, letter: Letter) -> Delivered:
        """`chat.postMessage`."""
        card = letter_card(letter, PEOPLE)
        card = maybe_repeated(card) if letter.maybe_repeated else card
        channel = self._id(letter.channel)

        def effect() -> Delivered:
            if channel in self.archived:
                raise ChannelUnusable("is_archived")
            if letter.thread_ts is not None and self.standing(channel, letter.thread_ts) is None:
                raise MessageGone("thread_not_found")
            message = Message(
                channel=channel,
                ts=f"{self.now().timestamp():.0f}.{len(self.messages):06d}",
                key=letter.key,
                reason=letter.reason,
                thread_ts=letter.thread_ts,
                at=self.now(),
                view=letter.view,
                blocks=card.blocks,
                marked=letter.maybe_repeated,
                broadcast=letter.broadcast,
            )
            self.messages.append(message)
            self.posted.append(message)
            self.posts[letter.key] += 1
            return Delivered(channel, message.ts)

        return self.fault(effect=effect)

    def find(self, letter: Letter, since: datetime) -> Delivered | None:
        """`conversations.history` or `conversations.replies`."""
        channel = self._id(letter.channel)

        def effect() -> Delivered | None:
            if channel in self.closed or channel in self.archived:
                raise CannotLookUp("not_in_channel")
            for m in self.messages:
                looked_at = m.thread_ts == letter.thread_ts or (m.broadcast and letter.broadcast)
                if m.key == letter.key and m.channel == channel and looked_at and not m.gone and m.at >= since:
                    self.happened["found"] += 1
                    return Delivered(channel, m.ts)
            return None

        return self.fault(effect=effect, reads=True)

    def redraw(self, view: View, channel: str, ts: str) -> None:
        """`chat.update`."""
        card = card_of(view, PEOPLE)

        def effect() -> None:
            message = self.standing(channel, ts)
            if message is None:
                raise MessageGone("message_not_found")
            if channel in self.archived:
                raise Undeliverable("is_archived")
            message.view, message.blocks = view, card.blocks

        self.fault(effect=effect)

    def publish_home(self, user: str, view: StatusView) -> None:
        """`views.publish`."""
        drawn = home_view(view, PEOPLE)
        self.fault(effect=lambda: self.homes.__setitem__(user, drawn))


class SlackPort:
    """The engine's port `Notifier` of one process.

    Args:
        ask: hands a call over to the world, and returns its answer when the world gives it.
    """

    def __init__(self, slack: Slack, ask: Callable[[str, str, Callable[[], Any]], Awaitable[Any]]) -> None:
        self._slack = slack
        self._ask = ask

    async def post(self, letter: Letter) -> Delivered:
        return await self._ask("post", letter.key, lambda: self._slack.post(letter))

    async def find(self, letter: Letter, *, since: datetime) -> Delivered | None:
        return await self._ask("find", letter.key, lambda: self._slack.find(letter, since))

    async def redraw(self, view: View, *, channel_id: str, ts: str) -> None:
        await self._ask("redraw", ts, lambda: self._slack.redraw(view, channel_id, ts))

    async def publish_home(self, user: str, view: StatusView) -> None:
        await self._ask("home", user, lambda: self._slack.publish_home(user, view))
