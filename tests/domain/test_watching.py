"""From results to incidents: damping, blindness, and what holds whatever comes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.climbing import fire_due
from bot.domain.escalation import Policy, PolicyStep, StepState
from bot.domain.incidents import Reason, State, acknowledge
from bot.domain.runs import Result
from bot.domain.watching import BLIND_AFTER, Damping, Watch, Watched, after
from checks import Finding, Outcome

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = Policy("team", tuple(PolicyStep(timedelta(minutes=m), ("user:ann",)) for m in (0, 7, 20)))
O, I, W, U, C = Outcome.OK, Outcome.INFO, Outcome.WARNING, Outcome.UNKNOWN, Outcome.CRITICAL  # noqa: E741
LETTERS = {"o": O, "i": I, "w": W, "u": U, "c": C}


def minute(n: float) -> datetime:
    return BEGIN + timedelta(minutes=n)


def result(outcome: Outcome, at: datetime) -> Result:
    return Result("db", "tcp", outcome, (Finding(outcome, f"it is {outcome}"),), (), (), at, 1.0)


class Watching:
    """One check through time, with its incidents."""

    def __init__(self, open_after=2, close_after=2, within=None):
        self.check = Watched("db", "Database", "#ops", Damping(open_after, close_after), POLICY, within or {})
        self.watch = Watch()
        self.incident = None
        self.blind = None
        self.story = []
        self.ids = 0

    def sees(self, outcome: Outcome, at: datetime):
        self.watch, effects = after(
            result(outcome, at), self.watch, check=self.check, incident=self.incident, blind=self.blind
        )
        for effect in effects:
            self.apply(effect)
        return effects

    def apply(self, effect):
        incident = effect.incident
        if not incident.id:
            self.ids += 1
            incident = replace(incident, id=self.ids)
        own = incident.subject.startswith("check:")
        self.story.append(("" if own else "blind ") + effect.entry.reason.value)
        kept = incident if incident.unresolved else None
        if own:
            self.incident = kept
        else:
            self.blind = kept
        return incident


def story_of(letters: str, **how) -> list[tuple[int, str]]:
    """What happens at which result, one a minute."""
    watching, told = Watching(**how), []
    for n, letter in enumerate(letters):
        before = len(watching.story)
        watching.sees(LETTERS[letter], minute(n))
        told += [(n, what) for what in watching.story[before:]]
    return told


QUARTER = timedelta(minutes=3)
STORIES = [
    pytest.param("ow", {}, [], id="one bad result is no incident"),
    pytest.param("oww", {}, [(2, "opened")], id="two bad results in a row are"),
    pytest.param("wow", {}, [], id="a good one between begins anew"),
    pytest.param("wiw", {}, [], id="info is good"),
    pytest.param("iiii", {}, [], id="info never opens"),
    pytest.param("wcc", {}, [(1, "opened"), (2, "worsened")], id="critical counts as bad, and worsens when it lasts"),
    pytest.param("wwcwc", {}, [(1, "opened")], id="a single critical worsens nothing"),
    pytest.param("cc", {}, [(1, "opened")], id="critical from the beginning opens at once as critical"),
    pytest.param("wwoo", {}, [(1, "opened"), (3, "recovered")], id="two good results close"),
    pytest.param("wwoi", {}, [(1, "opened"), (3, "recovered")], id="ok and info are both good"),
    pytest.param("wwowo", {}, [(1, "opened")], id="a bad one between keeps it open"),
    pytest.param("ccww", {}, [(1, "opened"), (3, "eased")], id="no longer critical for long enough eases"),
    pytest.param("ccwcw", {}, [(1, "opened")], id="a critical one between eases nothing"),
    pytest.param("ccow", {}, [(1, "opened"), (3, "eased")], id="a good one counts as no longer critical"),
    pytest.param("ccwwcc", {}, [(1, "opened"), (3, "eased"), (5, "worsened")], id="it eases and worsens again"),
    pytest.param("w", {"open_after": 1}, [(0, "opened")], id="open_after 1 opens at once"),
    pytest.param("wwo", {"close_after": 1}, [(1, "opened"), (2, "recovered")], id="close_after 1 closes at once"),
    pytest.param("wwwww", {"open_after": 5}, [(4, "opened")], id="open_after 5 takes five"),
    pytest.param("wwww", {"open_after": QUARTER}, [(3, "opened")], id="for a time: opens when it has lasted"),
    pytest.param("wwowww", {"open_after": QUARTER}, [], id="for a time: a good one begins anew"),
    pytest.param(
        "wwoooo",
        {"close_after": QUARTER},
        [(1, "opened"), (5, "recovered")],
        id="for a time: closes when it has lasted",
    ),
    pytest.param("uu", {}, [], id="two looks that fail are no incident"),
    pytest.param("uuu", {}, [(2, "blind opened")], id="three in a row are blindness"),
    pytest.param("uuuuuu", {}, [(2, "blind opened")], id="blindness opens once"),
    pytest.param("uuuo", {}, [(2, "blind opened"), (3, "blind recovered")], id="a good result ends blindness"),
    pytest.param("uuuc", {}, [(2, "blind opened"), (3, "blind recovered")], id="so does a bad one"),
    pytest.param("uuouu", {}, [], id="a look between begins anew"),
    pytest.param("wuw", {}, [(2, "opened")], id="unknown leaves the bad counter alone"),
    pytest.param("wwouo", {}, [(1, "opened"), (4, "recovered")], id="unknown leaves the good counter alone"),
    pytest.param(
        "wwuuu", {}, [(1, "opened"), (4, "blind opened")], id="a check can be broken and out of sight at once"
    ),
    pytest.param(
        "wwuuuoo",
        {},
        [(1, "opened"), (4, "blind opened"), (5, "blind recovered"), (6, "recovered")],
        id="sight comes back before the check does",
    ),
]


@pytest.mark.parametrize(("letters", "how", "expected"), STORIES)
def test_what_results_do(letters, how, expected):
    assert story_of(letters, **how) == expected


NO_INCIDENT, WARNING, CRITICAL = None, Outcome.WARNING, Outcome.CRITICAL
# With open_after and close_after 1: (the incident's severity, what is seen) → what happens to the check's own.
TOTAL = {
    (NO_INCIDENT, O): None,
    (NO_INCIDENT, I): None,
    (NO_INCIDENT, W): Reason.OPENED,
    (NO_INCIDENT, U): None,
    (NO_INCIDENT, C): Reason.OPENED,
    (WARNING, O): Reason.RECOVERED,
    (WARNING, I): Reason.RECOVERED,
    (WARNING, W): None,
    (WARNING, U): None,
    (WARNING, C): Reason.WORSENED,
    (CRITICAL, O): Reason.RECOVERED,
    (CRITICAL, I): Reason.RECOVERED,
    (CRITICAL, W): Reason.EASED,
    (CRITICAL, U): None,
    (CRITICAL, C): None,
}


@pytest.mark.parametrize("acknowledged", [False, True], ids=["open", "acknowledged"])
@pytest.mark.parametrize("severity", [NO_INCIDENT, WARNING, CRITICAL], ids=["none", "a warning", "a critical one"])
@pytest.mark.parametrize("outcome", list(Outcome), ids=str)
def test_every_outcome_against_every_state_of_the_incident(outcome, severity, acknowledged):
    watching = Watching(open_after=1, close_after=1)
    if severity is not None:
        watching.sees(severity, minute(0))
        if acknowledged:
            watching.apply(acknowledge(watching.incident, by="U1", now=minute(1), via="button"))
    effects = watching.sees(outcome, minute(2))
    reasons = [effect.entry.reason for effect in effects]
    expected = TOTAL[severity, outcome]
    assert reasons == ([] if expected is None else [expected])
    if acknowledged and severity is not None and expected is Reason.WORSENED:
        assert watching.incident.state is State.OPEN
    if acknowledged and severity is not None and expected in (None, Reason.EASED):
        assert watching.incident.state is State.ACKNOWLEDGED


def test_an_incident_says_what_was_seen_and_blindness_says_that_nothing_was():
    watching = Watching()
    for n in range(BLIND_AFTER):
        watching.sees(U, minute(n))
    assert (watching.blind.title, watching.blind.severity) == ("Database cannot be checked", Outcome.WARNING)
    watching.sees(C, minute(4))
    watching.sees(C, minute(5))
    assert (watching.incident.title, watching.incident.summary) == ("Database", "it is critical")


def test_the_deadline_is_that_of_the_severity():
    within = {Outcome.CRITICAL: timedelta(minutes=5), Outcome.WARNING: timedelta(hours=1)}
    watching = Watching(within=within)
    watching.sees(W, minute(0))
    watching.sees(W, minute(1))
    assert watching.incident.acknowledge_by == minute(61)
    watching.sees(C, minute(2))
    watching.sees(C, minute(3))
    assert watching.incident.acknowledge_by == minute(8)


def test_a_new_incident_points_to_the_one_that_somebody_resolved():
    _, (effect,) = after(
        result(W, minute(0)),
        Watch(),
        check=Watched("db", "Database", "#ops", Damping(1, 1), None),
        incident=None,
        blind=None,
        previous_id=7,
    )
    assert effect.incident.previous_id == 7


def test_since_when_it_comes_out_like_this_is_kept_until_it_comes_out_otherwise():
    watch = Watch()
    for n, letter in enumerate("oowwu"):
        watch = watch.after(LETTERS[letter], minute(n))
    assert (watch.outcome, watch.since) == (U, minute(4))
    assert watch.bad.since == minute(2)


damping = st.one_of(st.integers(1, 5), st.integers(0, 900).map(lambda seconds: timedelta(seconds=seconds)))
looks = st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(1, 300), st.booleans()), max_size=60)


@given(looks=looks, open_after=damping, close_after=damping, deadline=st.sampled_from([None, timedelta(minutes=5)]))
def test_whatever_comes_an_incident_is_one_at_a_time_and_moves_by_its_rules(looks, open_after, close_after, deadline):
    within = {Outcome.CRITICAL: deadline} if deadline else {}
    watching = Watching(open_after, close_after, within=within)
    at, fired, seen = BEGIN, set(), []
    for outcome, seconds, acknowledged in looks:
        at += timedelta(seconds=seconds)
        own, blind = watching.incident, watching.blind
        effects = watching.sees(outcome, at)
        if outcome is not Outcome.UNKNOWN:
            seen.append((outcome, at))
        subjects = [effect.incident.subject for effect in effects]
        assert len(set(subjects)) == len(subjects)
        for effect in effects:
            mine = effect.incident.subject == "check:db"
            before = own if mine else blind
            # At most one unresolved incident a subject: only an absent one is opened, only a present one changed.
            assert (before is None) == (effect.entry.reason is Reason.OPENED)
            assert effect.incident.version == (before.version + 1 if before else 1)
        if outcome is Outcome.UNKNOWN:
            assert watching.incident is own
        if own is not None and watching.incident is not None:
            assert_falls_only_when_it_lasted(own.severity, watching.incident.severity, seen, close_after, at)
        assert len({n for n in (watching.incident, watching.blind) if n}) <= 2
        if watching.incident is not None:
            if acknowledged and watching.incident.state is State.OPEN:
                watching.apply(acknowledge(watching.incident, by="U1", now=at, via="button"))
            fire_all(watching, at, fired)


def assert_falls_only_when_it_lasted(before, now, seen, close_after, at):
    """The severity never falls below what the last `close_after` results, or that long a time, have shown."""
    if now.rank >= before.rank:
        return
    if isinstance(close_after, int):
        recent = [outcome for outcome, _ in seen[-close_after:]]
    else:
        recent = [outcome for outcome, when in seen if at - when <= close_after]
        # Nothing critical within the time, and it was looked at for all of it.
        assert seen[0][1] <= at - close_after or not recent
    assert max((outcome.rank for outcome in recent), default=0) <= now.rank


def fire_all(watching, at, fired):
    while (effect := fire_due(watching.incident, now=at)) is not None:
        news = [
            step.position
            for old, step in zip(watching.incident.steps, effect.incident.steps, strict=True)
            if old.state is not StepState.FIRED and step.state is StepState.FIRED
        ]
        if effect.entry.reason is Reason.ESCALATED:
            (position,) = news
            assert (watching.incident.id, position) not in fired, "a step fired twice"
            fired.add((watching.incident.id, position))
        watching.apply(effect)
