"""Typical cards to the letter, so that a change of words or blocks is seen, and meant.

The files in `golden/` are what Slack is given. `ROUNDS_GOLDEN=write make test ARGS="-k golden"` writes them anew; look
at the difference before you commit it. They can be pasted into Slack's Block Kit Builder.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import incidents
from bot.domain.climbing import escalate_by_hand, fire_due
from bot.domain.comparing import Before
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.incidents import Effect, Entry, Reason, State
from bot.domain.logbook import Kind, LogEntry
from bot.domain.notifications import (
    CheckView,
    Detour,
    Due,
    IncidentView,
    Loss,
    NoticeView,
    Place,
    RunView,
    Series,
    StatusView,
)
from bot.domain.quiet import snooze, wake
from bot.domain.reports import Deed, Figure, Report, Round
from bot.domain.runs import Gap, Item, ItemState, Run, RunItem, RunState, Trigger
from bot.slack.cards import (
    Card,
    answer_card,
    ask_for_all,
    card_of,
    help_card,
    home_view,
    oncall_card,
    perhaps_card,
    report_card,
    shown_card,
    status_card,
    without_charts,
)
from bot.slack.cards.chart import chart
from bot.slack.cards.evidence import evidence_card
from bot.slack.cards.incident import reply_card
from bot.slack.cards.run import overdue_card
from bot.slack.report_file import report_file
from checks import Evidence, Metric, Outcome
from commands.grammar import help_text
from tests.slack import limits
from tests.slack.dialogs import dialogs
from tests.slack.golden_files import GOLDEN, WRITE, golden
from tests.slack.states import ANN, BEN, NOW, People, result

POLICY = Policy(
    "team",
    (
        PolicyStep(timedelta(), ("user:ann",)),
        PolicyStep(timedelta(minutes=15), ("user:ben",)),
        PolicyStep(timedelta(minutes=30), ("usergroup:sre",)),
    ),
)
DISK = result(
    "root-disk",
    Outcome.CRITICAL,
    "/ is 93 % used (limit 90 %)",
    evidence=(Evidence("df /", "          Size     Used    Avail   Use%\nbytes  98 GiB   91 GiB    7 GiB    93%"),),
)
API = result("api", Outcome.UNKNOWN, "could not check: gave up after 10 s")
MEMORY = result("memory", Outcome.OK, "memory is 41 % used")

OPENED = replace(
    incidents.open_incident(
        subject="check:root-disk",
        title="Disk of web-1",
        severity=Outcome.CRITICAL,
        summary=DISK.headline,
        channel="#operations",
        policy=POLICY,
        now=NOW,
    ).incident,
    id=12,
)
TAKEN = incidents.acknowledge(OPENED, by=ANN, now=NOW + timedelta(minutes=4), via="button", note="cleaning up").incident
OVER = incidents.recover(TAKEN, summary="/ is 61 % used", now=NOW + timedelta(minutes=9)).incident

RUN = Run(
    id=7,
    checklist="morning",
    title="Morning health check",
    slot="2026-03-02T09:00",
    due_at=NOW,
    state=RunState.WAITING,
    trigger=Trigger.SCHEDULE,
    channel="#operations",
    started_at=NOW,
    finished_at=NOW + timedelta(seconds=2),
    items=(
        RunItem(Item("root-disk", "Disk of web-1", "root-disk", "Machines"), result=DISK),
        RunItem(Item("memory", "Memory of web-1", "memory", "Machines"), result=MEMORY),
        RunItem(Item("api", "The API", "api", "Services", "https://status.example.com/"), result=API),
        RunItem(Item("dashboard", "Review the security dashboard", None, "Services", how="All tiles are green.")),
        RunItem(Item("mail", "Read the mail to root"), state=ItemState.DONE, by=BEN, at=NOW, note="nothing new"),
    ),
)
MISSED = replace(RUN, state=RunState.MISSED, items=())


QUIET = snooze(OPENED, until=NOW + timedelta(hours=2), by=ANN, now=NOW, via="command").incident


def incident_view(effect: Effect | None = None) -> IncidentView:
    """The incident, after an effect."""
    shown = effect.incident if effect else OPENED
    why, todo = "a full disk stops databases, logs and mail at once.", "find what grew with `du -xh`."
    return IncidentView(shown, result=DISK, why=why, what_to_do=todo, timezone="UTC")


def reply(effect: Effect | None) -> Card:
    """What is told in the thread of an effect."""
    assert effect is not None
    return reply_card(incident_view(effect), effect.entry, People())


def in_thread(name: str) -> Card:
    """The reply that an action of that name brings."""
    later = NOW + timedelta(minutes=15)
    told = {
        "acknowledged": incidents.acknowledge(OPENED, by=ANN, now=later, via="button", note="cleaning up"),
        "escalated": fire_due(OPENED, now=later),
        "escalated-by-hand": escalate_by_hand(OPENED, by=ANN, now=later, via="command", why="need a hand"),
        "recovered": incidents.recover(TAKEN, summary="/ is 61 % used", now=later),
        "snoozed": snooze(OPENED, until=later + timedelta(hours=2), by=ANN, now=later, via="command", why="a backup"),
        "woken": wake(QUIET, now=NOW + timedelta(hours=3)),
        "resolved": incidents.resolve(TAKEN, by=ANN, now=later, via="button", note="moved the logs"),
    }
    return reply(told[name])


STATUS = StatusView(
    incidents=(OPENED, replace(TAKEN, id=13, title="The API")),
    waiting=(RUN,),
    upcoming=(Due("morning", "Morning health check", NOW + timedelta(days=1)),),
    checks=3,
    checklists=1,
    now=NOW + timedelta(minutes=20),
)

GROWTH = Series("used_percent", "%", tuple((NOW - timedelta(hours=12 - n), 81.0 + n) for n in range(12)), "/")

PLACES = {12: Place("C0OPS", "1772442000.000001")}
YESTERDAY = Before(NOW - timedelta(days=1), {"root-disk": Outcome.OK, "api": Outcome.OK, "memory": Outcome.WARNING})

DIGEST = RunView(RUN, incidents={"root-disk": TAKEN}, before=YESTERDAY, places=PLACES)
HOME = replace(STATUS, reader=ANN, places=PLACES)

CALLED = escalate_by_hand(
    OPENED, by=ANN, now=NOW + timedelta(minutes=2), via="command", to="user:ben", why="knows disks"
)
STORY = (
    Entry(NOW, Reason.OPENED, DISK.headline),
    CALLED.entry,
    Entry(NOW + timedelta(minutes=4), Reason.ACKNOWLEDGED, "cleaning up", BEN, "button"),
)
CHECK = CheckView(
    name="root-disk",
    title="Disk of web-1",
    kind="disk",
    now=NOW + timedelta(minutes=3),
    results=(
        replace(DISK, metrics=(Metric("used_percent", 93.0, "/"), Metric("free_bytes", 7.0 * 2**30, "/"))),
        replace(DISK, outcome=Outcome.WARNING, looked_at=NOW - timedelta(minutes=5)),
        replace(DISK, outcome=Outcome.OK, looked_at=NOW - timedelta(minutes=10)),
    ),
    units={"used_percent": "%", "free_bytes": "B"},
    incident=OPENED,
    series=GROWTH,
)
REPORT = Report(
    day=NOW.date(),
    timezone="UTC",
    until=NOW + timedelta(hours=8),
    rounds=(
        Round("morning", RUN.title, 1, 0, Counter({Outcome.OK: 41, Outcome.CRITICAL: 2}), Outcome.CRITICAL, 3, 1, 1),
        Round("backup", "Backups", 0, 1, Counter(), None, 0, 0, 0),
    ),
    opened=(replace(TAKEN, state=State.RESOLVED, resolved_by=ANN, resolved_at=NOW + timedelta(minutes=40)),),
    closed=(replace(OVER, id=9, title="The API", opened_at=NOW - timedelta(days=1)),),
    issues=(LogEntry(NOW, ANN, "command", Kind.ISSUE, "The queue is slow.", incident_id=12),),
    actions=(
        Deed(NOW + timedelta(minutes=4), BEN, "cleaning up", Reason.ACKNOWLEDGED, 12, "Disk of web-1"),
        Deed(NOW + timedelta(minutes=30), ANN, "moved the logs to /srv"),
    ),
    notes=(LogEntry(NOW, BEN, "shortcut", Kind.NOTE, "The vendor calls at 15:00.", link="https://town.example/p1"),),
    unresolved=(replace(OPENED, id=13, title="The shop"),),
    waiting=(RUN,),
    figures=(
        Figure("root-disk", "used_percent", "/", "%", 61.0, 58.5, 93.0),
        Figure("api", "latency_ms", None, "ms", 84.0, 84.0, 84.0),
    ),
    people={ANN: "ann", BEN: "ben"},
)

ARCHIVED = Detour("#web", "is_archived")
LOSS = Loss(7, "evidence", "morning@2026-03-01T09:00", "#operations", NOW - timedelta(hours=2), "message_not_found")

CARDS: dict[str, Card] = {
    "digest": card_of(DIGEST, People()),
    "digest-after-missed-slots": card_of(
        RunView(replace(RUN, gaps=(Gap("2026-03-01T09:00", NOW - timedelta(days=1), RunState.MISSED),))), People()
    ),
    "digest-all-is-well": card_of(RunView(replace(RUN, state=RunState.COMPLETE, items=RUN.items[1:2])), People()),
    "progress": card_of(RunView(replace(RUN, state=RunState.RUNNING), done=1), People()),
    "missed": card_of(RunView(MISSED), People()),
    "overdue": overdue_card(RunView(RUN), People()),
    "evidence": evidence_card(RUN.results),
    "evidence-with-a-chart": evidence_card(RUN.results, GROWTH),
    "evidence-with-a-chart-in-words": Card("Evidence", without_charts([chart(GROWTH, "UTC")], GROWTH)),
    "incident-open": card_of(incident_view(), People()),
    "incident-elsewhere": card_of(replace(incident_view(), detour=ARCHIVED), People()),
    "incident-acknowledged": card_of(replace(incident_view(), incident=TAKEN), People()),
    "incident-snoozed": card_of(replace(incident_view(), incident=QUIET), People()),
    "incident-recovered": card_of(replace(incident_view(), incident=OVER), People()),
    "reply-acknowledged": in_thread("acknowledged"),
    "reply-escalated": in_thread("escalated"),
    "reply-escalated-by-hand": in_thread("escalated-by-hand"),
    "reply-recovered": in_thread("recovered"),
    "reply-snoozed": in_thread("snoozed"),
    "reply-quiet-is-over": in_thread("woken"),
    "reply-resolved": in_thread("resolved"),
    "reply-reminded": reply_card(incident_view(), Entry(NOW + timedelta(minutes=5), Reason.REMINDED, ""), People()),
    "status": status_card(STATUS),
    "status-after-a-loss": status_card(replace(STATUS, losses=(LOSS,))),
    "question-before-all-is-taken": ask_for_all((OPENED,)),
    "help": help_card(help_text()),
    "near-miss": perhaps_card(
        "There is no incident or check “root-dsk”. Did you mean `root-disk`?", ["resolve root-disk moved the logs"]
    ),
    "answer": answer_card("#12 Disk of web-1 is resolved.", undo="reopen #12"),
    "shown-incident": shown_card(replace(incident_view(), incident=TAKEN, timeline=STORY)),
    "shown-check": shown_card(CHECK),
    "oncall": oncall_card([POLICY]),
    "report": report_card(REPORT),
    "notice": card_of(NoticeView("The configuration was read anew.\nadded: check api", NOW), People()),
}


def test_the_file_of_the_report_is_as_the_golden_one_says():
    path = GOLDEN / "report.md"
    if WRITE:
        path.write_text(report_file(REPORT), encoding="utf-8")
    assert report_file(REPORT) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CARDS)
def test_the_card_is_as_the_golden_file_says(name):
    assert CARDS[name].message == golden(name, CARDS[name].message)


def test_the_home_is_as_the_golden_file_says():
    assert home_view(HOME, People()) == golden("home", home_view(HOME, People()))


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_slack_takes_what_the_golden_file_says(path):
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (
        limits.view_problems(told) if told.get("type") in ("home", "modal") else limits.problems(told["blocks"])
    ) == []


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*CARDS, *dialogs(), "home"}
