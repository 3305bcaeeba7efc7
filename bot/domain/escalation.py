"""Escalation policies: whom to tell if nobody acknowledges, and after how long."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One step of a policy. `after` counts from the opening; `notify` are targets such as `user:ben`."""

    after: timedelta
    notify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Steps in the order in which they fire."""

    name: str
    steps: tuple[PolicyStep, ...]


class StepState(StrEnum):
    """A step is pending until it fires or is cancelled, and only one of the two can win."""

    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"


DIRECT = 1_000
"""The position of the first direct call: of a person or group whom somebody named. A policy's steps count from 0."""


@dataclass(frozen=True, slots=True)
class Step:
    """A policy's step on one incident, or a direct call: a row with a moment, so that no crash forgets it.

    Args:
        position: 0 for a policy's first; from `DIRECT` on for direct calls.
        after_s: seconds after the opening, as the policy says.
    """

    position: int
    after_s: float
    notify: tuple[str, ...]
    due_at: datetime
    state: StepState = StepState.PENDING
    fired_at: datetime | None = None

    @property
    def direct(self) -> bool:
        """It is a direct call, and none of the policy's steps."""
        return self.position >= DIRECT


def arm(policy: Policy | None, *, opened_at: datetime) -> tuple[Step, ...]:
    """The steps of an incident that opens now; those without delay fire with the opening post itself."""
    if policy is None:
        return ()
    return tuple(
        Step(
            position=position,
            after_s=step.after.total_seconds(),
            notify=step.notify,
            due_at=opened_at + step.after,
            state=StepState.PENDING if step.after else StepState.FIRED,
            fired_at=None if step.after else opened_at,
        )
        for position, step in enumerate(policy.steps)
    )


def cancel(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Somebody has it, or it is over: what has not fired will not."""
    return tuple(replace(s, state=StepState.CANCELLED) if s.state is StepState.PENDING else s for s in steps)


def rearm(steps: tuple[Step, ...], *, now: datetime) -> tuple[Step, ...]:
    """Nobody has it any more: the steps that never fired count again, from now, with their gaps kept."""
    fired = [step for step in steps if step.state is StepState.FIRED]
    base_s = max((step.after_s for step in fired), default=0.0)
    return tuple(
        step
        if step.state is StepState.FIRED
        else replace(step, state=StepState.PENDING, due_at=now + timedelta(seconds=max(step.after_s - base_s, 0.0)))
        for step in steps
    )


def fire(steps: tuple[Step, ...], position: int, *, now: datetime) -> tuple[Step, ...]:
    """That step is told now."""
    return tuple(
        replace(step, state=StepState.FIRED, fired_at=now) if step.position == position else step for step in steps
    )


def postpone(steps: tuple[Step, ...], *, until: datetime) -> tuple[Step, ...]:
    """It was quiet until then: a step that came due meanwhile is due now, and the later ones keep their gaps."""
    first = min((step.due_at for step in steps if step.state is StepState.PENDING), default=until)
    late = max(until - first, timedelta())
    return tuple(
        replace(step, due_at=step.due_at + late) if step.state is StepState.PENDING else step for step in steps
    )


def next_step(steps: tuple[Step, ...]) -> Step | None:
    """The first step that has not fired, whether or not it was cancelled."""
    return next((step for step in steps if step.state is not StepState.FIRED), None)


def fire_by_hand(steps: tuple[Step, ...], position: int, *, now: datetime) -> tuple[Step, ...]:
    """Somebody asked for that step: it fires now, earlier ones are passed over, later ones keep their gaps from now."""
    chosen = next(step for step in steps if step.position == position)
    moved: list[Step] = []
    for step in steps:
        if step.position == position:
            moved.append(replace(step, state=StepState.FIRED, fired_at=now))
        elif step.state is StepState.FIRED:
            moved.append(step)
        elif step.position < position:
            moved.append(replace(step, state=StepState.CANCELLED))
        else:
            gap = timedelta(seconds=step.after_s - chosen.after_s)
            moved.append(replace(step, state=StepState.PENDING, due_at=now + gap))
    return tuple(moved)


def call(steps: tuple[Step, ...], target: str, *, now: datetime) -> tuple[tuple[Step, ...], Step]:
    """Somebody named whom to call: they are called now, and what has not fired keeps its gaps from now.

    Returns the steps, and the one that is this call. Calling the same target again is the same step once more.
    """
    waiting = rearm(steps, now=now)
    again = next((step for step in steps if step.direct and step.notify == (target,)), None)
    if again is not None:
        called = replace(again, fired_at=now)
        return tuple(called if step.position == again.position else step for step in waiting), called
    told_s = max((step.after_s for step in steps if step.state is StepState.FIRED), default=0.0)
    position = DIRECT + sum(step.direct for step in steps)
    called = Step(position, told_s, (target,), due_at=now, state=StepState.FIRED, fired_at=now)
    return (*waiting, called), called


def planned(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The policy's steps, without the direct calls."""
    return tuple(step for step in steps if not step.direct)


def numbered(step: Step, steps: tuple[Step, ...]) -> str:
    """How the timeline names a step: `step 2 of 3`, `direct call 1`. `told_by` reads it again."""
    if step.direct:
        return f"direct call {step.position - DIRECT + 1}"
    return f"step {step.position + 1} of {len(planned(steps))}"


def told_by(text: str, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The step that a line of the timeline is about."""
    found = re.match(r"step (?P<step>[0-9]{1,3}) of |direct call (?P<call>[0-9]{1,3})", text)
    if found is None:
        return ()
    position = int(found["step"]) - 1 if found["step"] else DIRECT + int(found["call"]) - 1
    return tuple(step for step in steps if step.position == position)
