"""The simulation can see: mistakes that are planted in the engine break a promise within a few worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.domain import escalation, quiet, watching
from bot.domain.incidents import Reason
from bot.engine import courier, ticker
from storage import tables as t
from storage.incidents import Incidents
from storage.messages import Messages
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

    def latest(planned, row, now):
        following = planned.schedule.between(row.cursor, now, 10_000)[-1]
        row = row if following.due == row.next_due else ticker.ScheduleRow(row.name, row.spec, row.next_due, None)
        return slots(planned, row, now)

    patch.setattr(ticker, "_slots", latest)


def clicks_that_work_twice(patch: pytest.MonkeyPatch) -> None:
    """The key of a click does not commit with its effect."""
    patch.setattr(Inbox, "first_time", lambda self, key: True)


def told_although_it_is_quiet(patch: pytest.MonkeyPatch) -> None:
    """A snooze only looks like one."""
    patch.setattr(courier, "is_quieted", lambda *args, **given: False)


def quiet_that_ends_in_silence(patch: pytest.MonkeyPatch) -> None:
    """What is open when the quiet ends is told to nobody."""
    woken = quiet._woken
    patch.setattr(quiet, "_woken", lambda incident, entry, *, broadcast: woken(incident, entry, broadcast=False))


def steps_that_are_armed_again(patch: pytest.MonkeyPatch) -> None:
    """The end of a quiet forgets who was called before it."""
    postpone = escalation.postpone
    pending = escalation.StepState.PENDING

    def all_of_them(steps, *, until):
        return postpone(tuple(replace(step, state=pending, fired_at=None) for step in steps), until=until)

    patch.setattr(escalation, "postpone", all_of_them)


def cards_that_are_not_redrawn(patch: pytest.MonkeyPatch) -> None:
    """A change of state does not touch the card."""
    touch = Messages.touch

    def no_incidents(self, *subjects):
        touch(self, *(subject for subject in subjects if not subject.startswith("incident:")))

    patch.setattr(Messages, "touch", no_incidents)


def a_timeline_that_names_the_wrong_person(patch: pytest.MonkeyPatch) -> None:
    """Who has it is not who the story says."""
    apply = Incidents.apply

    def anonymous(self, effect):
        if effect.entry.reason is Reason.ACKNOWLEDGED:
            effect = replace(effect, entry=replace(effect.entry, by="U99"))
        return apply(self, effect)

    patch.setattr(Incidents, "apply", anonymous)


def incidents_that_get_lost(patch: pytest.MonkeyPatch) -> None:
    """Enough bad looks, and nothing opens."""
    after = watching.after

    def none_opens(*args, **given):
        watch, effects = after(*args, **given)
        return watch, tuple(effect for effect in effects if effect.entry.reason is not Reason.OPENED)

    patch.setattr(watching, "after", none_opens)


def found(worlds: int = WORLDS, *, look_up: bool = True) -> Iterator[str]:
    """What breaks, world after world."""
    for seed in range(worlds):
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
        (told_although_it_is_quiet, "nobody_is_called_while_it_is_quiet"),
        (quiet_that_ends_in_silence, "quiet_ends_when_it_was_to_end_and_what_is_open_is_told"),
        (steps_that_are_armed_again, "a_step_fires_at_most_once"),
        (cards_that_are_not_redrawn, "shows something else than the ledger"),
        (a_timeline_that_names_the_wrong_person, "the_timeline_replays_to_the_same_state"),
        (incidents_that_get_lost, "so_many_bad_looks_open_and_so_many_good_ones_close"),
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


def test_nothing_is_found_where_nothing_is_planted() -> None:
    assert list(found(3)) == []
