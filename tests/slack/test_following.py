"""What an answer says comes next: never a call that will not come, and never none where one will."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import incidents, quiet
from bot.domain.climbing import fire_due
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.incidents import Effect, Incident
from bot.slack.cards import following
from checks import Outcome
from tests.slack.states import ANN

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MONDAY = OPENED + timedelta(days=7)
POLICY = Policy(
    "team", (PolicyStep(timedelta(), ("user:ann",)), PolicyStep(timedelta(minutes=30), ("user:ben", "usergroup:sre")))
)


def opened(policy: Policy | None = POLICY, **more: timedelta) -> Incident:
    return incidents.open_incident(
        subject="check:disk",
        title="Disk",
        severity=Outcome.WARNING,
        summary="full",
        channel="#operations",
        policy=policy,
        now=OPENED,
        **more,  # type: ignore[arg-type]
    ).incident


def acked(incident: Incident) -> Incident:
    return incidents.acknowledge(incident, by=ANN, now=OPENED, via="slash").incident


def unacked(incident: Incident) -> Incident:
    return incidents.unacknowledge(incident, by=ANN, now=OPENED, via="slash").incident


def snoozed(incident: Incident) -> Incident:
    return quiet.snooze(incident, until=MONDAY, by=ANN, now=OPENED, via="slash").incident


def woken(incident: Incident) -> Incident:
    return quiet.unsnooze(incident, by=ANN, now=OPENED, via="slash").incident


def resolved(incident: Incident) -> Incident:
    return incidents.resolve(incident, by=ANN, now=OPENED, via="slash").incident


def told(effect: Effect | None) -> Incident:
    assert effect is not None
    return effect.incident


CALLED = told(fire_due(opened(), now=OPENED + timedelta(minutes=30)))
LATE = replace(opened(), acknowledge_by=OPENED - timedelta(minutes=1))

TOLD = [
    pytest.param(opened(), "next call: @ben @sre, ", "09:30 UTC", id="open"),
    pytest.param(unacked(acked(opened())), "next call: @ben @sre, ", "09:30 UTC", id="given back"),
    pytest.param(opened(within=timedelta(minutes=10)), "next call: @ben @sre, ", "09:10 UTC", id="called early"),
    pytest.param(LATE, "next call: @ben @sre, now", "", id="due"),
    pytest.param(
        unacked(acked(snoozed(opened()))), "it is quiet until ", "nobody is called before", id="quiet, given back"
    ),
    pytest.param(snoozed(CALLED), "it is quiet until ", "2026-03-09 09:00 UTC", id="quiet, all called"),
    pytest.param(woken(snoozed(acked(opened()))), f"<@{ANN}> has it", "nobody else is called", id="taken, not quiet"),
    pytest.param(snoozed(acked(opened())), f"<@{ANN}> has it", "nobody else is called", id="taken, quiet"),
    pytest.param(woken(snoozed(CALLED)), "no escalation step is left", "nobody else is called", id="all called"),
    pytest.param(opened(None), "it has no escalation policy", "nobody is called", id="no policy"),
    pytest.param(resolved(opened()), "it is over", "nobody is called", id="over"),
]


@pytest.mark.parametrize(("incident", "begin", "part"), TOLD)
def test_what_comes_next_is_told_as_the_incident_stands(incident: Incident, begin: str, part: str) -> None:
    sentence = following(incident, OPENED, "UTC")
    assert sentence.startswith(begin)
    assert part in sentence


def test_a_quiet_that_is_over_holds_nobody_up() -> None:
    assert following(snoozed(opened()), MONDAY, "UTC") == "next call: @ben @sre, now"
