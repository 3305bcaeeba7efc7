"""Promises about the steps that are still to come: none is lost, and their gaps are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.simulation.promises.incidents import DIRECT, new_entries, told_position
from tests.simulation.promises.seen import Commit, Seen, of_a_commit

S = 1_000_000


@of_a_commit
def what_nobody_has_climbs_on(seen: Seen, commit: Commit) -> Iterator[str]:
    """Given back, worse than what somebody took, or not over after all: every step that never fired counts from now."""
    for change in commit.of("incident"):
        was = change.before
        for entry in new_entries(seen, commit, change.key) if was is not None else ():
            anew = entry.reason in ("unacknowledged", "reopened")
            if anew or (entry.reason == "worsened" and was.state == "acknowledged"):
                yield from _not_armed(seen, commit, change.key, entry)


@of_a_commit
def after_a_call_for_help_the_later_steps_keep_their_gaps(seen: Seen, commit: Commit) -> Iterator[str]:
    """From now, and from the step that somebody asked for."""
    for change in commit.of("incident"):
        for entry in new_entries(seen, commit, change.key):
            if entry.reason == "escalated" and entry.by is not None:
                position = told_position(entry.text)
                yield from _not_armed(seen, commit, change.key, entry, None if position >= DIRECT else position)


def _not_armed(seen: Seen, commit: Commit, number: int, entry: Any, asked_for: int | None = None) -> Iterator[str]:
    steps = [step for step in seen.rows["step"].get(number, ()) if step.position < DIRECT]
    before = [step for step in commit.was("step", number) or () if step.position < DIRECT]
    if before and len(before) != len(steps):
        yield f"#{number} had {len(before)} steps, and has {len(steps)}"
    if asked_for is None:
        base_s = max((step.after_s for step in steps if step.state == "fired"), default=0.0)
    else:
        base_s = next(step.after_s for step in steps if step.position == asked_for)
    for step in steps:
        if step.state == "fired" or (asked_for is not None and step.position < asked_for):
            continue
        due_at = entry.at + round(max(step.after_s - base_s, 0.0) * S)
        if step.state != "pending":
            yield f"#{number} was {entry.reason}, and step {step.position + 1} is {step.state}"
        elif step.due_at != due_at:
            late = (step.due_at - due_at) / S
            yield f"#{number} was {entry.reason}, and step {step.position + 1} comes {late:+.6f} s late"


@of_a_commit
def a_rise_of_what_is_open_leaves_its_steps_alone(seen: Seen, commit: Commit) -> Iterator[str]:
    """They count already."""
    for change in commit.of("incident"):
        was = change.before
        if was is None or was.state != "open":
            continue
        entries = new_entries(seen, commit, change.key)
        if [entry.reason for entry in entries] == ["worsened"] and any(c.key == change.key for c in commit.of("step")):
            yield f"#{change.key} was open and got worse, and its steps changed"


@of_a_commit
def the_end_of_quiet_keeps_the_gaps(seen: Seen, commit: Commit) -> Iterator[str]:
    """All that wait come later by the same time: as much as the first of them was due before the end."""
    for change in commit.of("incident"):
        entries = new_entries(seen, commit, change.key)
        woken = next((e for e in entries if e.reason == "woken"), None)
        # The time to acknowledge may be up as well; then the next step does not wait for its own.
        early = {told_position(e.text) for e in entries if e.reason == "escalated" and e.text.endswith(", early")}
        if woken is None or change.before is None:
            continue
        steps = commit.was("step", change.key) or ()
        waited = {step.position: step.due_at for step in steps if step.state == "pending"}
        if not waited:
            continue
        late = max(woken.at - min(waited.values()), 0)
        for step in seen.rows["step"].get(change.key, ()):
            if step.position not in waited:
                continue
            due_at = waited[step.position] + late
            if step.state == "fired" and (due_at <= commit.now or step.position in early):
                continue
            if step.state != "pending" or step.due_at != due_at:
                moved = (step.due_at - waited[step.position]) / S
                yield (
                    f"the quiet of #{change.key} is over, and step {step.position + 1} is {step.state}, "
                    f"{moved:.6f} s later instead of {late / S:.6f}"
                )
