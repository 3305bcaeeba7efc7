"""Hears pings: finds whose they are, keeps them, and has a failure looked at now."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable

from bot.config.configuration import Configuration
from bot.domain.masking import Masker
from bot.domain.runs import Trigger
from bot.engine.clock import Clock
from bot.engine.ticker import start_run
from checks import Ping
from storage.store import Store
from storage.tx import Tx

MOST_A_MINUTE = 60
"""Pings of one job; more are no signs of life but a loop gone wild."""

TEXT = 10_000
"""Characters of what a job says of itself that are kept."""


class TooMany(Exception):
    """This job reports more often than can be of use."""


class Pings:
    """Takes pings for the heartbeat checks of the configuration."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        *,
        secret: str,
        masker: Callable[[], Masker],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._secret = secret
        self._masker = masker
        self._recent: dict[str, deque[float]] = {}
        self._known: tuple[Configuration | None, dict[bytes, str]] = (None, {})

    async def heard(self, token: str, kind: str, text: str) -> bool:
        """Keep a ping; False when that address belongs to no job.

        Raises:
            TooMany: it reports too often.
        """
        check = self._whose(token)
        if check is None:
            return False
        self._count(check)
        ping = Ping(self._clock.now(), kind, self._masker().mask(text.replace("\0", ""))[:TEXT])

        def work(tx: Tx) -> None:
            number = tx.pings.add(check, ping)
            if kind == "fail" and (looked := self._configuration().runnable(f"check:{check}")) is not None:
                slot, channel = f"ping:{number}", looked.channel
                start_run(tx, looked, slot=slot, trigger=Trigger.RHYTHM, now=ping.at, channel=channel)

        await self._store.write(work)
        return True

    def _whose(self, token: str) -> str | None:
        configuration = self._configuration()
        if self._known[0] is not configuration:
            own = configuration.ping_tokens(self._secret)
            self._known = (configuration, {_digest(token): name for name, token in own.items()})
        # Found by digest: how long that takes says nothing of how much of a token was right.
        return self._known[1].get(_digest(token))

    def _count(self, check: str) -> None:
        now, recent = self._clock.monotonic(), self._recent.setdefault(check, deque(maxlen=MOST_A_MINUTE))
        if len(recent) == MOST_A_MINUTE and now - recent[0] < 60:
            raise TooMany
        recent.append(now)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
