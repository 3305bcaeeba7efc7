"""The report of a day: what was run, what went wrong, what was done about it, what is left, and the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.days import WEEKDAYS
from bot.domain.durations import instant
from bot.domain.escalation import told_by
from bot.domain.incidents import Entry, Incident, Reason, Refused
from bot.domain.logbook import Kind, LogEntry
from bot.domain.near import did_you_mean, quoted
from bot.domain.runs import ItemState, Run, RunState, Trigger
from checks import Outcome

DEEDS = frozenset(
    (
        Reason.ACKNOWLEDGED,
        Reason.UNACKNOWLEDGED,
        Reason.ESCALATED,
        Reason.SNOOZED,
        Reason.WOKEN,
        Reason.RESOLVED,
        Reason.REOPENED,
    )
)
"""What counts as somebody's action, where a person and not Rounds did it."""

_FIRST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run, without its results.

    Args:
        outcomes: how many checks came out how.
        items: how many manual items are in which state.
    """

    id: int
    checklist: str
    title: str
    due_at: datetime
    state: RunState
    trigger: Trigger
    outcomes: Counter[Outcome]
    items: Counter[ItemState]


@dataclass(frozen=True, slots=True)
class Round:
    """All runs of one checklist in a day.

    Args:
        count: runs that took place.
        missed: slots that got no run of their own.
        outcomes: of the checks, in the last run of the day.
        worst: the worst outcome of any run of the day; `None` when none has finished.
        done, skipped, left: manual items of all runs, by what became of them.
    """

    checklist: str
    title: str
    count: int
    missed: int
    outcomes: Counter[Outcome]
    worst: Outcome | None
    done: int
    skipped: int
    left: int


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did: to an incident, or as they wrote it down (then there is no reason).

    Args:
        called: whom an escalation called, as targets.
    """

    at: datetime
    by: str
    text: str
    reason: Reason | None = None
    incident_id: int | None = None
    title: str = ""
    called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over the day: its last value, and between what it was.

    Args:
        title: how people call the check.
    """

    check: str
    metric: str
    about: str | None
    unit: str
    last: float
    lowest: float
    highest: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A day, from midnight to midnight.

    Args:
        until: the moment up to which it is known: the end of the day, or now.
        opened, closed: incidents that began, or ended, that day.
        issues, notes: as people wrote them down.
        unresolved: incidents that were going on at the end.
        waiting: runs with manual items that were open at the end.
        complete: what was run is still known; after some weeks only the rest is.
        people: how those in it, and user groups, are called, by Slack's id, as far as that is known.
    """

    day: date
    timezone: str
    until: datetime
    rounds: tuple[Round, ...] = ()
    opened: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()
    issues: tuple[LogEntry, ...] = ()
    actions: tuple[Deed, ...] = ()
    notes: tuple[LogEntry, ...] = ()
    unresolved: tuple[Incident, ...] = ()
    waiting: tuple[Run, ...] = ()
    figures: tuple[Figure, ...] = ()
    complete: bool = True
    people: Mapping[str, str] = field(default_factory=dict)


DAYS = (*WEEKDAYS, "today", "yesterday")
"""Days that have a name."""


def read_day(words: str, today: date) -> date:
    """The day that somebody means: `today` (or nothing), `yesterday`, the last `monday`, `2026-03-02`.

    Raises:
        Refused: that is no day, or one to come.
    """
    word = words.strip().casefold().removeprefix("of ").removeprefix("last ")
    if word in ("", "today"):
        return today
    if word == "yesterday":
        return today - timedelta(days=1)
    for index, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]):
            return today - timedelta(days=(today.weekday() - index) % 7 or 7)
    try:
        day = date.fromisoformat(word)
    except ValueError:
        near = did_you_mean(word, DAYS)
        raise Refused(
            f"{quoted(words)} is no day{near}. Say `today`, `yesterday`, a weekday, or a date such as `{today}`."
        ) from None
    if day > today:
        raise Refused(f"{day} is still to come; there is nothing to report.")
    if day < _FIRST:
        raise Refused(f"{day} is before anything that Rounds could know of.")
    return day


