"""How the ledger stands at this moment, in a few numbers that cost little to ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.domain.incidents import State
from bot.domain.runs import RunState
from storage import tables as t


@dataclass(frozen=True, slots=True)
class Gauges:
    """Ages in seconds, 0 where nothing waits.

    Args:
        tick_lag_s: since when the oldest due slot waits to become a run.
        unclaimed_s: since when the oldest run waits for a worker.
        expired_leases: runs whose worker has not reported in time.
        outbox_age_s: since when the oldest message waits.
        incidents: unresolved ones by severity and state.
    """

    tick_lag_s: float
    unclaimed_s: float
    expired_leases: int
    outbox_depth: int
    outbox_age_s: float
    outbox_error: str
    incidents: dict[tuple[str, str], int]


def read_gauges(connection: Connection, now: datetime) -> Gauges:
    """Read them all."""

    def since(moment: datetime | None) -> float:
        return max((now - moment).total_seconds(), 0.0) if moment is not None else 0.0

    scalar = connection.scalar
    due: datetime | None = scalar(select(func.min(t.schedule.c.next_due)).where(t.schedule.c.next_due <= now))
    new: datetime | None = scalar(select(func.min(t.run.c.due_at)).where(t.run.c.state == RunState.NEW.value))
    expired = select(func.count()).where(t.run.c.state == RunState.RUNNING.value, t.run.c.lease_until <= now)
    waiting = t.outbox.c.state.in_(("pending", "sending"))
    depth, oldest = connection.execute(select(func.count(), func.min(t.outbox.c.created_at)).where(waiting)).one()
    error = select(t.outbox.c.error).where(waiting, t.outbox.c.error.is_not(None)).order_by(t.outbox.c.id).limit(1)
    incidents = (
        select(t.incident.c.severity, t.incident.c.state, func.count())
        .where(t.incident.c.state != State.RESOLVED.value)
        .group_by(t.incident.c.severity, t.incident.c.state)
    )
    return Gauges(
        tick_lag_s=since(due),
        unclaimed_s=since(new),
        expired_leases=scalar(expired) or 0,
        outbox_depth=depth,
        outbox_age_s=since(oldest),
        outbox_error=scalar(error) or "",
        incidents={(severity, state): count for severity, state, count in connection.execute(incidents)},
    )
