"""The report of a day, from midnight to midnight where the team lives."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.climbing import escalate_by_hand
from bot.domain.incidents import Refused, acknowledge, recover, resolve
from bot.domain.logbook import Kind, LogEntry
from bot.domain.reports import RunSummary, assemble, read_day, span
from bot.domain.runs import ItemState, Run, RunState, Trigger
from checks import Outcome
from tests.domain.test_incidents import opened

DAY = date(2026, 3, 2)
"""A Monday."""
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

DAYS = [
    ("", DAY),
    ("today", DAY),
    ("Yesterday ", date(2026, 3, 1)),
    ("sunday", date(2026, 3, 1)),
    ("last tue", date(2026, 2, 24)),
    ("monday", date(2026, 2, 23)),
    ("2026-02-28", date(2026, 2, 28)),
    ("of 2026-03-02", DAY),
]


@pytest.mark.parametrize(("words", "day"), DAYS)
def test_a_day_is_read_as_people_say_it(words, day):
    assert read_day(words, DAY) == day


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("2026-03-03", "still to come"),
        ("1999-01-01", "before anything"),
        ("yesterdya", "did you mean yesterday?"),
        ("2026-13-01", "is no day"),
        ("<!channel>", "Say `today`, `yesterday`, a weekday, or a date such as `2026-03-02`"),
    ],
)
def test_what_is_no_day_is_refused_and_says_what_is_one(words, sentence):
    with pytest.raises(Refused) as refused:
        read_day(words, DAY)
    assert sentence in str(refused.value)
    assert "<" not in str(refused.value)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (DAY, 24)])
def test_a_day_is_as_long_as_it_is_where_the_team_lives(day, hours):
    begin, end = span(day, ZoneInfo("Europe/Amsterdam"))
    assert end - begin == timedelta(hours=hours)


def entry(kind: Kind, text: str, at: datetime = NOON) -> LogEntry:
    return LogEntry(at, "U1", "command", kind, text)


def summary(at: datetime, state: RunState, *outcomes: Outcome, **items: int) -> RunSummary:
    states = Counter({ItemState(name): count for name, count in items.items()})
    return RunSummary(1, "morning", "Morning", at, state, Trigger.SCHEDULE, Counter(outcomes), states)


def report(**given):
    nothing = {"runs": (), "incidents": (), "story": (), "entries": (), "waiting": (), "figures": (), "people": {}}
    return assemble(DAY, "UTC", **{"now": NOON + HOUR, "kept": timedelta(days=14), **nothing, **given})


def test_a_quiet_day_has_nothing_to_tell_and_says_up_to_when_it_is_known():
    assert report() == replace(report(), rounds=(), opened=(), actions=(), unresolved=())
    assert report().until == NOON + HOUR
    assert report(now=NOON + timedelta(days=3)).until == datetime(2026, 3, 3, tzinfo=UTC)


def test_the_runs_of_a_checklist_are_one_line_with_the_worst_and_the_last():
    runs = [
        summary(NOON, RunState.WAITING, Outcome.OK, Outcome.OK, done=1, skipped=1, open=2),
        summary(NOON - HOUR, RunState.CARRIED, Outcome.OK, Outcome.CRITICAL, open=1),
        summary(NOON - 2 * HOUR, RunState.MISSED),
        summary(NOON + HOUR, RunState.RUNNING),
    ]
    (line,) = report(runs=runs).rounds
    assert (line.count, line.missed, line.worst, line.outcomes) == (3, 1, Outcome.CRITICAL, {Outcome.OK: 2})
    assert (line.done, line.skipped, line.left) == (1, 1, 3)


def test_a_checklist_that_only_missed_its_slots_has_no_outcome():
    (line,) = report(runs=[summary(NOON, RunState.COALESCED)]).rounds
    assert (line.count, line.missed, line.worst) == (0, 1, None)


def test_incidents_stand_where_they_began_ended_and_go_on():
    begun = replace(opened(), opened_at=NOON)
    before = replace(opened(), id=1, opened_at=NOON - timedelta(days=2))
    ended = recover(before, summary="fine", now=NOON).incident
    told = report(incidents=[ended, begun])
    assert (told.opened, told.closed, told.unresolved) == ((begun,), (ended,), (begun,))


def test_what_was_resolved_only_later_was_going_on_at_the_end_of_the_day():
    later = resolve(replace(opened(), opened_at=NOON), by="U1", now=NOON + timedelta(days=1), via="command").incident
    told = report(incidents=[later], now=NOON + timedelta(days=2))
    assert (told.unresolved, told.closed) == ((later,), ())


def test_actions_are_what_people_did_and_wrote_down_in_the_order_of_time():
    incident = replace(opened(), opened_at=NOON)
    taken = acknowledge(incident, by="U1", now=NOON + HOUR, via="button", note="mine")
    gone = recover(taken.incident, summary="fine", now=NOON + HOUR)
    told = report(
        story=[(incident, taken.entry), (incident, gone.entry)],
        entries=[entry(Kind.ACTION, "restarted it"), entry(Kind.ISSUE, "slow"), entry(Kind.NOTE, "a party")],
    )
    assert [(deed.text, deed.incident_id) for deed in told.actions] == [("restarted it", None), ("mine", 12)]
    assert ([e.text for e in told.issues], [e.text for e in told.notes]) == (["slow"], ["a party"])


def test_an_escalation_by_hand_tells_whom_it_called():
    incident = replace(opened(), opened_at=NOON)
    called = escalate_by_hand(incident, by="U1", now=NOON + HOUR, via="button", to="user:U0CHI", why="knows it")
    told = report(story=[(called.incident, called.entry)], people={"U0CHI": "chi", "U9": "nobody"})
    assert [deed.called for deed in told.actions] == [("user:U0CHI",)]
    assert told.people["U0CHI"] == "chi"


def test_what_was_due_after_the_day_is_not_left_over_from_it():
    def waits(due: datetime) -> Run:
        return Run(1, "morning", "Morning", "s", due, RunState.WAITING, Trigger.SCHEDULE, "#ops")

    early, late = waits(NOON - timedelta(days=5)), waits(NOON + timedelta(days=1))
    assert report(waiting=[early, late], now=NOON + timedelta(days=2)).waiting == (early,)


def test_a_day_that_is_long_ago_says_that_its_runs_are_forgotten():
    assert report().complete
    assert not report(now=NOON + timedelta(days=15)).complete
