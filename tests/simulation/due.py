"""What there is to do in a simulated world, and when the next thing comes: so that few steps are idle."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tests.simulation.ledger import Change, Ledger

JOBS = ("tick", "sweep", "escalate", "deliver")
UNCLAIMED = 3_000_000
_OPEN = {
    "run": lambda row: row.state in ("new", "running", "waiting"),
    "outbox": lambda row: row.state in ("pending", "sending"),
    "message": lambda row: row.wanted > row.shown and row.ts is not None,
    "incident": lambda row: row.state == "open" or row.snoozed_until is not None,
}


class Due:
    """The open rows of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.open: dict[str, dict[Any, Any]] = {table: {} for table in _OPEN}

    def note(self, changes: list[Change]) -> None:
        """Something was committed."""
        for change in changes:
            if change.table in _OPEN:
                if change.after is not None and _OPEN[change.table](change.after):
                    self.open[change.table][change.key] = change.after
                else:
                    self.open[change.table].pop(change.key, None)

    def jobs(self, now: int) -> list[str]:
        """The jobs that have something to do."""
        return sorted({job for job, at in self._moments() if at <= now})

    def next_moment(self, now: int, *, ahead: Collection[str] = JOBS) -> int | None:
        """When these jobs have something to do next."""
        return min((at for job, at in self._moments() if at > now and job in ahead), default=None)

    def left(self, now: int) -> bool:
        """Whether anything is still to be worked on or to be told, or somebody is to be called now."""
        return any(job in ("sweep", "deliver") or (job == "escalate" and at <= now) for job, at in self._moments())

    def _moments(self) -> Iterator[tuple[str, int]]:
        for schedule in self._ledger.rows["schedule"].values():
            if schedule.next_due is not None:
                yield "tick", schedule.next_due
        for run in self.open["run"].values():
            yield from _of_run(run, self._ledger.rows["run_item"].get(run.id, ()))
        for incident in self.open["incident"].values():
            yield from _of_incident(incident, self._ledger.rows["step"].get(incident.id, ()))
        for row in self.open["outbox"].values():
            yield "deliver", row.not_before if row.state == "pending" else row.lease_until
        for message in self.open["message"].values():
            yield "deliver", message.not_before or 0


def _of_run(run: Any, items: Any) -> Iterator[tuple[str, int]]:
    if run.state == "new":
        yield "sweep", 0 if run.enqueued_at is None else run.enqueued_at + UNCLAIMED
    elif run.state == "running":
        yield "sweep", run.lease_until
    elif run.overdue_at is not None and any(map(_ownerless, items)):
        yield "escalate", run.overdue_at


def _ownerless(item: Any) -> bool:
    return item.check_name is None and item.state == "open" and item.owner in (None, item.meant_for)


def _of_incident(incident: Any, steps: Any) -> Iterator[tuple[str, int]]:
    if incident.snoozed_until is not None:
        yield "escalate", incident.snoozed_until
        return
    if incident.acknowledge_by is not None:
        yield "escalate", incident.acknowledge_by
    for step in steps:
        if step.state == "pending":
            yield "escalate", step.due_at
