"""The simulation can see: mistakes that are planted in the engine break a promise within a few worlds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.domain import escalation, incidents, quiet, reopening, watching
from bot.domain.incidents import Effect, Reason
from bot.engine import courier, engine, ticker, triage
from bot.engine.desk import incidents as desk_of_incidents
from bot.engine.desk import rounds
from checks import Outcome
from storage import tables as t
from storage.incidents import Incidents
from storage.messages import Messages
from storage.outbox import Outbox
from storage.people import Inbox
from storage.rows import insert_new, result_row
from storage.runs import Runs
from tests.simulation.fate import S
from tests.simulation.lives import live
from tests.simulation.still import StillWorld
from tests.simulation.test_any_story import CONFIGURATIONS
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

    def latest(planned, cursor, now):
        first, *others = planned.schedule.between(cursor, now, 10_000)
        return slots(planned, first.due if others else cursor, now)

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
    _leave_out(patch, lambda effect: effect.entry.reason is Reason.OPENED)


def steps_that_are_not_armed_again(patch: pytest.MonkeyPatch) -> None:
    """Who gives an incident back gives back all but the last step of the policy."""
    rearm = escalation.rearm

    def all_but_the_last(steps, *, now):
        last = max((step.position for step in steps if not step.direct), default=None)
        cancelled = escalation.StepState.CANCELLED
        return tuple(
            replace(step, state=cancelled)
            if step.position == last and step.state is not escalation.StepState.FIRED
            else step
            for step in rearm(steps, now=now)
        )

    patch.setattr(escalation, "rearm", all_but_the_last)


def reopened_and_never_climbing(patch: pytest.MonkeyPatch) -> None:
    """It is not over, and nobody is called."""

    def cancelled(incident, **given):
        effect = reopening.reopen(incident, **given)
        return replace(effect, incident=replace(effect.incident, steps=escalation.cancel(effect.incident.steps)))

    patch.setattr(desk_of_incidents, "reopen", cancelled)


def rises_that_nobody_sees(patch: pytest.MonkeyPatch) -> None:
    """What opened as a warning stays one."""
    _leave_out(patch, lambda effect: effect.entry.reason is Reason.WORSENED)


def a_rise_that_calls_nobody(patch: pytest.MonkeyPatch) -> None:
    """Somebody had it when it was a warning; it is critical and open, and its steps stay cancelled."""
    worsen = incidents.worsen

    def kept(incident, **given):
        effect = worsen(incident, **given)
        return replace(effect, incident=replace(effect.incident, steps=incident.steps))

    patch.setattr(incidents, "worsen", kept)


def blindness_that_nobody_hears_of(patch: pytest.MonkeyPatch) -> None:
    """We could not look, again and again."""
    _leave_out(patch, lambda effect: effect.incident.subject.startswith("blind:"))


def overdue_and_never_told(patch: pytest.MonkeyPatch) -> None:
    """The moment passes."""

    def pass_over(tx, configuration, now):
        tx.runs._connection.execute(
            update(t.run).where(t.run.c.overdue_at <= now, t.run.c.state == "waiting").values(overdue_at=None)
        )
        return 0

    patch.setattr(engine, "remind", pass_over)


def overdue_although_it_is_done(patch: pytest.MonkeyPatch) -> None:
    """The last tick does not end what it was for."""
    patch.setattr(rounds, "close_overdue", lambda *args, **given: None)
    patch.setattr(triage, "close_overdue", lambda *args, **given: None)


def ticks_that_get_lost(patch: pytest.MonkeyPatch) -> None:
    """The run is complete, and its item is open."""
    patch.setattr(rounds, "tick", lambda item, **given: item)


def digests_under_two_keys(patch: pytest.MonkeyPatch) -> None:
    """No key is told twice, and the channel reads it twice."""
    add = Outbox.add

    def twice(self, **row):
        if row["reason"] == "digest":
            add(self, **row | {"key": f"{row['key']}:again"})
        return add(self, **row)

    patch.setattr(Outbox, "add", twice)


def _leave_out(patch: pytest.MonkeyPatch, which: Callable[[Effect], bool]) -> None:
    """Of what results bring about."""
    after = watching.after

    def without(*args, **given):
        watch, effects = after(*args, **given)
        return watch, tuple(effect for effect in effects if not which(effect))

    patch.setattr(watching, "after", without)


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
        (incidents_that_get_lost, "so_many_looks_in_a_row_have_their_effect"),
        # Two promises say so; which of them is broken first, follows from the seed.
        (steps_that_are_not_armed_again, "what_nobody_has_climbs_on|the_later_steps_keep_their_gaps"),
        (reopened_and_never_climbing, "what_nobody_has_climbs_on"),
        (rises_that_nobody_sees, "so_many_looks_in_a_row_have_their_effect"),
        (a_rise_that_calls_nobody, "what_nobody_has_climbs_on"),
        (blindness_that_nobody_hears_of, "so_many_looks_in_a_row_have_their_effect"),
        (overdue_and_never_told, "what_is_overdue_is_told"),
        (overdue_although_it_is_done, "what_is_overdue_ends_with_its_run"),
        (ticks_that_get_lost, "a_run_is_complete_when_nothing_is_left_to_do"),
        (digests_under_two_keys, "a_thing_has_one_card"),
    ],
    ids=lambda value: value.__name__.replace("_", " ") if callable(value) else "",
)
def test_a_planted_bug_is_found(plant: Plant, promise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    broken = next(found())
    assert re.search(promise, broken)
    assert "make simulate ARGS='--seed" in broken


def test_an_incident_of_a_check_that_is_gone_is_found_once_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance alone takes a check with an incident out of the configuration in one world of many."""
    monkeypatch.setattr(engine, "no_longer_checked", lambda tx, configuration, now: None)
    with closing(StillWorld(CONFIGURATIONS[0])) as world:
        world.health["alpha"] = Outcome.CRITICAL
        for _ in range(2):
            world.ask(lambda desk, asked: desk.run("alpha", asked, channel="#hand"))
        with pytest.raises(Broken, match="nobody_is_called_for_what_is_no_longer_checked"):
            world.reload(CONFIGURATIONS[1])


