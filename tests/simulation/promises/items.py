"""Promises about manual items: what they make of their run, and that somebody hears when it is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.simulation.promises.seen import Commit, Seen, noted, of_a_commit, when_calm


def open_items(seen: Seen, run_id: int) -> list[Any]:
    """Manual items of a run that nobody has done or skipped."""
    items = seen.rows["run_item"].get(run_id, ())
    return [item for item in items if item.check_name is None and item.state == "open"]


def ownerless(seen: Seen, run_id: int) -> list[Any]:
    """Those of them that nobody has taken; whom one is meant for has not taken it by that."""
    return [item for item in open_items(seen, run_id) if item.owner in (None, item.meant_for)]


def _moved(commit: Commit) -> set[int]:
    """Runs of which something changed, their items included."""
    return {change.key for table in ("run", "run_item") for change in commit.of(table) if change.after}


@of_a_commit
def a_run_is_complete_when_nothing_is_left_to_do(seen: Seen, commit: Commit) -> Iterator[str]:
    """And only then; with something to do left, it waits."""
    for run_id in _moved(commit):
        run = seen.rows["run"].get(run_id)
        if run is None:
            continue
        left = [item.item_id for item in open_items(seen, run_id)]
        if run.state == "complete" and left:
            yield f"run {run_id} is complete, and {left} are open"
        if run.state == "waiting" and not left:
            yield f"run {run_id} waits, and nothing is open"


@of_a_commit
def what_is_overdue_ends_with_its_run(seen: Seen, commit: Commit) -> Iterator[str]:
    """Nobody is called for a run that is done, or that a later one has taken over."""
    unresolved = {i.subject: i for i in seen.rows["incident"].values() if i.state != "resolved"}
    overdue = {int(subject.partition(":")[2]) for subject in unresolved if subject.startswith("run:")}
    moved = _moved(commit) | {
        int(change.after.subject.partition(":")[2])
        for change in commit.of("incident")
        if change.after.subject.startswith("run:")
    }
    for run_id in overdue & moved:
        run = seen.rows["run"].get(run_id)
        if run is not None and run.state != "waiting":
            yield f"run {run_id} is {run.state}, and #{unresolved[f'run:{run_id}'].id} goes on"


@noted
def overdue_runs(seen: Seen, commit: Commit) -> None:
    """Until when items are to be done, since when they are nobody's, and when that was told."""
    for change in commit.of("run"):
        if change.before is None and change.after.overdue_at is not None:
            seen.due_by[change.key] = change.after.overdue_at
    for run_id in _moved(commit) & seen.due_by.keys():
        run = seen.rows["run"].get(run_id)
        if run is not None and run.state == "waiting" and ownerless(seen, run_id):
            seen.nobodys_since.setdefault(run_id, seen.commits)
        else:
            seen.nobodys_since.pop(run_id, None)
    for table in ("outbox", "incident"):
        for change in commit.of(table):
            new = change.after if change.before is None else None
            if new is not None and new.subject.startswith("run:") and (table == "incident" or new.reason == "overdue"):
                seen.overdue_told[int(new.subject.partition(":")[2])] = seen.commits


@when_calm
def what_is_overdue_is_told(seen: Seen) -> Iterator[str]:
    """Whenever items that are due have become nobody's: people hear of it, or have its incident."""
    unresolved = {i.subject for i in seen.rows["incident"].values() if i.state != "resolved"}
    for run_id, since in seen.nobodys_since.items():
        told = seen.overdue_told.get(run_id, -1) >= since or f"run:{run_id}" in unresolved
        if seen.due_by[run_id] <= seen.now and not told:
            left = [item.item_id for item in ownerless(seen, run_id)]
            yield f"run {run_id} is overdue, {left} are nobody's, and nobody was told"
