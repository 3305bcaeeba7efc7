"""Whether the ledger can be used: said in the log once when that changes, and to whoever asks."""

from __future__ import annotations

import logging
import threading
import time

from bot.domain.ledger import LedgerAway

log = logging.getLogger(__name__)


class Health:
    """Learns from every transaction."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = 0.0
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why the ledger could not be used when it was last tried; `None` if it could."""
        return self._trouble

    def failed(self, error: LedgerAway) -> None:
        """A transaction met this."""
        with self._lock:
            if self._trouble is None:
                self._since = time.monotonic()
                log.error("the ledger cannot be used: %s; what comes due waits for it", error)
            self._trouble = str(error)

    def worked(self) -> None:
        """Something was stored."""
        with self._lock:
            if self._trouble is not None:
                log.warning("the ledger can be used again, after %.0f s", time.monotonic() - self._since)
            self._trouble = None
