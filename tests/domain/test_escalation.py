"""Escalation policies: the arithmetic of steps."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.escalation import (
    Policy,
    PolicyStep,
    StepState,
    arm,
    cancel,
    fire,
    fire_by_hand,
    next_step,
    rearm,
)

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PENDING, FIRED, CANCELLED = StepState.PENDING, StepState.FIRED, StepState.CANCELLED


def policy(*minutes: float) -> Policy:
    return Policy("team", tuple(PolicyStep(timedelta(minutes=m), (f"user:u{n}",)) for n, m in enumerate(minutes)))


def armed(*minutes: float):
    return arm(policy(*minutes), opened_at=OPENED)


def after(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def shown(steps) -> list[tuple[str, float]]:
    """Each step's state, and the minute after the opening at which it fired or is due."""
    moments = [step.fired_at if step.state is FIRED else step.due_at for step in steps]
    return [(step.state.value, (at - OPENED).total_seconds() / 60) for step, at in zip(steps, moments, strict=True)]


def test_without_a_policy_there_are_no_steps():
    assert arm(None, opened_at=OPENED) == ()


def test_steps_without_delay_fire_with_the_opening_and_the_others_wait():
    steps = armed(0, 15, 60)
    assert shown(steps) == [("fired", 0), ("pending", 15), ("pending", 60)]
    assert [step.notify for step in steps] == [("user:u0",), ("user:u1",), ("user:u2",)]
    assert [step.position for step in steps] == [0, 1, 2]


def test_cancelling_stops_what_has_not_fired_and_leaves_what_has():
    assert shown(cancel(armed(0, 15, 60))) == [("fired", 0), ("cancelled", 15), ("cancelled", 60)]


def test_cancelling_twice_is_cancelling_once():
    once = cancel(armed(0, 15))
    assert cancel(once) == once


REARMED = [
    pytest.param((5, 15, 60), 0, [("pending", 105), ("pending", 115), ("pending", 160)], id="none fired: all anew"),
    pytest.param((0, 15, 60), 0, [("fired", 0), ("pending", 115), ("pending", 160)], id="the first fired at opening"),
    pytest.param((0, 15, 60), 1, [("fired", 0), ("fired", 15), ("pending", 145)], id="gaps count from the last fired"),
    pytest.param((0, 15, 60), 2, [("fired", 0), ("fired", 15), ("fired", 60)], id="all fired: nothing to wait for"),
]


@pytest.mark.parametrize(("minutes", "fired", "expected"), REARMED)
def test_rearmed_steps_count_from_now_with_their_gaps_kept(minutes, fired, expected):
    steps = armed(*minutes)
    for position in range(fired + 1) if fired else ():
        if steps[position].state is PENDING:
            steps = fire(steps, position, now=steps[position].due_at)
    assert shown(rearm(cancel(steps), now=after(100))) == expected


def test_a_step_fired_early_still_counts_as_its_own_place_in_the_policy():
    steps = fire(armed(0, 30, 60), 1, now=after(5))
    assert shown(rearm(cancel(steps), now=after(10))) == [("fired", 0), ("fired", 5), ("pending", 40)]


def test_firing_changes_that_step_alone():
    before = armed(0, 15, 60)
    steps = fire(before, 1, now=after(16))
    assert shown(steps) == [("fired", 0), ("fired", 16), ("pending", 60)]
    assert (steps[0], steps[2]) == (before[0], before[2])


NEXT = [
    pytest.param((0, 15), (), 1, id="the first pending one"),
    pytest.param((5, 15), (), 0, id="the very first if nothing fired"),
    pytest.param((0, 15), (1,), None, id="none if all fired"),
]


@pytest.mark.parametrize(("minutes", "fired", "position"), NEXT)
@pytest.mark.parametrize("cancelled", [False, True], ids=["armed", "cancelled"])
def test_the_next_step_is_the_first_that_has_not_fired(minutes, fired, position, cancelled):
    steps = armed(*minutes)
    for each in fired:
        steps = fire(steps, each, now=after(1))
    found = next_step(cancel(steps) if cancelled else steps)
    assert (found.position if found else None) == position


BY_HAND = [
    pytest.param(1, [("fired", 0), ("fired", 20), ("pending", 65), ("pending", 140)], id="the next one"),
    pytest.param(2, [("fired", 0), ("cancelled", 15), ("fired", 20), ("pending", 95)], id="an earlier one passed over"),
    pytest.param(3, [("fired", 0), ("cancelled", 15), ("cancelled", 60), ("fired", 20)], id="the last one"),
]


@pytest.mark.parametrize("cancelled", [False, True], ids=["while open", "after an acknowledgement"])
@pytest.mark.parametrize(("position", "expected"), BY_HAND)
def test_by_hand_a_step_fires_now_and_later_ones_keep_their_gaps_from_now(position, expected, cancelled):
    steps = armed(0, 15, 60, 135)
    steps = cancel(steps) if cancelled else steps
    assert shown(fire_by_hand(steps, position, now=after(20))) == expected


def test_by_hand_after_a_step_that_fired_keeps_that_one_as_it_was():
    steps = fire(armed(5, 15, 60), 0, now=after(6))
    assert shown(fire_by_hand(steps, 1, now=after(7))) == [("fired", 6), ("fired", 7), ("pending", 52)]
