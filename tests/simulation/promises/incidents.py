"""Promises about incidents, their steps and their timelines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.promises.seen import Commit, Seen, of_a_commit

DIRECT = 1_000
"""The position of the first direct call; before it come the steps of the policy."""

_STEP = re.compile(r"step (?P<step>\d+) of \d+|direct call (?P<call>\d+)")
_CLICK = re.compile(r"b\d+")


@of_a_commit
def a_subject_has_at_most_one_unresolved_incident(seen: Seen, commit: Commit) -> Iterator[str]:
    """Two incidents about one thing would call people twice."""
    if commit.of("incident"):
        subjects = Counter(i.subject for i in seen.rows["incident"].values() if i.state != "resolved")
        yield from (f"{subject} has {count} incidents" for subject, count in subjects.items() if count > 1)


@of_a_commit
def what_is_decided_is_told(seen: Seen, commit: Commit) -> Iterator[str]:
    """Each version of an incident has its line in the timeline and its row in the outbox, all of one commit."""
    for change in commit.of("incident"):
        incident = change.after
        entries = seen.rows["timeline"].get(change.key, ())
        version = change.before.version if change.before is not None else 0
        if incident.version <= version or len(entries) != incident.version:
            yield f"#{incident.id} is at version {incident.version} after {version}, with {len(entries)} lines"
        added = {c.after.ref: c.after for c in commit.of("outbox") if c.before is None}
        for number, entry in enumerate(entries[version:], start=version + 1):
            row = added.get(entry.id)
            if row is None or row.key != f"incident:{incident.id}:{number}:{entry.reason}":
                yield f"#{incident.id} was {entry.reason}, and nothing is to tell it"


@of_a_commit
def a_step_fires_at_most_once(seen: Seen, commit: Commit) -> Iterator[str]:
    """Fired is fired: it is never armed again, and fires a second time only if somebody asks for it by its name."""
    for change in commit.of("step"):
        after = {step.position: step for step in change.after}
        asked_for = {told_position(e.text) for e in new_entries(seen, commit, change.key) if ", again" in e.text}
        for step in change.before:
            again = step._replace(fired_at=None) if step.position in asked_for else step
            became = after.get(step.position)
            if step.position in asked_for and became is not None:
                became = became._replace(fired_at=None)
            if step.state == "fired" and became != again:
                yield f"step {step.position + 1} of #{change.key} had fired, and became {after.get(step.position)}"


@of_a_commit
def a_step_fires_only_when_it_is_due_and_nobody_has_it(seen: Seen, commit: Commit) -> Iterator[str]:
    """By itself a step fires while its incident is open, at its time, or when the time to acknowledge is up."""
    for change in commit.of("step"):
        was = commit.was("incident", change.key)
        if was is None:
            continue
        entries = new_entries(seen, commit, change.key)
        by_hand = any(entry.reason == "escalated" and entry.by is not None for entry in entries)
        fired = _newly_fired(change.before, change.after)
        if fired and not by_hand:
            if was.state != "open":
                yield f"step {fired[0].position + 1} of #{change.key} fired while that was {was.state}"
            if was.snoozed_until is not None and was.snoozed_until > commit.now:
                yield f"step {fired[0].position + 1} of #{change.key} fired while that was quiet"
            late = was.acknowledge_by is not None and was.acknowledge_by <= commit.now
            before = {step.position: step for step in change.before}
            early = [step for step in fired if before[step.position].due_at > commit.now]
            if len(early) > late:
                yield f"step {early[0].position + 1} of #{change.key} fired before its time"
        told = sum(entry.reason == "escalated" and ", again" not in entry.text for entry in entries)
        if told != len(fired):
            yield f"{len(fired)} steps of #{change.key} fired, and {told} were told"


def _newly_fired(before: Any, after: Any) -> list[Any]:
    earlier = {step.position for step in before if step.state == "fired"}
    return [step for step in after if step.state == "fired" and step.position not in earlier]


def new_entries(seen: Seen, commit: Commit, number: int) -> Any:
    """What a commit added to the story of an incident."""
    was = commit.was("incident", number)
    return seen.rows["timeline"].get(number, ())[0 if was is None else was.version :]


def told_position(text: str) -> int:
    """Which step a line of the timeline tells, by its position."""
    told = _STEP.match(text)
    assert told is not None, text
    return int(told["step"]) - 1 if told["step"] else DIRECT + int(told["call"]) - 1


@of_a_commit
def who_has_it_is_not_called(seen: Seen, commit: Commit) -> Iterator[str]:
    """Acknowledged or resolved, nothing is armed."""
    for change in commit.of("incident"):
        if change.after.state != "open":
            armed = [s.position + 1 for s in seen.rows["step"].get(change.key, ()) if s.state == "pending"]
            if armed:
                yield f"#{change.key} is {change.after.state}, and steps {armed} are armed"


@of_a_commit
def an_incident_is_in_one_state(seen: Seen, commit: Commit) -> Iterator[str]:
    """Open: nobody has it. Acknowledged: somebody does. Resolved: since when, until whoever said so takes it back."""
    for change in commit.of("incident"):
        incident = change.after
        if change.before is not None and change.before.state == "resolved":
            first = new_entries(seen, commit, change.key)[0]
            if first.reason != "reopened" or first.by is None:
                yield f"#{incident.id} was resolved, and changed"
            elif change.before.resolved_by is None:
                yield f"#{incident.id} recovered by itself, and was reopened"
        if (incident.state == "acknowledged") != (
            incident.acknowledged_by is not None
        ) and incident.state != "resolved":
            yield f"#{incident.id} is {incident.state}, and {incident.acknowledged_by} has it"
        if (incident.state == "resolved") != (incident.resolved_at is not None):
            yield f"#{incident.id} is {incident.state}, and was resolved at {incident.resolved_at}"
        if incident.severity not in ("warning", "critical"):
            yield f"#{incident.id} is {incident.severity}"


@of_a_commit
def a_click_works_once(seen: Seen, commit: Commit) -> Iterator[str]:
    """However often Slack delivers it. Every click of a simulation comes through a surface of its own.

    What it does, it does at one moment: it may open an incident and call somebody.
    """
    for change in commit.of("timeline"):
        told = seen.rows["timeline"][change.key]
        via = Counter(name for name, _ in {(e.via, e.at) for e in told if _CLICK.fullmatch(e.via)})
        yield from (f"click {name} worked {count} times on #{change.key}" for name, count in via.items() if count > 1)


@of_a_commit
def quiet_ends_when_it_was_to_end_and_what_is_open_is_told(seen: Seen, commit: Commit) -> Iterator[str]:
    """By itself not before its time; and then whoever may be called hears of it in the channel."""
    for change in commit.of("incident"):
        before, after = change.before, change.after
        if before is None or before.snoozed_until is None or after.snoozed_until is not None:
            continue
        entries = seen.rows["timeline"][change.key][before.version :]
        woken = next((e for e in entries if e.reason == "woken"), None)
        if woken is None:
            if after.state != "resolved":
                yield f"#{change.key} is quiet no longer, and nothing says why"
        elif woken.by is None:
            row = next(r for r in seen.by_key.values() if r.ref == woken.id)
            if before.snoozed_until > commit.now:
                yield f"the quiet of #{change.key} ended before its time"
            if before.state == "open" and not row.broadcast:
                yield f"#{change.key} is open and quiet no longer, and the channel does not hear of it"


@of_a_commit
def the_timeline_replays_to_the_same_state(seen: Seen, commit: Commit) -> Iterator[str]:
    """Who reads the story knows how the incident is, who has it, who wants quiet, and how far it has climbed."""
    for change in commit.of("incident"):
        incident = change.after
        told = replayed(seen.rows["timeline"][change.key])
        steps = seen.rows["step"].get(change.key, ())
        told["fired"] |= {s.position for s in steps if s.after_s == 0 and s.position < DIRECT}
        stored = {
            "state": incident.state,
            "acknowledged_by": None if incident.state == "resolved" else incident.acknowledged_by,
            "resolved_by": incident.resolved_by,
            "snoozed_by": incident.snoozed_by,
            "fired": {step.position for step in steps if step.state == "fired"},
        }
        if told != stored:
            yield f"#{change.key} is {stored}, and its timeline tells {told}"


def replayed(entries: Any) -> dict[str, Any]:
    """How an incident is by its timeline alone."""
    state: dict[str, Any] = dict.fromkeys(("state", "acknowledged_by", "resolved_by", "snoozed_by"))
    state["fired"] = set()
    for entry in entries:
        match entry.reason:
            case "opened" | "worsened" | "unacknowledged":
                state |= {"state": "open", "acknowledged_by": None}
            case "acknowledged":
                state |= {"state": "acknowledged", "acknowledged_by": entry.by}
            case "escalated":
                state |= {"state": "open", "acknowledged_by": None}
                state["fired"].add(told_position(entry.text))
            case "reopened":
                state |= {"state": "open", "acknowledged_by": None, "resolved_by": None}
            case "resolved" | "recovered" | "no longer checked":
                state |= {"state": "resolved", "acknowledged_by": None, "snoozed_by": None, "resolved_by": entry.by}
            case "snoozed":
                state["snoozed_by"] = entry.by
            case "woken":
                state["snoozed_by"] = None
    return state
