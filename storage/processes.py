"""Which processes that share a ledger are alive, as they say themselves.

Such a word is a row of the inbox that is no event: it is overwritten by the next one and forgotten with what is old.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from storage import tables as t
from storage.rows import upsert


class Processes:
    """Every `rounds serve` on this ledger, by name."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def alive(self, name: str) -> None:
        """The process of that name is alive at this moment."""
        upsert(self._connection, t.inbox, {"key": _key(name), "at": self._now}, key=("key",))

    def silent(self, names: Collection[str], *, for_: timedelta) -> frozenset[str]:
        """Of these those that have not said for so long, or never, that they are alive."""
        keys = [_key(name) for name in names]
        lately = select(t.inbox.c.key).where(t.inbox.c.key.in_(keys), t.inbox.c.at > self._now - for_)
        heard = set(self._connection.scalars(lately))
        return frozenset(name for name in names if _key(name) not in heard)


def _key(name: str) -> str:
    return f"here:{name}"[:200]
