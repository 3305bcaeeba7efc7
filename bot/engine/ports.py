"""What the engine needs from others: somebody who delivers, and something that carries work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from bot.domain.notifications import Delivered, Letter, StatusView, View
from bot.domain.people import Person
from bot.domain.permissions import May


class Notifier(Protocol):
    """Delivers letters. Its errors are those of `bot.domain.notifications`."""

    async def post(self, letter: Letter) -> Delivered:
        """Post a message.

        Raises:
            NotDelivered, PerhapsDelivered, ChannelUnusable, Undeliverable
        """

    async def find(self, letter: Letter, *, since: datetime) -> Delivered | None:
        """Look for a message with this letter's key that an earlier, uncertain attempt may have posted.

        Raises:
            NotDelivered: could not look; try again later.
            CannotLookUp: we may not look, now or later.
        """

    async def redraw(self, view: View, *, channel_id: str, ts: str) -> None:
        """Make a posted message show this state.

        Raises:
            NotDelivered, PerhapsDelivered, MessageGone, Undeliverable
        """

    async def publish_home(self, user: str, view: StatusView) -> None:
        """Show the App Home of a person.

        Raises:
            NotDelivered, PerhapsDelivered, Undeliverable
        """


class Gate(Protocol):
    """Knows who may do what, and who can be called."""

    async def why_not(self, user: str, may: May) -> str | None:
        """Why they may not, as a sentence for them; `None` if they may."""

    async def why_nobody(self, target: str) -> str | None:
        """Why calling `user:…` or `usergroup:…` would reach nobody, as a sentence; `None` if it reaches somebody."""


class People(Protocol):
    """Knows who somebody is."""

    async def person(self, user: str) -> Person | None:
        """Who that is; `None` where nobody says."""


class Places(Protocol):
    """Knows where messages can stand."""

    async def takes(self, channel: str, user: str) -> bool:
        """Whether what this person asks for can stand in that channel; in doubt it can."""


class Queue(Protocol):
    """Carries work; holds only ids, so losing it costs time and nothing else."""

    def enqueue(self, queue: str, run_id: int) -> None:
        """Hand over a run."""

    async def serve(self, queues: tuple[str, ...], work: Callable[[int], Awaitable[None]]) -> None:
        """Work on what is handed over, until cancelled."""

    async def drain(self) -> None:
        """Take on nothing more, and return when what is being worked on is done."""
