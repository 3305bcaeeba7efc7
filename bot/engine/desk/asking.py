"""How one asks: who, through which surface, and once."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from unicodedata import category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.config.configuration import Configuration
from bot.domain.incidents import Refused
from bot.domain.logbook import LONGEST
from bot.domain.masking import Masker
from bot.domain.permissions import May
from bot.domain.runs import Run, RunItem
from bot.engine.clock import Clock
from bot.engine.overdue import follow
from bot.engine.ports import Gate, People, Places
from storage.store import Store
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound="Counter")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, through which surface, and the key that makes a repeated request harmless."""

    by: str
    via: str
    key: str = ""

    @property
    def once(self) -> str:
        """The key; a new one for a surface that cannot repeat itself."""
        return self.key or uuid.uuid4().hex


class NoSuchEnd(Refused):
    """Words that do not say when a quiet ends.

    Args:
        perhaps: words that do, and that may have been meant.
    """

    def __init__(self, sentence: str, perhaps: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.perhaps = perhaps


class Repeated(Exception):
    """This very request has had its effect already; there is nothing more to say."""


def needs(
    may: May,
) -> Callable[[Callable[Concatenate[C, P], Awaitable[T]]], Callable[Concatenate[C, P], Awaitable[T]]]:
    """A request that not everybody may make; whoever may not is refused before anything happens."""

    def gated(request: Callable[Concatenate[C, P], Awaitable[T]]) -> Callable[Concatenate[C, P], Awaitable[T]]:
        @wraps(request)
        async def admitted(self: C, /, *given: P.args, **named: P.kwargs) -> T:
            asked = next(each for each in (*given, *named.values()) if isinstance(each, Asked))
            await self.admit(asked.by, may)
            return await request(self, *given, **named)

        return admitted

    return gated


class Counter:
    """What every part of the desk works with."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        masker: Callable[[], Masker] = Masker,
        gate: Gate | None = None,
        *,
        places: Places | None = None,
        people: People | None = None,
    ) -> None:
        self._gate = gate
        self._places = places
        self._people = people
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._masker = masker

    def _said(self, text: str | None, longest: int | None = LONGEST) -> str:
        """What somebody wrote, as it may be stored: without secrets and without what no database takes."""
        kept = "".join(c for c in text or "" if c in "\n\t" or category(c) not in ("Cc", "Cs"))
        return self._masker().mask(kept.strip())[:longest]

    def heard(self, text: str) -> str:
        """What somebody sent us, without secrets and control characters: it may be looked up, shown and stored."""
        return self._masker().mask("".join(c if category(c) not in ("Cc", "Cs") else " " for c in text))

    def written(self, text: str) -> str:
        """The same of what they wrote over several lines."""
        return self._said(text, None)

    @property
    def timezone(self) -> str:
        """Where the configuration lives, as an IANA zone."""
        return self._configuration().timezone

    async def zone_of(self, user: str) -> str:
        """Whose clock somebody means and reads: their own; the configuration's where Slack does not say."""
        person = await self._people.person(user) if self._people is not None else None
        if person is None or person.zone is None:
            return self.timezone
        try:
            return ZoneInfo(person.zone).key
        except (ZoneInfoNotFoundError, ValueError, OSError):  # newer than this machine's time zones
            return self.timezone

    def now(self) -> datetime:
        """This moment, as the desk sees it."""
        return self._clock.now()

    async def admit(self, user: str, may: May) -> None:
        """Whether somebody may ask for that.

        Raises:
            Refused: they may not; the sentence says who may.
        """
        if self._gate is not None and (why_not := await self._gate.why_not(user, may)) is not None:
            raise Refused(why_not)

    def _follow(self, tx: Tx, run: Run, item: RunItem, asked: Asked) -> None:
        """What it means for a run that is overdue that they did this with one of its items."""
        now, configuration = self._clock.now(), self._configuration()
        follow(tx, run, item, by=asked.by, via=asked.via, configuration=configuration, now=now)

    @staticmethod
    def _once(tx: Tx, asked: Asked) -> None:
        if asked.key and not tx.inbox.first_time(asked.key):
            raise Repeated
