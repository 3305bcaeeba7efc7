"""States that cards show, with every text that the world, a configuration or a person may choose.

`cards(said)` draws every card there is with `said` in all those places, and with more of everything than Slack takes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain import escalation, incidents
from bot.domain.comparing import Before
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.incidents import Entry, Incident, Reason, State
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
    Trouble,
)
from bot.domain.reports import DEEDS, Deed, Figure, Report, Round
from bot.domain.runs import Gap, Item, ItemState, Result, Run, RunItem, RunState, Trigger
from bot.slack.cards import (
    Card,
    answer_card,
    ask_for_all,
    card_of,
    help_card,
    maybe_repeated,
    oncall_card,
    perhaps_card,
    report_card,
    shown_card,
    status_card,
    without_charts,
)
from bot.slack.cards.evidence import evidence_card
from bot.slack.cards.incident import reply_card
from bot.slack.cards.run import overdue_card
from bot.slack.parts import cut, escape
from checks import Evidence, Finding, Metric, Outcome
from commands.grammar import VERBS, help_text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN, BEN = "U0ANN", "U0BEN"
LINK = "https://example.com/d/security?a=1&b=2"


class People:
    """Ann, Ben and a group; nobody else is known to Slack."""

    def mention(self, target: str) -> str:
        """As Slack notifies them; a stranger gets words."""
        known = {"user:ann": f"<@{ANN}>", "user:ben": f"<@{BEN}>", "usergroup:sre": "<!subteam^S0SRE>"}
        return known.get(target, "@stranger (not found in Slack)")

    def address(self, place: Place) -> str:
        """Where a message stands."""
        return f"https://town.example/archives/{place.channel_id}/p{place.ts.replace('.', '')}"


def result(check: str, outcome: Outcome, text: str, *, evidence: tuple[Evidence, ...] = ()) -> Result:
    """What one look brought."""
    return Result(check, "disk", outcome, (Finding(outcome, text),), (), evidence, NOW, 12.0)


def looked(n: int, outcome: Outcome, said: str) -> RunItem:
    """A check's item with its result."""
    name = f"check-{n}"
    link = LINK if n % 2 else f"javascript:alert('{said}')"
    return RunItem(Item(name, said or name, name, said or None, link), result=result(name, outcome, said))


def by_hand(n: int, said: str, **done: object) -> RunItem:
    """A manual item."""
    owner = "user:ann" if n % 2 else None
    item = Item(f"by-hand-{n}", said or f"by hand {n}", None, said or None, LINK, how=said, owner=owner)
    return replace(RunItem(item), **done)  # type: ignore[arg-type]


def run(said: str, items: tuple[RunItem, ...], state: RunState = RunState.WAITING, *, gaps: int = 0) -> Run:
    """A run of a checklist whose title somebody chose."""
    return Run(
        id=7,
        checklist="morning",
        title=said,
        slot="2026-03-02T09:00",
        due_at=NOW,
        state=state,
        trigger=Trigger.SCHEDULE,
        channel="#operations",
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=3),
        items=items,
        gaps=tuple(Gap(f"2026-02-{n:02}T09:00", NOW - timedelta(days=n), RunState.MISSED) for n in range(gaps)),
    )


def full_run(said: str) -> Run:
    """Two hundred failing checks, forty manual items in every state, sixty missed slots."""
    outcomes = (Outcome.CRITICAL, Outcome.WARNING, Outcome.UNKNOWN, Outcome.OK)
    looks = tuple(looked(n, outcomes[n % 4], said) for n in range(266))
    done = {"state": ItemState.DONE, "by": ANN, "at": NOW, "note": said, "attached": LINK}
    skipped = {**done, "state": ItemState.SKIPPED}
    ways = (done, {"owner": BEN}, {}, skipped)
    manual = tuple(by_hand(n, said, **ways[n % 4]) for n in range(40))
    return run(said, looks + manual, gaps=60)