def test_gaps_that_the_end_of_a_quiet_loses_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came due meanwhile is due now; what comes after it does not wait as much longer."""

    def alone(steps: tuple[escalation.Step, ...], *, until: datetime) -> tuple[escalation.Step, ...]:
        pending = escalation.StepState.PENDING
        return tuple(replace(s, due_at=max(s.due_at, until)) if s.state is pending else s for s in steps)

    with closing(StillWorld(CONFIGURATIONS[0])) as world:
        world.health["alpha"] = Outcome.CRITICAL
        for _ in range(2):
            world.ask(lambda desk, asked: desk.run("alpha", asked, channel="#hand"))
        until = world.now() + timedelta(minutes=8)
        assert world.ask(lambda desk, asked: desk.snooze("alpha", until, asked)) is None
        monkeypatch.setattr(escalation, "postpone", alone)
        with pytest.raises(Broken, match="the_end_of_quiet_keeps_the_gaps"):
            world.pass_time(10 * 60 * S)


def test_slots_that_a_changed_schedule_swallows_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It changed while nobody was there, and what was due before is neither run nor named."""
    monkeypatch.setattr(ticker, "_as_it_was", lambda tx, planned, row, now: None)
    with closing(StillWorld(CONFIGURATIONS[0])) as world:
        world.at += 3_600 * S
        with pytest.raises(Broken, match=r"every_slot_is_accounted_for_once: .* was changed at .* lost"):
            world.restart(CONFIGURATIONS[0].replace("every: 10m", "every: 9m"))


def test_looks_that_nobody_counts_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what a rhythm left out, only the last quarter of an hour counts."""
    rhythm = ticker._rhythm
    recent = lambda planned, cursor, now: rhythm(planned, max(cursor, now - ticker.GRACE), now)  # noqa: E731
    monkeypatch.setattr(ticker, "_rhythm", recent)
    with closing(StillWorld(CONFIGURATIONS[0])) as world:
        world.pass_time(600 * S)
        world.at += 3_600 * S
        with pytest.raises(Broken, match=r"every_slot_is_accounted_for_once: .*rhythm:240s comes"):
            world.restart(CONFIGURATIONS[0])


def test_without_looking_up_uncertain_sends_messages_are_doubled() -> None:
    assert "a_thing_is_told_once" in next(found(look_up=False))


def test_nothing_is_found_where_nothing_is_planted() -> None:
    assert list(found(3)) == []
