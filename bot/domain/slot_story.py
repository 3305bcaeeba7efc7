"""Why a slot was run, or was not: when it was due, who worked on it, what was seen, and what was told."""

from __future__ import annotations

from datetime import datetime, tzinfo

from bot.domain.accounts import SlotAccount
from bot.domain.durations import say
from bot.domain.near import listed
from bot.domain.runs import GRACE, ItemState, Post, Run, RunState, Trigger
from bot.domain.story import Line, Story, by, called, chapters, deliveries, many, message
from checks import show


def of_slot(account: SlotAccount, *, post: Post | None, now: datetime, zone: tzinfo) -> Story:
    """Why this slot was run, or was not.

    Args:
        post: when its checklist posts; `None` if that is not configured any more.
        zone: in which moments within a sentence are told.
    """
    run = account.run
    looks = [
        Line(
            f"{result.check}: {result.outcome.value}, {result.headline} ({show(result.duration_ms, 'ms')})",
            result.looked_at,
            {"check": result.check, "outcome": result.outcome.value, "duration_ms": result.duration_ms},
        )
        for result in run.results
    ]
    items = [
        Line(
            f"“{item.item.text}”: {item.state.value}{by(item.owner if item.state is ItemState.OPEN else item.by)}",
            item.at,
            {"item": item.item.id},
        )
        for item in run.items
        if item.manual
    ]
    gaps = [Line(f"it names the slot {gap.slot}, which was {gap.state.value}", gap.due_at) for gap in run.gaps]
    opened = [
        Line(f"{called(one)} opened: {one.summary}", one.opened_at, {"incident": one.id}) for one in account.opened
    ]
    told = [*message(account.card), *deliveries(account.deliveries, zone)] or [Line(_not_posted(run, post))]
    return Story(
        f"{run.checklist}@{run.slot}",
        _state_of(account, now),
        chapters(
            ("Worked on", _worked_on(account)),
            ("Looked", looks),
            ("By hand", items),
            ("Gaps", gaps),
            ("Incidents", opened or ([Line("none was opened by these looks")] if looks else [])),
            ("Told", told),
        ),
    )


def _worked_on(account: SlotAccount) -> list[Line]:
    run = account.run
    requested = f" by {run.requested_by}" if run.requested_by else ""
    asked = "a ping that told of a failure" if run.slot.startswith("ping:") else f"{run.trigger.value}{requested}"
    lines = [Line(f"due, by {asked}", run.due_at, {"run": run.id, "trigger": run.trigger.value})]
    if account.skipped:
        lines.append(Line(f"it stands for {many(account.skipped, 'earlier slot')} as well"))
    if account.enqueued_at is not None:
        lines.append(Line("handed to the queue (for the last time)", account.enqueued_at))
    if run.started_at is not None:
        lines.append(Line(f"claimed (attempt {run.attempt})", run.started_at, {"attempt": run.attempt}))
    if run.finished_at is not None:
        lines.append(Line(f"concluded: {run.state.value}", run.finished_at, {"state": run.state.value}))
    return lines


def _state_of(account: SlotAccount, now: datetime) -> str:
    run = account.run
    told_in = _named(account)
    match run.state:
        case RunState.MISSED if run.finished_at is not None:  # by the runner; who is merely late never ends
            return f"missed: the configuration had changed by then and has no {run.checklist} any more; {told_in}"
        case RunState.MISSED:
            return f"missed: nobody could finish it within {say(GRACE)} of its moment; {told_in}"
        case RunState.COALESCED:
            return f"it got no run of its own, because a later slot had come due by then; {told_in}"
        case RunState.NEW:
            waits = f"since {say(now - run.due_at)}" if now > run.due_at else "from now on"
            return f"it waits {waits} for somebody to work on it; after {say(GRACE)} it counts as missed"
        case RunState.RUNNING if account.lease_until is not None and account.lease_until <= now:
            return (
                f"whoever worked on it stopped {say(now - account.lease_until)} ago; the next sweep hands it over again"
            )
        case RunState.RUNNING:
            left = say(account.lease_until - now) if account.lease_until is not None else "a while"
            held = f"if nobody hears of whoever does so, others may take it in {left}"
            return f"it is being looked at, attempt {run.attempt}; {held}"
        case RunState.WAITING:
            waiting = listed([f"“{item.item.text}”" for item in run.open_items], most=3)
            return f"looked at ({run.outcome.value}); it waits for a person: {waiting}"
        case RunState.CARRIED:
            return f"looked at ({run.outcome.value}); a later run took its open items over"
        case RunState.COMPLETE:
            return f"complete: {run.outcome.value}" if run.results else "complete"


def _named(account: SlotAccount) -> str:
    if account.told_in:
        return f"the digest of {account.told_in} names it"
    match account.run.trigger:
        case Trigger.SCHEDULE:
            return "the next digest will name it"
        case Trigger.RHYTHM:
            return "no digest names it, and its checks are looked at when they are due next"
        case _:
            return "no digest names it, because no schedule asked for it"


def _not_posted(run: Run, post: Post | None) -> str:
    if run.trigger is Trigger.RHYTHM:
        return "a check's own rhythm posts nothing, only incidents"
    if run.state in (RunState.MISSED, RunState.COALESCED):
        named = "; a digest names it" if run.trigger is Trigger.SCHEDULE else ""
        return f"a slot without a run has no message of its own{named}"
    if not run.state.finished:
        return "nothing yet"
    if post is Post.PROBLEMS:
        return "nothing was wrong, and the checklist posts problems only (post: problems)"
    if post is Post.CHANGES:
        return "nothing had changed, and the message of this checklist shows the newest run (post: changes)"
    return "no message of it is known; that of the same checklist may show a later run now"
