"""Runs: their counts, their headline, and when they are worth a message."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from bot.domain.runs import (
    Checklist,
    Gap,
    Item,
    ItemState,
    Post,
    Result,
    Run,
    RunItem,
    RunState,
    Trigger,
    headline,
    worth_posting,
)
from checks import Finding, Outcome

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LETTERS = {
    "o": Outcome.OK,
    "i": Outcome.INFO,
    "w": Outcome.WARNING,
    "u": Outcome.UNKNOWN,
    "c": Outcome.CRITICAL,
}
GAP = Gap("2026-03-02T09:00", NOW, RunState.MISSED)


def item_of(letter: str, n: int) -> RunItem:
    """`m` is an open manual item, `d` a done one, `s` a skipped one, `-` a check not looked at yet."""
    name = f"{letter}{n}"
    if letter in "mds":
        state = {"m": ItemState.OPEN, "d": ItemState.DONE, "s": ItemState.SKIPPED}[letter]
        return RunItem(Item(name, f"Do {name}"), state=state)
    item = Item(name, name, check=f"check{n}")
    if letter == "-":
        return RunItem(item)
    outcome = LETTERS[letter]
    return RunItem(item, Result(f"check{n}", "tcp", outcome, (Finding(outcome, letter),), (), (), NOW, 1.0))


def run_of(letters: str, **fields) -> Run:
    items = tuple(item_of(letter, n) for n, letter in enumerate(letters))
    run = Run(1, "morning", "Morning", "s1", NOW, RunState.COMPLETE, Trigger.SCHEDULE, "#ops", items=items)
    return replace(run, **fields)


HEADLINES = [
    pytest.param("", "nothing to look at", id="an empty run"),
    pytest.param("ooi", "3 ok", id="info counts as ok"),
    pytest.param("wc", "0 ok, 2 failing", id="warning and critical fail"),
    pytest.param("ou", "1 ok, 1 could not be checked", id="unknown is neither"),
    pytest.param("mm", "2 to do by hand", id="manual items only"),
    pytest.param("owuum", "1 ok, 1 failing, 2 could not be checked, 1 to do by hand", id="everything at once"),
    pytest.param("ods", "1 ok", id="done and skipped items are not to do"),
    pytest.param("o-", "1 ok", id="what was not looked at yet counts nowhere"),
]


@pytest.mark.parametrize(("letters", "expected"), HEADLINES)
def test_the_headline_says_how_it_came_out(letters, expected):
    assert headline(run_of(letters)) == expected


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        pytest.param("", Outcome.OK, id="nothing wrong with nothing"),
        pytest.param("mmm", Outcome.OK, id="manual items count in no outcome"),
        pytest.param("owi", Outcome.WARNING, id="the worst counts"),
        pytest.param("wu", Outcome.UNKNOWN, id="not to see is worse than a warning"),
        pytest.param("uc", Outcome.CRITICAL, id="known to be broken is worst"),
    ],
)
def test_a_run_comes_out_as_its_worst_check(letters, expected):
    assert run_of(letters).outcome is expected


def test_a_result_is_headed_by_its_worst_finding():
    findings = (Finding(Outcome.INFO, "note"), Finding(Outcome.CRITICAL, "broken"), Finding(Outcome.CRITICAL, "later"))
    result = Result("db", "tcp", Outcome.CRITICAL, findings, (), (), NOW, 1.0)
    assert result.headline == "broken"
    assert replace(result, findings=()).headline == "nothing to say"


@pytest.mark.parametrize("state", list(RunState), ids=str)
def test_a_run_is_finished_when_all_its_checks_have_been_looked_at(state):
    assert state.finished == (state in (RunState.WAITING, RunState.COMPLETE, RunState.CARRIED))


def test_open_items_are_the_manual_ones_that_nobody_has_done():
    assert [item.item.id for item in run_of("omds-").open_items] == ["m1"]


def test_a_checklist_knows_its_checks_in_order():
    items = (Item("b", "b", check="b"), Item("x", "Do x"), Item("a", "a", check="a"))
    assert Checklist("morning", "Morning", items, "#ops").checks == ("b", "a")


POSTED = [
    # post, the run, the run before (None: there was none), whether that one was posted, gaps → worth a message
    (Post.ALWAYS, "o", "o", True, False, True),
    (Post.CHANGES, "o", None, True, False, True),
    (Post.CHANGES, "o", "o", True, False, False),
    (Post.CHANGES, "o", "o", False, False, True),
    (Post.CHANGES, "o", "w", True, False, True),
    (Post.CHANGES, "oo", "o", True, False, True),
    (Post.CHANGES, "o", "o", True, True, True),
    (Post.PROBLEMS, "o", None, True, False, True),
    (Post.PROBLEMS, "o", "w", True, False, False),
    (Post.PROBLEMS, "i", "o", True, False, False),
    (Post.PROBLEMS, "w", "w", True, False, True),
    (Post.PROBLEMS, "u", "u", True, False, True),
    (Post.PROBLEMS, "om", "om", True, False, True),
    (Post.PROBLEMS, "od", "om", True, False, False),
    (Post.PROBLEMS, "o", "o", True, True, True),
]


def sentence(row):
    post, letters, before, posted, gaps, worth = row
    earlier = "nothing" if before is None else f"{before}{'' if posted else ' unposted'}"
    return f"{post}: {letters} after {earlier}{' with a gap' if gaps else ''} is {'' if worth else 'not '}told"


@pytest.mark.parametrize("row", POSTED, ids=sentence)
def test_a_run_is_worth_a_message(row):
    post, letters, before, posted, gaps, worth = row
    previous = None if before is None else run_of(before, posted=posted)
    assert worth_posting(run_of(letters, gaps=(GAP,) if gaps else ()), previous, post) is worth


@pytest.mark.parametrize("post", list(Post), ids=str)
def test_a_missed_slot_is_never_hidden(post):
    for now, before in product("oiwucm", repeat=2):
        assert worth_posting(run_of(now, gaps=(GAP,)), run_of(before, posted=True), post)
