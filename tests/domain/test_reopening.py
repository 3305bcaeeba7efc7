"""A resolution by hand can be taken back; a recovery cannot, for it was seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.climbing import fire_due
from bot.domain.incidents import Reason, Refused, State, acknowledge, recover, resolve
from bot.domain.reopening import reopen
from tests.domain.test_incidents import NOW, PERSON, minutes, opened, states

LATER = NOW + timedelta(minutes=5)


def resolved(**how):
    return resolve(acknowledge(opened(**how), **PERSON).incident, **PERSON).incident


def test_a_reopened_incident_is_nobodys_and_climbs_on_from_now():
    effect = reopen(resolved(), by="U3", now=LATER, via="command", note="it is back", within=timedelta(minutes=7))
    after = effect.incident
    assert (after.state, after.resolved_by, after.resolved_at) == (State.OPEN, None, None)
    assert (after.acknowledged_by, after.acknowledged_at) == (None, None)
    assert states(after) == ["fired", "pending", "pending"]
    assert [minutes(step.due_at) for step in after.steps[1:]] == [45, 75]
    assert minutes(after.acknowledge_by) == 22
    assert (effect.entry.reason, effect.entry.by, effect.entry.text) == (Reason.REOPENED, "U3", "it is back")
    assert effect.tell[0].broadcast


def test_a_deadline_that_passed_before_calls_nobody_at_once():
    after = reopen(resolved(within=5), by="U3", now=LATER, via="command").incident
    assert fire_due(after, now=LATER) is None


REFUSED = [
    pytest.param(opened(), None, "#12 is open; there is nothing to take back", id="it is open"),
    pytest.param(acknowledge(opened(), **PERSON).incident, None, "#12 is acknowledged", id="somebody has it"),
    pytest.param(resolved(), replace(opened(), id=13), "#13 is going on for the same; go on there", id="a later one"),
    pytest.param(
        recover(opened(), summary="fine", now=NOW).incident,
        None,
        "was resolved by itself, not by hand; `/rounds escalate db` opens a new one",
        id="it recovered",
    ),
]


def test_only_the_last_of_a_subject_is_taken_back():
    later = replace(resolved(), id=13)
    with pytest.raises(Refused, match="#13 came after it for the same"):
        reopen(resolved(), by="U3", now=LATER, via="command", later=later)


def test_what_nothing_would_end_again_stays_over():
    with pytest.raises(Refused, match=r"^nobody looks at it$"):
        reopen(resolved(), by="U3", now=LATER, via="command", moot="nobody looks at it")


@pytest.mark.parametrize(("incident", "going_on", "sentence"), REFUSED)
def test_what_cannot_be_taken_back_is_refused_and_says_what_to_do(incident, going_on, sentence):
    with pytest.raises(Refused) as refused:
        reopen(incident, by="U3", now=LATER, via="command", going_on=going_on)
    assert sentence in str(refused.value)