def span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends there; it may have 23 or 25 hours."""
    return (
        instant(datetime.combine(day, time.min), zone),
        instant(datetime.combine(day + timedelta(days=1), time.min), zone),
    )


def assemble(
    day: date,
    timezone: str,
    *,
    now: datetime,
    runs: Iterable[RunSummary],
    incidents: Sequence[Incident],
    story: Iterable[tuple[Incident, Entry]],
    entries: Sequence[LogEntry],
    waiting: Iterable[Run],
    figures: Iterable[Figure],
    kept: timedelta,
    people: Mapping[str, str],
) -> Report:
    """The report of a day.

    Args:
        runs: those that were due that day.
        incidents: those that were going on at any time of it.
        story: what was written into their timelines that day, in order.
        entries: what people wrote into the log that day, in order.
        waiting: runs that wait for a person now.
        kept: how long runs are remembered.
        people: how everybody and every user group is called, by Slack's id.
    """
    begin, end = span(day, ZoneInfo(timezone))
    until = min(end, now)
    deeds = [
        Deed(entry.at, entry.by, entry.text, entry.reason, incident.id, incident.title, _called(incident, entry))
        for incident, entry in story
        if entry.by is not None and entry.reason in DEEDS
    ]
    deeds += [Deed(e.at, e.by, e.text, incident_id=e.incident_id) for e in entries if e.kind is Kind.ACTION]
    involved = {deed.by for deed in deeds} | {entry.by for entry in entries}
    involved |= {target.partition(":")[2] for deed in deeds for target in deed.called}
    involved |= {who for i in incidents for who in (i.acknowledged_by, i.resolved_by) if who}
    return Report(
        day=day,
        timezone=timezone,
        until=until,
        rounds=tuple(_rounds(runs)),
        opened=tuple(i for i in incidents if begin <= i.opened_at < end),
        closed=tuple(i for i in incidents if i.resolved_at is not None and begin <= i.resolved_at < end),
        issues=tuple(entry for entry in entries if entry.kind is Kind.ISSUE),
        actions=tuple(sorted(deeds, key=lambda deed: deed.at)),
        notes=tuple(entry for entry in entries if entry.kind is Kind.NOTE),
        unresolved=tuple(i for i in incidents if i.resolved_at is None or i.resolved_at >= until),
        waiting=tuple(run for run in waiting if run.due_at < until),
        figures=tuple(figures),
        complete=now - begin <= kept,
        people={who: people[who] for who in sorted(involved) if who in people},
    )


def _rounds(runs: Iterable[RunSummary]) -> Iterable[Round]:
    by_checklist: dict[str, list[RunSummary]] = {}
    for run in sorted(runs, key=lambda run: run.due_at):
        by_checklist.setdefault(run.checklist, []).append(run)
    for checklist, own in by_checklist.items():
        took_place = [run for run in own if run.state not in (RunState.MISSED, RunState.COALESCED)]
        finished = [run for run in took_place if run.state.finished]
        items = sum((run.items for run in took_place), Counter[ItemState]())
        yield Round(
            checklist=checklist,
            title=own[-1].title,
            count=len(took_place),
            missed=len(own) - len(took_place),
            outcomes=finished[-1].outcomes if finished else Counter(),
            worst=Outcome.worst(outcome for run in finished for outcome in run.outcomes) if finished else None,
            done=items[ItemState.DONE],
            skipped=items[ItemState.SKIPPED],
            left=items[ItemState.OPEN],
        )


def _called(incident: Incident, entry: Entry) -> tuple[str, ...]:
    if entry.reason is not Reason.ESCALATED:
        return ()
    return tuple(target for step in told_by(entry.text, incident.steps) for target in step.notify)