POLICY = Policy(
    "team",
    (
        PolicyStep(timedelta(), ("user:ann", "usergroup:sre", "user:somebody")),
        PolicyStep(timedelta(minutes=15), ("user:ann",) * 40),
        PolicyStep(timedelta(minutes=30), ("usergroup:sre",)),
    ),
)


def incident(said: str, state: State = State.OPEN, severity: Outcome = Outcome.CRITICAL, **more: object) -> Incident:
    """An incident that Ann has, or had, if anybody."""
    opened = incidents.open_incident(
        subject="check:check-1",
        title=said,
        severity=severity,
        summary=said,
        channel="#operations",
        policy=POLICY,
        now=NOW - timedelta(minutes=40),
    ).incident
    given = replace(opened, id=12, state=state, **more)  # type: ignore[arg-type]
    if state is State.OPEN:
        return given
    given = replace(given, acknowledged_by=ANN, acknowledged_at=NOW - timedelta(minutes=5))
    given = replace(given, steps=escalation.cancel(given.steps))
    return replace(given, resolved_at=NOW) if state is State.RESOLVED else given


def series(said: str) -> Series:
    """Numbers from tiny to huge."""
    values = [(-1) ** n * 10.0 ** (n - 8) for n in range(20)]
    points = tuple((NOW - timedelta(hours=20 - n), value) for n, value in enumerate(values))
    return Series(said or "size", said, points, said)


def incident_view(said: str, shown: Incident) -> IncidentView:
    """An incident with everything that its card can show beside it."""
    return IncidentView(
        incident=shown,
        result=result("check-1", shown.severity, said),
        why=said,
        what_to_do=said,
        previous=replace(shown, id=3, state=State.RESOLVED, resolved_by=BEN, resolved_at=NOW - timedelta(hours=2)),
        timezone="Asia/Kathmandu",
    )


def replies(said: str) -> dict[str, Card]:
    """A reply for every reason, by Rounds and by a person."""
    shown = incident(said)
    drawn: dict[str, Card] = {}
    for reason in Reason:
        for by in (None, ANN):
            text = f"step 1 of 3: {said}" if reason is Reason.ESCALATED else said
            entry = Entry(shown.opened_at, reason, text, by)
            view = incident_view(said, replace(shown, resolved_at=NOW))
            drawn[f"reply {reason.value}{', by hand' if by else ''}"] = reply_card(view, entry, People())
    return drawn


PLACES = {n: Place("C0OPS", f"1772442000.{n:06d}") for n in range(300)}


def status(said: str, *, count: int = 200) -> StatusView:
    """Everything is wrong, and much is to do."""
    states = (State.OPEN, State.ACKNOWLEDGED)
    return StatusView(
        incidents=tuple(replace(incident(said, states[n % 2]), id=n + 1) for n in range(count)),
        waiting=(run(said, tuple(by_hand(n, said, owner=BEN if n % 2 else None) for n in range(60))),) if count else (),
        upcoming=tuple(Due(f"list-{n}", said, NOW + timedelta(hours=n)) for n in range(20)),
        checks=400,
        checklists=20,
        now=NOW,
        timezone="Europe/Amsterdam",
        places=PLACES,
        troubles=tuple(Trouble(said or f"#c{n}", n + 1, f"not_in_channel {said}") for n in range(30 if count else 0)),
        losses=tuple(Loss(n, "opened", said or "#1", said, NOW, said) for n in range(30 if count else 0)),
        reader=BEN,
    )


def evidence(said: str) -> RunView:
    """Two hundred looks, each with two pieces of evidence of 8,000 characters."""
    pieces = (Evidence(said, (said * 8_000)[:8_000]), Evidence("second", said), Evidence("third", said))
    looks = tuple(result(f"check-{n}", Outcome.CRITICAL, said, evidence=pieces) for n in range(200))
    return RunView(run(said, tuple(RunItem(Item(r.check, said, r.check), result=r) for r in looks)))


