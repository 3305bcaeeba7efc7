"""Promises about incidents, their steps and their timelines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.promises.seen import Commit, Seen, of_a_commit
from tests.simulation.team import DAMPING


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
    """Fired is fired: it is never armed again, and never fires a second time."""
    del seen
    for change in commit.of("step"):
        after = {step.position: step for step in change.after}
        for step in change.before:
            if step.state == "fired" and after.get(step.position) != step:
                yield f"step {step.position + 1} of #{change.key} had fired, and became {after.get(step.position)}"


@of_a_commit
def a_step_fires_only_when_it_is_due_and_nobody_has_it(seen: Seen, commit: Commit) -> Iterator[str]:
    """By itself a step fires while its incident is open, at its time, or when the time to acknowledge is up."""
    for change in commit.of("step"):
        was = commit.was("incident", change.key)
        if was is None:
            continue
        version = was.version
        entries = seen.rows["timeline"][change.key][version:]
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
        told = sum(entry.reason == "escalated" for entry in entries)
        if told != len(fired):
            yield f"{len(fired)} steps of #{change.key} fired, and {told} were told"


def _newly_fired(before: Any, after: Any) -> list[Any]:
    earlier = {step.position for step in before if step.state == "fired"}
    return [step for step in after if step.state == "fired" and step.position not in earlier]


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
    """Open: nobody has it. Acknowledged: somebody does. Resolved: since when, and for ever."""
    del seen
    for change in commit.of("incident"):
        incident = change.after
        if change.before is not None and change.before.state == "resolved":
            yield f"#{incident.id} was resolved, and changed"
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
    """However often Slack delivers it. Every click of a simulation comes through a surface of its own."""
    for change in commit.of("timeline"):
        via = Counter(e.via for e in seen.rows["timeline"][change.key] if e.by is not None)
        yield from (f"click {name} worked {count} times on #{change.key}" for name, count in via.items() if count > 1)


@of_a_commit
def so_many_bad_looks_open_and_so_many_good_ones_close(seen: Seen, commit: Commit) -> Iterator[str]:
    """Counted anew from the results, by the damping that the configuration gives."""
    for change in commit.of("incident"):
        before, after = change.before, change.after
        what, _, check = after.subject.partition(":")
        over = before is not None and before.state != after.state == "resolved"
        if over and what in ("check", "blind") and after.resolved_by is not None:
            seen.streaks.pop(check, None)  # by hand: the counters start anew
    unresolved = {i.subject for i in seen.rows["incident"].values() if i.state != "resolved"}
    for change in commit.of("watch"):
        if change.after is None:
            seen.streaks.pop(change.key, None)
            continue
        results = [r for c in commit.of("result") for r in c.after if r.check_name == change.key]
        counted = [r for r in results if r.looked_at == change.after.looked_at]
        if not counted or change.key not in DAMPING:
            continue
        bad, good = seen.streaks.get(change.key, (0, 0))
        match counted[0].outcome:
            case "unknown":
                continue
            case "ok" | "info":
                bad, good = 0, good + 1
            case _:
                bad, good = bad + 1, 0
        seen.streaks[change.key] = bad, good
        open_after, close_after = DAMPING[change.key]
        if bad >= open_after and f"check:{change.key}" not in unresolved:
            yield f"{change.key} was bad {bad} times in a row, and has no incident"
        if good >= close_after and f"check:{change.key}" in unresolved:
            yield f"{change.key} was good {good} times in a row, and its incident goes on"


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
        told["fired"] += sum(step.after_s == 0 for step in steps)
        stored = {
            "state": incident.state,
            "acknowledged_by": None if incident.state == "resolved" else incident.acknowledged_by,
            "resolved_by": incident.resolved_by,
            "snoozed_by": incident.snoozed_by,
            "fired": sum(step.state == "fired" for step in steps),
        }
        if told != stored:
            yield f"#{change.key} is {stored}, and its timeline tells {told}"


def replayed(entries: Any) -> dict[str, Any]:
    """How an incident is by its timeline alone."""
    state: dict[str, Any] = dict.fromkeys(("state", "acknowledged_by", "resolved_by", "snoozed_by"))
    state["fired"] = 0
    for entry in entries:
        match entry.reason:
            case "opened" | "worsened" | "unacknowledged":
                state |= {"state": "open", "acknowledged_by": None}
            case "acknowledged":
                state |= {"state": "acknowledged", "acknowledged_by": entry.by}
            case "escalated":
                state |= {"state": "open", "acknowledged_by": None, "fired": state["fired"] + 1}
            case "resolved" | "recovered" | "no longer checked":
                state |= {"state": "resolved", "acknowledged_by": None, "snoozed_by": None, "resolved_by": entry.by}
            case "snoozed":
                state["snoozed_by"] = entry.by
            case "woken":
                state["snoozed_by"] = None
    return state
