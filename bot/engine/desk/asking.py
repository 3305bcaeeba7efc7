"""How one asks: who, through which surface, and once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from bot.config.configuration import Configuration
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

    def __init__(self, store: Store, clock: Clock, configuration: Callable[[], Configuration]) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration

    @staticmethod
    def _once(tx: Tx, asked: Asked) -> None:
        if asked.key and not tx.inbox.first_time(asked.key):
            raise Repeated