def run_views(said: str) -> dict[str, RunView]:
    """A run in each of its states."""
    whole = full_run(said)
    before = Before(NOW - timedelta(days=1), {f"check-{n}": list(Outcome)[n % 5] for n in range(300)})
    seen = {f"check-{n}": replace(incident(said, State.ACKNOWLEDGED), id=n) for n in range(200)}
    return {
        "digest": RunView(whole, incidents=seen, before=before, places=PLACES),
        "digest of open incidents": RunView(
            whole, incidents={n: replace(i, state=State.OPEN) for n, i in seen.items()}
        ),
        "digest that was carried over": RunView(replace(whole, state=RunState.CARRIED)),
        "digest of what is fine": RunView(run(said, tuple(looked(n, Outcome.OK, said) for n in range(200)))),
        "digest of what people do": RunView(run(said, whole.items[-40:])),
        "digest of nothing": RunView(run(said, (), RunState.COMPLETE)),
        "digest by hand": RunView(replace(whole, trigger=Trigger.HAND, requested_by=ANN)),
        "digest by a stranger": RunView(replace(whole, trigger=Trigger.HAND, requested_by=said)),
        "progress": RunView(replace(whole, state=RunState.RUNNING), done=133),
        "progress of nothing": RunView(run(said, (), RunState.NEW)),
        "missed": RunView(replace(whole, state=RunState.MISSED)),
    }


def incident_views(said: str) -> dict[str, IncidentView]:
    """An incident in each of its states."""
    opened = incident(said)
    shown = {
        "incident open": opened,
        "incident open, warning": replace(opened, severity=Outcome.WARNING),
        "incident open, everybody called": replace(
            opened, steps=tuple(escalation.fire(opened.steps, 1, now=NOW)[:2]) + opened.steps[2:]
        ),
        "incident open without a policy": replace(opened, steps=(), policy=None),
        "incident raised by hand": replace(opened, subject="hand:check-1"),
        "incident acknowledged": incident(said, State.ACKNOWLEDGED),
        "incident acknowledged by a stranger": replace(incident(said, State.ACKNOWLEDGED), acknowledged_by=said),
        "incident snoozed": replace(opened, snoozed_until=NOW + timedelta(hours=2), snoozed_by=said),
        "incident recovered": incident(said, State.RESOLVED),
        "incident resolved by hand": replace(incident(said, State.RESOLVED), resolved_by=ANN),
    }
    return {name: incident_view(said, each) for name, each in shown.items()}


ELSEWHERE = ("digest", "progress", "missed", "incident open", "incident recovered")


def elsewhere(said: str) -> Detour:
    """Why a message stands where it was not meant to, for a reason that nobody knows."""
    return Detour(said or "#operations", f"new_reason {said}")


def check_view(said: str) -> CheckView:
    """A check with results full of everything."""
    numbers = tuple(Metric("used_percent", float(n), said or None) for n in range(40))
    pieces = tuple(Evidence(said, (said * 8_000)[:8_000]) for _ in range(4))
    looks = tuple(
        replace(result("check-1", outcome, said, evidence=pieces), metrics=numbers, looked_at=NOW - timedelta(hours=n))
        for n, outcome in enumerate(Outcome)
    )
    points = tuple((NOW - timedelta(hours=n), float(n)) for n in range(20))
    return CheckView(
        name="check-1",
        title=said,
        kind="disk",
        now=NOW + timedelta(minutes=3),
        results=looks,
        units={"used_percent": "%"},
        incident=incident(said),
        series=Series("used_percent", "%", points, said or None),
    )


def shown_views(said: str) -> dict[str, IncidentView | CheckView | RunView]:
    """What somebody may ask to see."""
    story = tuple(Entry(NOW, reason, said, by) for reason in Reason for by in (None, ANN))
    return {
        "incident": replace(incident_view(said, incident(said)), timeline=story),
        "incident that is over": replace(incident_view(said, incident(said, State.RESOLVED)), timeline=story[:2]),
        "check": check_view(said),
        "check that was never looked at": replace(check_view(said), results=(), series=None),
        "round": RunView(full_run(said), places=PLACES),
    }


