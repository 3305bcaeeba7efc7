"""What is remembered of each check between two looks: its counters, and what its kind wrote down."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, select

from bot.domain.watching import Streak, Watch
from checks import Outcome
from storage import tables as t
from storage.rows import insert_new, upsert

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands in the row of a check that somebody holds before its first look is concluded."""

_NO_STREAK = Streak()


@dataclass(frozen=True, slots=True)
class Remembered:
    """A check's watch row. `looked_at` is `None` before its first look."""

    watch: Watch = field(default_factory=Watch)
    memory: dict[str, Any] = field(default_factory=dict)
    looked_at: datetime | None = None


# Written out, because every result passes here twice.
def _dump(watch: Watch) -> dict[str, Any]:
    return {
        "bad": _counted(watch.bad),
        "critical": _counted(watch.critical),
        "good": _counted(watch.good),
        "eased": _counted(watch.eased),
        "unknown": _counted(watch.unknown),
        "outcome": watch.outcome.value if watch.outcome else None,
        "since": watch.since.isoformat() if watch.since else None,
    }


def _counted(streak: Streak) -> list[Any]:
    return [streak.count, streak.since.isoformat() if streak.since else None]


def _load(counters: dict[str, Any]) -> Watch:
    outcome, since = counters["outcome"], counters["since"]
    return Watch(
        bad=_streak(counters["bad"]),
        critical=_streak(counters["critical"]),
        good=_streak(counters["good"]),
        eased=_streak(counters["eased"]),
        unknown=_streak(counters["unknown"]),
        outcome=Outcome(outcome) if outcome else None,
        since=datetime.fromisoformat(since) if since else None,
    )


def _streak(counted: Sequence[Any]) -> Streak:
    count, since = counted
    if not count and since is None:
        return _NO_STREAK
    return Streak(count, datetime.fromisoformat(since) if since else None)


def _remembered(row: Any) -> Remembered:
    looked_at = row.looked_at if row.looked_at != _NEVER else None
    return Remembered(_load(row.counters), dict(row.memory or {}), looked_at)


def _row(check: str, remembered: Remembered) -> dict[str, Any]:
    return {
        "check_name": check,
        "counters": _dump(remembered.watch),
        "memory": remembered.memory or None,
        "looked_at": remembered.looked_at or _NEVER,
    }


# Made once: with SQLAlchemy, making a statement costs more than executing it.
_OF = select(t.watch).where(t.watch.c.check_name.in_(bindparam("checks", expanding=True)))
_HELD = _OF.order_by(t.watch.c.check_name).with_for_update()
_MEMORIES = select(t.watch.c.check_name, t.watch.c.memory).where(
    t.watch.c.check_name.in_(bindparam("checks", expanding=True))
)


class Watches:
    """Counters and memory by check."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, checks: Collection[str]) -> dict[str, Remembered]:
        """What is remembered of these checks; an empty watch for one never looked at."""
        found = self._found(_OF, checks)
        return {name: found.get(name, Remembered()) for name in checks}

    def hold(self, checks: Collection[str]) -> dict[str, Remembered]:
        """What is remembered of these checks, kept from others until this transaction ends.

        On PostgreSQL two workers may conclude looks at one check at the same moment; without this, the counters of the
        one would be forgotten.
        """
        found = self._found(_HELD, checks)
        if new := sorted(set(checks) - found.keys()):
            insert_new(self._connection, t.watch, [_row(name, Remembered()) for name in new])
            found = self._found(_HELD, checks)
        return found

    def _found(self, query: Select[Any], checks: Collection[str]) -> dict[str, Remembered]:
        rows = self._connection.execute(query, {"checks": list(checks)})
        return {row.check_name: _remembered(row) for row in rows}

    def memories(self, checks: Collection[str]) -> dict[str, dict[str, Any]]:
        """What the kinds of these checks wrote down at their last looks."""
        rows = self._connection.execute(_MEMORIES, {"checks": list(checks)})
        return {row.check_name: dict(row.memory or {}) for row in rows}

    def save(self, check: str, remembered: Remembered) -> None:
        """Write it back."""
        self.save_all({check: remembered})

    def save_all(self, remembered: Mapping[str, Remembered]) -> None:
        """Write those of several checks back, in one statement."""
        upsert(self._connection, t.watch, *(_row(*item) for item in remembered.items()), key=("check_name",))

    def names(self) -> set[str]:
        """Every check that has been looked at."""
        return set(self._connection.scalars(select(t.watch.c.check_name)))

    def forget(self, checks: Collection[str]) -> None:
        """They are no longer configured."""
        self._connection.execute(delete(t.watch).where(t.watch.c.check_name.in_(checks)))
