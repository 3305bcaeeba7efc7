"""Escalation by hand to whom somebody chooses: a step, a person or a group."""

from datetime import timedelta

import pytest

from bot.domain.climbing import escalate_by_hand, fire_due
from bot.domain.escalation import DIRECT, StepState, numbered, planned, told_by
from bot.domain.incidents import Refused, State, acknowledge, unacknowledge
from tests.domain.test_incidents import NOW, OPENED, PERSON, minutes, opened, states


def called(incident, to, **how):
    return escalate_by_hand(incident, **{**PERSON, **how}, to=to)


def test_a_chosen_step_fires_now_and_those_before_it_are_passed_over():
    effect = called(opened(), 3, why="the whole team")
    assert states(effect.incident) == ["fired", "cancelled", "fired"]
    assert effect.entry.text == "step 3 of 3: the whole team"


def test_a_step_that_has_been_told_is_told_again_and_later_ones_keep_their_gaps_from_now():
    effect = called(opened(), 1)
    assert effect.entry.text == "step 1 of 3, again"
    assert states(effect.incident) == ["fired", "pending", "pending"]
    assert [minutes(step.due_at) for step in effect.incident.steps[1:]] == [40, 70]


@pytest.mark.parametrize("number", [0, -1, 4, 10**9])
def test_a_step_that_does_not_exist_is_refused_with_those_that_do(number):
    with pytest.raises(Refused, match=f"has steps 1 to 3; there is no step {number}"):
        called(opened(), number)


def test_a_person_is_called_directly_and_the_policy_goes_on_from_now():
    effect = called(opened(), "user:U9", why="knows databases")
    assert effect.entry.text == "direct call 1: knows databases"
    *policy, direct = effect.incident.steps
    assert (direct.notify, direct.state, direct.fired_at, direct.direct) == (("user:U9",), StepState.FIRED, NOW, True)
    assert [step.state.value for step in policy] == ["fired", "pending", "pending"]
    assert [minutes(step.due_at) for step in policy[1:]] == [40, 70]


def test_a_direct_call_does_not_change_how_the_policys_steps_are_counted():
    incident = called(opened(), "usergroup:S1").incident
    effect = fire_due(incident, now=OPENED + timedelta(minutes=40))
    assert effect.entry.text == "step 2 of 3"
    assert len(planned(effect.incident.steps)) == 3


def test_somebody_can_be_called_without_a_policy():
    effect = called(opened(None), "user:U9")
    assert [step.position for step in effect.incident.steps] == [DIRECT]


def test_calling_the_same_person_again_is_the_same_call_once_more():
    incident = called(called(opened(), "user:U9").incident, "user:U8").incident
    effect = called(incident, "user:U9", now=NOW + timedelta(minutes=1))
    assert effect.entry.text == "direct call 1, again"
    assert [step.notify for step in effect.incident.steps if step.direct] == [("user:U9",), ("user:U8",)]
    assert minutes(effect.incident.steps[3].fired_at) == 11


def test_an_acknowledged_incident_is_open_again_and_whoever_is_called_has_the_whole_time():
    taken = acknowledge(opened(within=5), **PERSON).incident
    after = called(taken, "user:U9", within=timedelta(minutes=5)).incident
    assert (after.state, after.acknowledged_by, minutes(after.acknowledge_by)) == (State.OPEN, None, 15)


def test_giving_it_back_after_a_direct_call_keeps_the_gaps_of_the_policy():
    taken = acknowledge(called(opened(), "user:U9").incident, **PERSON).incident
    assert states(taken) == ["fired", "cancelled", "cancelled", "fired"]
    back = unacknowledge(taken, **PERSON).incident
    assert [minutes(step.due_at) for step in back.steps[1:3]] == [40, 70]


def test_after_a_direct_call_the_next_step_is_still_the_next():
    assert called(called(opened(), "user:U9").incident, None).entry.text == "step 2 of 3"


@pytest.mark.parametrize("to", ["user:U9", 1, 2, 3])
def test_a_line_of_the_timeline_names_the_step_that_it_tells(to):
    incident = called(opened(), "user:U1").incident
    for n in range(12):
        incident = called(incident, f"user:U{n}").incident
    effect = called(incident, to)
    told = told_by(effect.entry.text, effect.incident.steps)
    assert len(told) == 1
    assert effect.entry.text.startswith(numbered(told[0], effect.incident.steps))
    assert told[0].notify == ((to,) if isinstance(to, str) else opened().steps[to - 1].notify)


@pytest.mark.parametrize("text", ["", "step", "step x of 3", "somebody wrote step 1 of 3", "direct call"])
def test_a_line_that_tells_no_step_names_none(text):
    assert told_by(text, opened().steps) == ()
