"""Things to store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain import incidents
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.incidents import Effect
from bot.domain.runs import Item, Result, Run, RunItem, RunState, Trigger, Wanted
from checks import Evidence, Finding, Metric, Outcome
from storage.tx import Tx
from storage.watches import Remembered

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ODD = "é 👩‍👩‍👧 שלום ' \" \\ ; -- % _ \n\t <!channel>"
"""Text that somebody may have written."""

POLICY = Policy("team", (PolicyStep(timedelta(), ("user:ann",)), PolicyStep(15 * MINUTE, ("user:ben", ODD))))


def run(slot: str = "2026-03-02T08:00", state: RunState = RunState.NEW, **given: Any) -> Run:
    """A run that is not stored yet."""
    values: dict[str, Any] = {
        "id": 0,
        "checklist": "morning",
        "title": ODD,
        "slot": slot,
        "due_at": AT,
        "state": state,
        "trigger": Trigger.SCHEDULE,
        "channel": "#operations",
        "items": ITEMS,
        **given,
    }
    return Run(**values)


ITEMS = (
    RunItem(Item("cache", "The cache", "cache", "Systems", "https://example.com/")),
    RunItem(Item("plants", ODD, None, "By hand", None, ODD, "user:ann", Wanted.NOTE), owner="user:ann"),
)


def result(check: str = "cache", at: datetime = AT, outcome: Outcome = Outcome.CRITICAL) -> Result:
    """A result with everything that one can have."""
    return Result(
        check,
        "disk",
        outcome,
        (Finding(outcome, ODD, "/"), Finding(Outcome.INFO, "judged from Tuesday")),
        (Metric("used_percent", 93.25, "/"), Metric("count", 3.0)),
        (Evidence("df /", ODD * 50),),
        at,
        12.5,
    )


def opened(subject: str = "check:cache", at: datetime = AT) -> Effect:
    """An incident that opens."""
    return incidents.open_incident(
        subject=subject,
        title=ODD,
        severity=Outcome.CRITICAL,
        summary=ODD,
        channel="#operations",
        policy=POLICY,
        now=at,
        within=5 * MINUTE,
    )


def looked(tx: Tx, *results: Result) -> None:
    """Store these results, each as that of a run of its own."""
    for each in results:
        slot = f"{each.check}:{each.looked_at.isoformat()}"
        run_id = tx.runs.add(Run(0, "r", "R", slot, each.looked_at, RunState.NEW, Trigger.RHYTHM, "#c"))
        assert run_id is not None
        assert tx.runs.claim(run_id, token="t", lease=timedelta(hours=1))
        assert tx.runs.finish(run_id, token="t", state=RunState.COMPLETE, results=[each], now=each.looked_at)
        tx.watches.save(each.check, Remembered(looked_at=each.looked_at))
