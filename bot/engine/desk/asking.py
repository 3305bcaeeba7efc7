"""How one asks: who, through which surface, and once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from unicodedata import category

from bot.config.configuration import Configuration
from bot.domain.logbook import LONGEST
from bot.domain.masking import Masker
from bot.engine.clock import Clock
from storage.store import Store
from storage.tx import Tx


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


class Repeated(Exception):
    """This very request has had its effect already; there is nothing more to say."""


class Counter:
    """What every part of the desk works with."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        masker: Callable[[], Masker] = Masker,
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._masker = masker

    def _said(self, text: str | None, longest: int = LONGEST) -> str:
        """What somebody wrote, as it may be stored: without secrets and without what no database takes."""
        kept = "".join(c for c in text or "" if c in "\n\t" or category(c) not in ("Cc", "Cs"))
        return self._masker().mask(kept.strip())[:longest]

    @staticmethod
    def _once(tx: Tx, asked: Asked) -> None:
        if asked.key and not tx.inbox.first_time(asked.key):
            raise Repeated