def report(said: str, *, count: int = 60) -> Report:
    """A day on which everything happened, so many times."""
    entries = tuple(
        LogEntry(NOW, ANN if n % 2 else said, "command", kind, said, "C1", n or None, LINK if n % 3 else said, n)
        for n in range(count)
        for kind in Kind
    )
    reasons = sorted(DEEDS)
    deeds = tuple(Deed(NOW, BEN, said, reasons[n % len(reasons)], n, said) for n in range(count))
    figures = tuple(Figure(f"check-{n}", "used_percent", said or None, "%", 5.0, 1.0, 9.0 + n) for n in range(count))
    rounds = tuple(
        Round(f"list-{n}", said, n, n % 3, Counter({Outcome.CRITICAL: n}), Outcome.CRITICAL if n else None, n, n, n)
        for n in range(count)
    )
    states = (State.OPEN, State.ACKNOWLEDGED, State.RESOLVED)
    going_on = tuple(replace(incident(said, states[n % 3]), id=n + 1) for n in range(count))
    waiting = (run(said, tuple(by_hand(n, said) for n in range(count))),)
    return Report(
        day=date(2026, 3, 2),
        timezone="Europe/Amsterdam",
        until=NOW,
        rounds=rounds,
        opened=going_on,
        closed=tuple(replace(i, resolved_by=BEN) for i in going_on if i.state is State.RESOLVED),
        issues=tuple(entry for entry in entries if entry.kind is Kind.ISSUE),
        actions=(*deeds, *(Deed(e.at, e.by, e.text) for e in entries if e.kind is Kind.ACTION)),
        notes=tuple(entry for entry in entries if entry.kind is Kind.NOTE),
        unresolved=going_on,
        waiting=waiting if count else (),
        figures=figures,
        people={ANN: "ann", BEN: said},
    )


def cards(said: str) -> dict[str, Card]:
    """Every card, by name."""
    views = {**run_views(said), **incident_views(said)}
    views |= {f"{name}, elsewhere": replace(views[name], detour=elsewhere(said)) for name in ELSEWHERE}
    drawn = {name: card_of(view, People()) for name, view in views.items()}
    drawn |= {f"{name}, maybe repeated": maybe_repeated(drawn[name]) for name in ("digest", "incident open")}
    drawn |= replies(said)
    drawn["overdue"] = overdue_card(RunView(full_run(said)), People())
    drawn["notice"] = card_of(NoticeView("\n".join([said] * 40), NOW), People())
    drawn["notice, elsewhere"] = card_of(NoticeView("\n".join([said] * 40), NOW, detour=elsewhere(said)), People())
    drawn["evidence"] = evidence_card(evidence(said).run.results)
    drawn["evidence with a chart"] = evidence_card(evidence(said).run.results, series(said), "Asia/Kathmandu")
    told = without_charts(drawn["evidence with a chart"].blocks, series(said))
    drawn["evidence with a chart in words"] = Card("Evidence", told)
    drawn["status"] = status_card(status(said), People())
    drawn["status when all is well"] = status_card(StatusView(now=NOW))
    drawn["the question before everything is taken"] = ask_for_all(status(said).incidents)
    drawn["the question when nothing is open"] = ask_for_all(())
    drawn |= {f"help {word}": help_card(help_text(word)) for word in ("", *VERBS)}
    drawn["an answer"] = answer_card(cut(escape(said), 3_000) or "…", undo="unack #12")
    drawn["a near miss"] = perhaps_card("Did you mean?", [f"ack {n} {escape(said)}" for n in range(9)])
    drawn |= {f"shown {name}": shown_card(view) for name, view in shown_views(said).items()}
    drawn["report"] = report_card(report(said))
    drawn["report of a day on which nothing happened"] = report_card(report("", count=0))
    drawn["report of a day long ago"] = report_card(replace(report(said, count=1), complete=False))
    drawn["who is called"] = oncall_card([replace(POLICY, name=said or f"p{n}") for n in range(60)])
    drawn["who is called: nobody"] = oncall_card([])
    return drawn
