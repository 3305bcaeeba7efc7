"""More of everything than anybody should have, each with a name of its own, so that a test sees what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.incidents import Incident, State
from bot.domain.notifications import Due, IncidentView, Letter, NoticeView, RunView, StatusView
from bot.domain.runs import Gap, Item, ItemState, Result, Run, RunItem, RunState, Trigger
from bot.slack.cards import Card, ask_for_all, card_of, letter_card, maybe_repeated, plain_card, status_card
from bot.slack.cards.run import overdue_card
from checks import Evidence, Finding, Outcome
from tests.slack.states import ANN, BEN, NOW, People, elsewhere, incident, incident_view, replies

FAILING, MANUAL, GAPS, INCIDENTS = 200, 60, 300, 300


def check_name(n: int) -> str:
    """Distinct, and no beginning of another one."""
    return f"check-{n:03}."


def failing(n: int, said: str) -> RunItem:
    """A failing check, with 8,000 characters of evidence."""
    outcome = (Outcome.CRITICAL, Outcome.WARNING, Outcome.UNKNOWN)[n % 3]
    evidence = (Evidence(said or "evidence", (said * (8_000 // len(said) + 1))[:8_000] if said else ""),)
    name = check_name(n)
    result = Result(name, "disk", outcome, (Finding(outcome, said),), (), evidence, NOW, 12.0)
    return RunItem(Item(name, f"{name} {said}", name, said or None, f"https://example.com/{n}"), result=result)


def by_hand(n: int, said: str) -> RunItem:
    """A manual item: open, somebody's, or done."""
    item = RunItem(Item(f"by-hand-{n}", f"by hand {n} {said}", None, said or None, f"javascript:{said}", how=said))
    if n % 3 == 0:
        return replace(item, state=ItemState.DONE, by=said or ANN, at=NOW, note=said)
    return replace(item, owner=(None, BEN, said)[n % 3])


def whole_run(said: str, *, checks: int = FAILING, manual: int = MANUAL, gaps: int = GAPS) -> Run:
    """A run of that many failing checks, manual items and missed slots."""
    items = [failing(n, said) for n in range(checks)] + [by_hand(n, said) for n in range(manual)]
    return Run(
        id=7,
        checklist="m" * 80,
        title=said,
        slot="2026-03-02T09:00",
        due_at=NOW,
        state=RunState.WAITING,
        trigger=Trigger.HAND,
        channel="C0OPS",
        requested_by=said,
        started_at=NOW,
        finished_at=NOW + timedelta(hours=3),
        items=tuple(items),
        gaps=tuple(
            Gap(f"{NOW - timedelta(hours=n):%Y-%m-%dT%H:%M}", NOW - timedelta(hours=n), RunState.MISSED)
            for n in range(gaps)
        ),
    )


def many_incidents(said: str, count: int = INCIDENTS) -> tuple[Incident, ...]:
    """Open ones and some that a stranger has."""
    states = (State.OPEN, State.ACKNOWLEDGED)
    shown = [replace(incident(said, states[n % 2]), id=n + 1, title=f"trouble-{n:03}. {said}") for n in range(count)]
    return tuple(replace(each, acknowledged_by=said) if each.acknowledged_by else each for each in shown)


def crowded_status(said: str) -> StatusView:
    """Three hundred incidents, and everything of a run to do."""
    upcoming = tuple(Due(f"list-{n}", said, NOW + timedelta(hours=n)) for n in range(30))
    return StatusView(many_incidents(said), (whole_run(said, checks=0, gaps=0),), upcoming, 500, 30, NOW)


def big_cards(said: str) -> dict[str, Card]:
    """The cards that can be more than Slack takes."""
    run = whole_run(said)
    seen = {check_name(n): each for n, each in enumerate(many_incidents(said, FAILING))}
    return {
        "digest": card_of(RunView(run, incidents=seen), People()),
        "digest, elsewhere": card_of(RunView(run, incidents=seen, detour=elsewhere(said)), People()),
        "digest, maybe repeated": maybe_repeated(card_of(RunView(run, incidents=seen), People())),
        "evidence": letter_card(Letter("k", "c", "evidence", RunView(run)), People()),
        "overdue": overdue_card(RunView(run), People()),
        "status": status_card(crowded_status(said)),
        "the question before everything is taken": ask_for_all(many_incidents(said)),
        "notice": card_of(NoticeView("\n".join([said] * 200), NOW), People()),
    }


def small_cards(said: str) -> dict[str, Card]:
    """The cards of one thing, every one of them, and what is sent when none can be drawn."""
    run = whole_run(said, checks=2, manual=3, gaps=2)
    shown = {
        "incident open": incident(said),
        "incident open without a policy": replace(incident(said), steps=(), policy=None),
        "incident acknowledged": replace(incident(said, State.ACKNOWLEDGED), acknowledged_by=said),
        "incident resolved": replace(incident(said, State.RESOLVED), resolved_by=said),
        "incident recovered": incident(said, State.RESOLVED),
    }
    views: dict[str, RunView | IncidentView | NoticeView] = {
        "progress": RunView(replace(run, state=RunState.RUNNING), done=1),
        "missed": RunView(replace(run, state=RunState.MISSED)),
        "digest of little": RunView(run),
        "notice of little": NoticeView(said, NOW),
    }
    views |= {name: incident_view(said, each) for name, each in shown.items()}
    views |= {f"{name}, elsewhere": replace(view, detour=elsewhere(said)) for name, view in views.items()}
    drawn = {name: card_of(view, People()) for name, view in views.items()} | replies(said)
    drawn["overdue, a little"] = letter_card(Letter("k", "c", "overdue", views["digest of little"]), People())
    for name, view in views.items():
        drawn[f"{name}, plain"] = plain_card(Letter("k", "c", said or "x", view))
    return drawn
