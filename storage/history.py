"""What was measured: raw results for two weeks, and roll-ups by the hour for 400 days.

An hour is rolled up when it is over (`storage.rollups`); what came after is read from the results themselves
(`storage.recalling`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.domain.history import HistoryNeed
from storage import tables as t
from storage.recalling import Fact, Recall
from storage.rollups import hours, key_of


class History:
    """Facts from stored results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, needs: Mapping[str, Iterable[HistoryNeed]], now: datetime) -> dict[str, dict[HistoryNeed, Fact]]:
        """What the rules of these checks ask for, as of `now`, by check; one fact for each object that is known."""
        asking = {check: tuple(wanted) for check, wanted in needs.items() if wanted}
        return Recall(self._connection, now).facts(asking) if asking else {}

    def series(
        self,
        check: str,
        metric: str,
        *,
        about: str | None,
        since: datetime,
        until: datetime | None = None,
        most: int = 60,
    ) -> list[tuple[datetime, float]]:
        """A metric's averages by the hour, oldest first, thinned to `most` points, for a chart."""
        points = [
            (row["hour"], row["total"] / row["count"])
            for row in hours(self._connection, [check], since, until, metric=metric)
            if row["about"] == key_of(about)
        ]
        step = -(-len(points) // most) or 1
        return points[::-1][::step][::-1]  # the newest is always there

    def forget(self, *, before: datetime, limit: int = 5_000) -> int:
        """Delete roll-ups of hours before then; returns how many."""
        keys = [t.rollup.c.check_name, t.rollup.c.metric, t.rollup.c.about, t.rollup.c.hour]
        old = self._connection.execute(select(*keys).where(t.rollup.c.hour < before).limit(limit)).all()
        for row in old:
            self._connection.execute(
                delete(t.rollup).where(*(column == value for column, value in zip(keys, row, strict=True)))
            )
        return len(old)
