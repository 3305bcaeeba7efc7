"""What is different from the round before."""

from datetime import UTC, datetime

import pytest

from bot.domain.comparing import Before, Change, changes
from bot.domain.runs import Item, Result, Run, RunItem, RunState, Trigger
from checks import Outcome

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OK, INFO, WARNING, UNKNOWN, CRITICAL = Outcome.OK, Outcome.INFO, Outcome.WARNING, Outcome.UNKNOWN, Outcome.CRITICAL


def run(**outcomes):
    items = tuple(
        RunItem(Item(name, name.title(), name), Result(name, "disk", outcome, (), (), (), NOW, 1.0))
        for name, outcome in outcomes.items()
    )
    by_hand = RunItem(Item("look", "Look around"))
    return Run(1, "morning", "Morning", "s", NOW, RunState.WAITING, Trigger.SCHEDULE, "#c", items=(*items, by_hand))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (OK, OK, None),
        (OK, INFO, None),
        (INFO, OK, None),
        (WARNING, WARNING, None),
        (OK, CRITICAL, True),
        (WARNING, CRITICAL, True),
        (OK, UNKNOWN, True),
        (CRITICAL, WARNING, False),
        (UNKNOWN, OK, False),
        (CRITICAL, OK, False),
        (None, CRITICAL, True),
        (None, OK, None),
    ],
)
def test_a_change_is_told_with_its_direction(before, after, told):
    known = Before(NOW, {} if before is None else {"db": before})
    found = changes(run(db=after), known)
    assert [change.worse for change in found] == ([] if told is None else [told])


def test_the_worst_comes_first():
    known = Before(NOW, {"a": CRITICAL, "b": OK, "c": OK})
    found = changes(run(a=OK, b=WARNING, c=CRITICAL), known)
    assert found == (Change("C", OK, CRITICAL), Change("B", OK, WARNING), Change("A", CRITICAL, OK))


def test_the_first_round_has_nothing_to_compare_with():
    assert changes(run(db=CRITICAL), None) == ()
