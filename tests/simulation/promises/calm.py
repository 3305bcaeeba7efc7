"""Promises that hold once nothing fails any more and everything is settled."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.promises.seen import Seen, when_calm


@when_calm
def everything_decided_is_told(seen: Seen) -> Iterator[str]:
    """No message waits, and what counts as sent was posted."""
    for row in seen.rows["outbox"].values():
        if row.state in ("pending", "sending"):
            yield f"{row.key} is {row.state}: {row.error}"
        if row.state == "sent" and not seen.slack.posts[row.key]:
            yield f"{row.key} counts as sent, and was never posted"
        if row.state in ("failed", "dropped") and row.reason != "evidence":
            yield f"{row.key} will never be told: {row.error}"


@when_calm
def every_run_has_come_to_an_end(seen: Seen) -> Iterator[str]:
    """Nobody still works on one."""
    for run in seen.rows["run"].values():
        if run.state in ("new", "running"):
            yield f"run {run.id} ({run.checklist} {run.slot}) is still {run.state}"


@when_calm
def every_gap_is_named(seen: Seen) -> Iterator[str]:
    """By the first run of the checklist that ended after the slot was found missing."""
    ended = {run.checklist: [] for run in seen.rows["run"].values()}
    for run in seen.rows["run"].values():
        if run.trigger in ("schedule", "start") and run.id in seen.finished:
            ended[run.checklist].append(run)
    for gap in seen.rows["run"].values():
        if gap.state not in ("missed", "coalesced") or gap.told_in is not None or gap.trigger != "schedule":
            continue
        later = [
            run.id
            for run in ended[gap.checklist]
            if run.due_at > gap.due_at and seen.finished[run.id] > seen.gap_since[gap.id]
        ]
        if later:
            yield f"{gap.checklist} {gap.slot} is {gap.state}, and runs {later} did not name it"


@when_calm
def every_unresolved_incident_stands_where_people_see_it(seen: Seen) -> Iterator[str]:
    """One card. It may have been overtaken by its channel's end, as long as there is nothing more to tell."""
    for incident in seen.rows["incident"].values():
        cards = [
            m
            for m in seen.slack.messages
            if m.thread_ts is None and m.key.startswith(f"incident:{incident.id}:") and not m.gone
        ]
        if incident.state != "resolved" and not cards:
            yield f"#{incident.id} is {incident.state}, and stands nowhere"
        if len([m for m in cards if not m.marked and m.channel not in seen.slack.were_archived]) > 1:
            yield f"#{incident.id} has {len(cards)} cards"


@when_calm
def what_was_quieted_is_told_anew_or_over(seen: Seen) -> Iterator[str]:
    """A message that was kept back because of quiet: its incident is still quiet, or was woken or resolved later."""
    for row in seen.rows["outbox"].values():
        if row.state != "quiet":
            continue
        number = int(row.subject.partition(":")[2])
        later = [e for e in seen.rows["timeline"][number] if e.id > row.ref]
        ended = any(e.reason in ("woken", "resolved", "recovered", "no longer checked") for e in later)
        if not ended and seen.rows["incident"][number].snoozed_until is None:
            yield f"{row.key} was kept back, and #{number} has never been told anew"


@when_calm
def nobody_is_called_for_what_is_no_longer_checked(seen: Seen) -> Iterator[str]:
    """A check that was taken out of the configuration takes its incidents with it."""
    for incident in seen.rows["incident"].values():
        what, _, check = incident.subject.partition(":")
        if what in ("check", "blind") and incident.state != "resolved" and check not in seen.checks:
            yield f"#{incident.id} is {incident.state}, and {check} is not in the configuration"
