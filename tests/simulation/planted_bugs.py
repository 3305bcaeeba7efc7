"""The simulation can see: mistakes that are planted in the engine break a promise within a few worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from bot.domain import escalation
from bot.engine import ticker
from storage import tables as t
from storage.outbox import Outbox
from storage.people import Inbox
from storage.rows import insert_new, result_row
from storage.runs import Runs
from tests.simulation.lives import live
from tests.simulation.world import Broken, World

WORLDS = 20
SLOTS = 120

Plant = Callable[[pytest.MonkeyPatch], None]


def claim_without_fencing(patch: pytest.MonkeyPatch) -> None:
    """Whoever comes last stores its results, whether or not it still holds the claim."""

    def finish(self, run_id, *, token, state, results, now):
        self._connection.execute(
            update(t.run)
            .where(t.run.c.id == run_id)
            .values(state=state.value, finished_at=now, token=None, lease_until=None, version=t.run.c.version + 1)
        )
        insert_new(self._connection, t.result, [result_row(run_id, result) for result in results])
        return True

    patch.setattr(Runs, "finish", finish)


def state_without_an_outbox_row(patch: pytest.MonkeyPatch) -> None:
    """A step fires, and its message is forgotten."""
    add = Outbox.add
    patch.setattr(Outbox, "add", lambda self, **row: row["reason"] == "escalated" or add(self, **row))


def acknowledged_and_still_armed(patch: pytest.MonkeyPatch) -> None:
    """Somebody has it, and the steps go on."""
    patch.setattr(escalation, "cancel", lambda steps: steps)


def gaps_that_nobody_names(patch: pytest.MonkeyPatch) -> None:
    """The digest does not tell which slots got no run."""
    patch.setattr(Runs, "name_gaps", lambda self, run_id, checklist: 0)


def slots_that_get_no_row(patch: pytest.MonkeyPatch) -> None:
    """After a pause only the latest slot counts."""
    slots = ticker._slots

    def latest(tx, planned, row, now):
        following = planned.schedule.between(row.cursor, now, 10_000)[-1]
        row = row if following.due == row.next_due else ticker.ScheduleRow(row.name, row.spec, row.next_due, None)
        return slots(tx, planned, row, now)

    patch.setattr(ticker, "_slots", latest)


def clicks_that_work_twice(patch: pytest.MonkeyPatch) -> None:
    """The key of a click does not commit with its effect."""
    patch.setattr(Inbox, "first_time", lambda self, key: True)


def found(*, look_up: bool = True) -> Iterator[str]:
    """What breaks, world after world."""
    for seed in range(WORLDS):
        with World(seed, look_up=look_up) as world:
            try:
                live(world, slots=SLOTS)
            except Broken as broken:
                yield str(broken)


@pytest.mark.parametrize(
    ("plant", "promise"),
    [
        (claim_without_fencing, "had lost the claim"),
        (state_without_an_outbox_row, "what_is_decided_is_told"),
        (acknowledged_and_still_armed, "who_has_it_is_not_called"),
        (gaps_that_nobody_names, "every_gap_is_named"),
        (slots_that_get_no_row, "every_slot_is_accounted_for_once"),
        (clicks_that_work_twice, "a_click_works_once"),
    ],
    ids=lambda value: value.__name__.replace("_", " ") if callable(value) else "",
)
def test_a_planted_bug_is_found(plant: Plant, promise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    broken = next(found())
    assert promise in broken
    assert "make simulate ARGS='--seed" in broken


def test_without_looking_up_uncertain_sends_messages_are_doubled() -> None:
    assert "a_thing_is_told_once" in next(found(look_up=False))
