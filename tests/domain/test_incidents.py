"""Incidents: every decision in every state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.climbing import escalate_by_hand, fire_due
from bot.domain.escalation import Policy, PolicyStep, StepState
from bot.domain.incidents import (
    Effect,
    Incident,
    Reason,
    Refused,
    State,
    acknowledge,
    ease,
    open_incident,
    recover,
    resolve,
    unacknowledge,
    worsen,
)
from checks import Outcome

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = OPENED + timedelta(minutes=10)
POLICY = Policy(
    "team",
    (
        PolicyStep(timedelta(0), ("user:ann",)),
        PolicyStep(timedelta(minutes=30), ("user:ben",)),
        PolicyStep(timedelta(minutes=60), ("usergroup:sre",)),
    ),
)
OPEN, ACKNOWLEDGED, RESOLVED = State.OPEN, State.ACKNOWLEDGED, State.RESOLVED


def opened(policy: Policy | None = POLICY, *, within: float | None = None, severity=Outcome.WARNING) -> Incident:
    effect = open_incident(
        subject="check:db",
        title="Database",
        severity=severity,
        summary="db:5432 refuses connections",
        channel="#ops",
        policy=policy,
        now=OPENED,
        within=timedelta(minutes=within) if within is not None else None,
    )
    return replace(effect.incident, id=12)


def in_state(state: State, policy: Policy | None = POLICY, **how) -> Incident:
    incident = opened(policy, **how)
    if state is ACKNOWLEDGED:
        return acknowledge(incident, by="U1", now=OPENED + timedelta(minutes=1), via="button").incident
    if state is RESOLVED:
        return resolve(incident, by="U1", now=OPENED + timedelta(minutes=1), via="button").incident
    return incident


def minutes(moment: datetime | None) -> float | None:
    return (moment - OPENED).total_seconds() / 60 if moment is not None else None


def states(incident: Incident) -> list[str]:
    return [step.state.value for step in incident.steps]


PERSON = {"by": "U2", "now": NOW, "via": "command"}
DECISIONS = {
    "worsen": lambda i: worsen(i, severity=Outcome.CRITICAL, summary="worse", now=NOW),
    "ease": lambda i: ease(i, severity=Outcome.WARNING, summary="better", now=NOW),
    "recover": lambda i: recover(i, summary="fine again", now=NOW),
    "acknowledge": lambda i: acknowledge(i, **PERSON),
    "unacknowledge": lambda i: unacknowledge(i, **PERSON),
    "resolve": lambda i: resolve(i, **PERSON),
    "escalate by hand": lambda i: escalate_by_hand(i, **PERSON),
}
# Who decides, in which state: the state afterwards, or the beginning of the refusal.
TABLE = [
    ("worsen", OPEN, OPEN),
    ("worsen", ACKNOWLEDGED, OPEN),
    ("ease", OPEN, OPEN),
    ("ease", ACKNOWLEDGED, ACKNOWLEDGED),
    ("recover", OPEN, RESOLVED),
    ("recover", ACKNOWLEDGED, RESOLVED),
    ("acknowledge", OPEN, ACKNOWLEDGED),
    ("acknowledge", ACKNOWLEDGED, "<@U1> has acknowledged #12 already"),
    ("acknowledge", RESOLVED, "#12 is resolved already; there is nothing left to acknowledge"),
    ("unacknowledge", OPEN, "#12 is open, not acknowledged; nothing to take back"),
    ("unacknowledge", ACKNOWLEDGED, OPEN),
    ("unacknowledge", RESOLVED, "#12 is resolved, not acknowledged; nothing to take back"),
    ("resolve", OPEN, RESOLVED),
    ("resolve", ACKNOWLEDGED, RESOLVED),
    ("resolve", RESOLVED, "#12 is resolved already"),
    ("escalate by hand", OPEN, OPEN),
    ("escalate by hand", ACKNOWLEDGED, OPEN),
    ("escalate by hand", RESOLVED, "#12 is resolved already; there is nothing left to escalate"),
]


def sentence(decision: str, before: State, after: State | str) -> str:
    return f"{decision} of one that is {before} " + (f"makes it {after}" if isinstance(after, State) else "is refused")


@pytest.mark.parametrize(("decision", "before", "after"), [pytest.param(*row, id=sentence(*row)) for row in TABLE])
def test_every_decision_in_every_state_is_an_effect_or_refused(decision, before, after):
    incident = in_state(before)
    if not isinstance(after, State):
        with pytest.raises(Refused) as refused:
            DECISIONS[decision](incident)
        assert str(refused.value).startswith(after)
        return
    effect = DECISIONS[decision](incident)
    assert isinstance(effect, Effect)
    assert effect.incident.state is after
    assert effect.incident.version == incident.version + 1
    assert effect.incident.id == 12
    assert effect.entry.at == NOW
    assert effect.tell, "nobody would hear of it"


def test_the_table_knows_every_decision_of_people_in_every_state():
    by_people = {"acknowledge", "unacknowledge", "resolve", "escalate by hand"}
    rows = {(decision, before) for decision, before, _ in TABLE}
    assert {(decision, state) for decision in by_people for state in State} <= rows
    # What rules decide is asked of unresolved incidents only: those are what the store finds by subject.
    assert {(d, s) for d in DECISIONS.keys() - by_people for s in State if s is not RESOLVED} <= rows


TOLD = [
    pytest.param("worsen", Reason.WORSENED, True, id="a rise in severity notifies the channel"),
    pytest.param("ease", Reason.EASED, False, id="a fall in severity calls nobody"),
    pytest.param("recover", Reason.RECOVERED, True, id="a recovery is seen in the channel"),
    pytest.param("acknowledge", Reason.ACKNOWLEDGED, False, id="an acknowledgement calls nobody"),
    pytest.param("resolve", Reason.RESOLVED, True, id="a resolution is seen in the channel"),
    pytest.param("escalate by hand", Reason.ESCALATED, True, id="an escalation notifies the channel"),
]


@pytest.mark.parametrize(("decision", "reason", "broadcast"), TOLD)
def test_what_is_told_stands_in_the_thread(decision, reason, broadcast):
    effect = DECISIONS[decision](in_state(OPEN, severity=Outcome.CRITICAL))
    (tell,) = effect.tell
    assert (tell.reason, tell.in_thread, tell.broadcast) == (reason, True, broadcast)
    assert effect.entry.reason is reason


def test_opening_is_told_by_the_incidents_own_message_and_arms_its_steps():
    effect = open_incident(
        subject="hand:db",
        title="Database",
        severity=Outcome.WARNING,
        summary="please look",
        channel="#ops",
        policy=POLICY,
        now=OPENED,
        by="U1",
        via="command",
        previous_id=7,
        within=timedelta(minutes=5),
    )
    (tell,) = effect.tell
    assert (tell.reason, tell.in_thread) == (Reason.OPENED, False)
    assert (effect.entry.by, effect.entry.via, effect.entry.text) == ("U1", "command", "please look")
    incident = effect.incident
    assert (incident.state, incident.version, incident.id, incident.previous_id) == (OPEN, 1, 0, 7)
    assert (incident.policy, states(incident)) == ("team", ["fired", "pending", "pending"])
    assert minutes(incident.acknowledge_by) == 5


@pytest.mark.parametrize(
    ("subject", "check"),
    [
        pytest.param("check:db", "db", id="an incident of a check"),
        pytest.param("blind:db", "db", id="blindness of a check"),
        pytest.param("check:a:b", "a:b", id="a name with a colon"),
        pytest.param("run:3", None, id="an overdue run"),
        pytest.param("hand:db", None, id="raised by hand"),
    ],
)
def test_an_incident_knows_its_check(subject, check):
    assert replace(opened(), subject=subject).check == check


def test_who_acknowledged_is_kept_and_taken_back():
    taken = in_state(ACKNOWLEDGED)
    assert (taken.acknowledged_by, minutes(taken.acknowledged_at)) == ("U1", 1)
    for decision in ("unacknowledge", "escalate by hand", "worsen"):
        after = DECISIONS[decision](taken).incident
        assert (after.acknowledged_by, after.acknowledged_at) == (None, None), decision


def test_acknowledging_ones_own_again_is_refused_in_the_second_person():
    with pytest.raises(Refused, match="You have acknowledged #12 already"):
        acknowledge(in_state(ACKNOWLEDGED), by="U1", now=NOW, via="button")


@pytest.mark.parametrize("decision", ["acknowledge", "resolve", "recover"])
def test_once_somebody_has_it_or_it_is_over_no_step_fires(decision):
    after = DECISIONS[decision](opened(within=5)).incident
    assert states(after) == ["fired", "cancelled", "cancelled"]
    assert fire_due(after, now=NOW + timedelta(days=9)) is None


@pytest.mark.parametrize("decision", ["unacknowledge", "worsen"])
def test_when_nobody_has_it_any_more_the_steps_count_again_from_now(decision):
    after = DECISIONS[decision](in_state(ACKNOWLEDGED)).incident
    assert states(after) == ["fired", "pending", "pending"]
    assert [minutes(step.due_at) for step in after.steps[1:]] == [40, 70]


def test_a_rise_in_severity_of_an_open_one_moves_no_step():
    incident = opened()
    assert DECISIONS["worsen"](incident).incident.steps == incident.steps


def test_a_recovery_says_what_is_so_now_and_nobody_resolved_it():
    after = DECISIONS["recover"](opened()).incident
    assert (after.summary, after.resolved_by, minutes(after.resolved_at)) == ("fine again", None, 10)


def test_a_resolution_names_who_said_so():
    after = DECISIONS["resolve"](opened()).incident
    assert (after.resolved_by, minutes(after.resolved_at)) == ("U2", 10)


DUE = [
    # state, within, minute: (reason, what stands in the timeline) or None
    pytest.param(OPEN, None, 29, None, id="nothing fires before its time"),
    pytest.param(OPEN, None, 30, (Reason.ESCALATED, "step 2 of 3"), id="a step fires at its time"),
    pytest.param(OPEN, 5, 4, None, id="nothing fires before the time to acknowledge is up"),
    pytest.param(OPEN, 5, 5, (Reason.ESCALATED, "step 2 of 3, early"), id="nobody has it in time: early"),
    pytest.param(OPEN, 5, 30, (Reason.ESCALATED, "step 2 of 3"), id="both are up: the step is not early"),
    pytest.param(ACKNOWLEDGED, 5, 99, None, id="an acknowledged one calls nobody"),
    pytest.param(RESOLVED, 5, 99, None, id="a resolved one calls nobody"),
]


@pytest.mark.parametrize(("state", "within", "minute", "expected"), DUE)
def test_what_is_due_fires(state, within, minute, expected):
    effect = fire_due(in_state(state, within=within), now=OPENED + timedelta(minutes=minute))
    assert (None if effect is None else (effect.entry.reason, effect.entry.text)) == expected


def test_early_fires_one_step_only_and_the_one_after_keeps_its_moment():
    first = fire_due(opened(within=5), now=OPENED + timedelta(minutes=5)).incident
    assert states(first) == ["fired", "fired", "pending"]
    assert minutes(first.steps[2].due_at) == 60
    assert fire_due(first, now=OPENED + timedelta(minutes=59)) is None


def test_without_steps_there_is_one_reminder():
    effect = fire_due(opened(None, within=5), now=NOW)
    assert effect.entry.reason is Reason.REMINDED
    assert effect.tell[0].broadcast
    assert fire_due(effect.incident, now=NOW + timedelta(days=9)) is None


def test_without_steps_and_without_a_deadline_nobody_is_reminded():
    assert fire_due(opened(None), now=NOW + timedelta(days=9)) is None


def test_fired_until_nothing_is_due_each_step_fires_once():
    incident, fired = opened(within=5), []
    while (effect := fire_due(incident, now=OPENED + timedelta(hours=5))) is not None:
        incident = effect.incident
        fired.append(effect.entry.text)
    assert fired == ["step 2 of 3", "step 3 of 3"]


def test_by_hand_the_next_step_fires_now_with_its_reason_and_later_ones_keep_their_gaps():
    effect = escalate_by_hand(opened(), **PERSON, why="customers call")
    assert effect.entry.text == "step 2 of 3: customers call"
    assert states(effect.incident) == ["fired", "fired", "pending"]
    assert minutes(effect.incident.steps[2].due_at) == 40


def test_by_hand_long_after_an_acknowledgement_calls_one_step_not_two():
    # Its time to acknowledge ran out while somebody had it; that is nobody's lateness.
    taken = in_state(ACKNOWLEDGED, within=5)
    now = OPENED + timedelta(minutes=20)
    after = escalate_by_hand(taken, by="U2", now=now, via="command").incident
    assert states(after) == ["fired", "fired", "pending"]
    assert fire_due(after, now=now) is None


def test_by_hand_whoever_is_called_now_has_the_whole_time_to_acknowledge():
    now = OPENED + timedelta(minutes=4)
    after = escalate_by_hand(opened(within=5), by="U2", now=now, via="command", within=timedelta(minutes=5)).incident
    assert minutes(after.acknowledge_by) == 9


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        pytest.param(None, "has no escalation policy. Call somebody directly", id="without a policy"),
        pytest.param(Policy("one", POLICY.steps[:1]), "has been told. Call somebody directly", id="all steps told"),
    ],
)
def test_by_hand_without_a_step_left_is_refused_and_says_what_to_do(policy, sentence):
    with pytest.raises(Refused) as refused:
        escalate_by_hand(opened(policy), **PERSON)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("decision", ["unacknowledge", "worsen"])
def test_the_time_to_acknowledge_counts_anew_when_nobody_has_it(decision):
    taken = in_state(ACKNOWLEDGED, within=5)
    within = timedelta(minutes=7)
    if decision == "worsen":
        after = worsen(taken, severity=Outcome.CRITICAL, summary="worse", now=NOW, within=within).incident
    else:
        after = unacknowledge(taken, **PERSON, within=within).incident
    assert minutes(after.acknowledge_by) == 17


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        pytest.param(opened(within=15), 15, id="while nobody has it: it counts on"),
        pytest.param(opened(), None, id="while nobody has it, and none counted"),
        pytest.param(
            in_state(ACKNOWLEDGED, within=15), None, id="while somebody had it in time: it does not count any more"
        ),
    ],
)
def test_the_time_to_acknowledge_after_a_rise_to_a_severity_that_has_none(incident, expected):
    after = worsen(incident, severity=Outcome.CRITICAL, summary="worse", now=NOW).incident
    assert (minutes(after.acknowledge_by) if after.acknowledge_by else None) == expected


def test_no_decision_changes_the_incident_that_it_was_given():
    incident = opened(within=5)
    copy = replace(incident)
    for decision in ("worsen", "ease", "recover", "acknowledge", "resolve", "escalate by hand"):
        DECISIONS[decision](incident)
    assert incident == copy


def test_only_pending_steps_can_be_cancelled_or_fired_so_one_of_the_two_wins():
    fired = fire_due(opened(), now=OPENED + timedelta(minutes=30)).incident
    taken = acknowledge(fired, **PERSON).incident
    assert [step.state for step in taken.steps] == [StepState.FIRED, StepState.FIRED, StepState.CANCELLED]
