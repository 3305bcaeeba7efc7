"""Promises about slots, runs and results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.simulation.promises.seen import Commit, Seen, of_a_commit
from tests.simulation.team import ALWAYS_POSTED, length_s

S = 1_000_000

_ON = {
    None: {"new", "missed", "coalesced"},
    "new": {"running", "missed"},
    "running": {"running", "waiting", "complete", "missed"},
    "waiting": {"complete", "carried over"},
    "complete": {"waiting"},
    "carried over": set(),
    "missed": set(),
    "coalesced": set(),
}
"""What may become of a run."""

_LOOK = re.compile(r"\(look (\d+)\)")


@of_a_commit
def every_slot_is_accounted_for_once(seen: Seen, commit: Commit) -> Iterator[str]:
    """Where the cursor has passed, each slot of the calendar has its row, or is one that a rhythm's row stands for.

    A schedule that was changed counts from now, once what the one before it had due is accounted for.
    """
    for change in commit.of("schedule"):
        before, after = change.before, change.after
        if before is None or after is None:
            seen.accounted.pop(change.key, None)  # it is new, or nobody wants it any more
            continue
        new = sorted(
            (c.after for c in commit.of("run") if c.before is None and c.after.checklist == change.key),
            key=lambda run: run.due_at,
        )
        length = length_s(before.spec) * S
        last = seen.accounted.get(change.key)
        for run in new:
            if run.trigger not in ("schedule", "rhythm"):
                continue
            stands_for = 1 + run.skipped
            if last is None:
                last = run.due_at - stands_for * length
                if last > before.cursor:
                    yield f"{change.key} lost the slots from {before.cursor} to {last}"
            elif run.due_at - last != stands_for * length:
                yield f"{run.slot} of {change.key} comes {(run.due_at - last) / S} s after the slot before it"
            last = run.due_at
        if before.spec != after.spec:
            yield from _changed(commit, before, after, last, length)
            seen.accounted.pop(change.key, None)
            continue
        if last is not None and after.cursor - last >= length:
            yield f"{change.key} is accounted for up to {after.cursor}, and its last slot was {last}"
        if last is not None:
            seen.accounted[change.key] = last


def _changed(commit: Commit, before: Any, after: Any, last: int | None, length: int) -> Iterator[str]:
    """`last` is the latest slot of the old schedule that has its account, if any has."""
    was = f"{after.name} was changed at {commit.now}"
    if last is None and before.next_due is not None and before.next_due <= commit.now:
        yield f"{was}, and its slot of {before.next_due} is lost"
    if last is not None and commit.now - last >= length:
        yield f"{was}, and its slots after {last} are lost"
    if after.cursor < commit.now:
        yield f"{was}, and counts from {after.cursor}"


@of_a_commit
def a_run_only_moves_on(seen: Seen, commit: Commit) -> Iterator[str]:
    """From new over running to its end; what was missed or carried over stays so."""
    del seen
    for change in commit.of("run"):
        if change.after is None:
            continue
        before = change.before.state if change.before is not None else None
        if change.after.state != before and change.after.state not in _ON[before]:
            yield f"run {change.key} went from {before} to {change.after.state}"


@of_a_commit
def a_claim_is_taken_only_where_it_is_free(seen: Seen, commit: Commit) -> Iterator[str]:
    """New, or left by somebody whose lease has run out."""
    for change in commit.of("run"):
        before, after = change.before, change.after
        if before is None or after is None or after.attempt == before.attempt:
            continue
        seen.turn_of_claim[change.key] = commit.turn
        if before.state == "running" and before.lease_until > commit.now:
            yield f"run {change.key} was taken from somebody whose lease holds"


@of_a_commit
def results_are_those_of_whoever_held_the_claim(seen: Seen, commit: Commit) -> Iterator[str]:
    """Whoever lost the claim stores nothing, and what is stored never changes."""
    for change in commit.of("result"):
        if change.before and change.after:
            yield f"the results of run {change.key} changed"
        for result in change.after:
            look = _LOOK.search(str(result.findings))
            turn = seen.turn_of_look[int(look[1])] if look else commit.turn
            if turn != seen.turn_of_claim[change.key]:
                yield f"run {change.key} has {result.check_name}'s result of turn {turn}, which had lost the claim"
    for change in commit.of("run"):
        before, after = change.before, change.after
        ended = before is not None and after is not None and after.finished_at != before.finished_at
        if ended and commit.turn != seen.turn_of_claim[change.key]:
            yield f"run {change.key} was finished in turn {commit.turn}, which had lost the claim"


@of_a_commit
def a_gap_is_named_once_by_a_later_run(seen: Seen, commit: Commit) -> Iterator[str]:
    """Missed and coalesced slots stand in one digest, that of a later run of the same checklist."""
    for change in commit.of("run"):
        before, after = change.before, change.after
        if after is None:
            continue
        if after.state in ("missed", "coalesced"):
            seen.gap_since.setdefault(after.id, seen.commits)
        if after.state in ("waiting", "complete") and before is not None and before.state == "running":
            seen.finished[after.id] = seen.commits
        told = before.told_in if before is not None else None
        if after.told_in == told:
            continue
        namer = seen.rows["run"][after.told_in]
        if told is not None:
            yield f"run {after.id} is named by run {told}, and again by run {after.told_in}"
        if after.state not in ("missed", "coalesced"):
            yield f"run {after.id} is {after.state}, and run {after.told_in} names it as a gap"
        if namer.checklist != after.checklist or namer.due_at <= after.due_at:
            yield f"run {after.id} is named by run {namer.id}, which is no later run of {after.checklist}"


@of_a_commit
def a_finished_run_is_told(seen: Seen, commit: Commit) -> Iterator[str]:
    """It ends and its message is decided in one commit."""
    for change in commit.of("run"):
        before, after = change.before, change.after
        if before is None or after is None or before.state != "running":
            continue
        if after.state not in ("waiting", "complete") or after.trigger == "rhythm":
            continue
        if (after.checklist in ALWAYS_POSTED or after.trigger == "hand") and not after.posted:
            yield f"run {after.id} of {after.checklist} is {after.state}, and no message is to tell it"
        if after.posted and f"run:{after.id}" not in seen.rows["message"]:
            yield f"run {after.id} counts as posted, and has no message"
