"""What Rounds says of itself: damped, never flapping, and each sentence says what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.incidents import Reason
from bot.domain.notifications import Loss
from bot.domain.ourselves import CALM_AFTER, Memory, Vitals, troubles, weigh
from checks import Outcome

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FINE = Vitals(disk_free=10**12)
SICK = {
    "self:tick": replace(FINE, lag_s=90.0),
    "self:outbox": replace(FINE, outbox_age_s=600.0, outbox_depth=3, outbox_error="not_in_channel"),
    "self:socket": replace(FINE, deaf_s=90.0),
    "self:disk": replace(FINE, disk_free=50_000_000),
    "self:ledger": replace(FINE, ledger_gone=True),
    "self:clock": replace(FINE, clock_jump_s=-3600.0),
    "self:lost": replace(FINE, losses=(Loss(9, "opened", "#12", "#ops", NOW, "msg_too_long"),)),
    "self:stall": replace(FINE, stall_s=20.0),
}
EVENTS = ("self:clock", "self:lost", "self:stall")


class Life:
    """Measurements one after the other; keeps what is open."""

    def __init__(self, name=""):
        self.memory, self.open, self.at, self.told, self.name = Memory(), {}, NOW, [], name

    def measured(self, vitals, *, after=timedelta(seconds=10)):
        self.at += after
        self.memory, effects = weigh(
            vitals, self.memory, self.open, channel="#c", policy=None, within={}, now=self.at, name=self.name
        )
        for effect in effects:
            subject = effect.incident.subject.partition("@")[0]
            if effect.entry.reason in (Reason.OPENED, Reason.WORSENED):
                self.open[subject] = effect.incident
            else:
                del self.open[subject]
            self.told.append((effect.entry.reason.value, effect.incident.subject))


def test_a_healthy_rounds_says_nothing():
    life = Life()
    for _ in range(10):
        life.measured(FINE)
    assert life.told == []
    assert troubles(Vitals()) == ()


@pytest.mark.parametrize("subject", [subject for subject in SICK if subject not in EVENTS])
def test_a_state_is_told_when_it_lasts_and_is_over_when_that_lasts(subject):
    life = Life()
    for vitals in (SICK[subject], SICK[subject], FINE, SICK[subject], SICK[subject]):
        life.measured(vitals)
    assert life.told == []
    life.measured(SICK[subject])
    assert life.told == [("opened", subject)]
    for vitals in (FINE, FINE, SICK[subject], FINE, FINE):
        life.measured(vitals)
    assert life.told == [("opened", subject)]
    life.measured(FINE)
    assert life.told == [("opened", subject), ("recovered", subject)]


@pytest.mark.parametrize("subject", EVENTS)
def test_an_event_is_told_at_once_and_is_over_when_it_stays_away(subject):
    life = Life()
    life.measured(SICK[subject])
    assert life.told == [("opened", subject)]
    life.measured(FINE, after=CALM_AFTER / 2)
    life.measured(SICK[subject])
    life.measured(FINE, after=CALM_AFTER / 2)
    assert life.told == [("opened", subject)]
    life.measured(FINE, after=CALM_AFTER / 2)
    assert life.told == [("opened", subject), ("recovered", subject)]


@pytest.mark.parametrize("subject", SICK)
def test_each_trouble_says_how_much_and_what_to_do(subject):
    (trouble,) = troubles(SICK[subject])
    assert trouble.subject == subject
    assert any(sign.isdigit() for sign in trouble.summary) or subject == "self:ledger"  # gone is gone
    assert len(trouble.summary) > 40


def test_where_several_share_a_ledger_what_concerns_one_process_carries_its_name():
    life = Life(name="web-1")
    for _ in range(3):
        life.measured(replace(FINE, deaf_s=90.0, lag_s=90.0))
    assert sorted(life.told) == [("opened", "self:socket@web-1"), ("opened", "self:tick")]


def test_hardly_any_room_is_critical():
    (trouble,) = troubles(Vitals(disk_free=1_000_000))
    assert trouble.severity is Outcome.CRITICAL


def test_that_a_trouble_gets_worse_is_told_once():
    life, full = Life(), replace(FINE, disk_free=1_000_000)
    for vitals in (*[SICK["self:disk"]] * 4, *[full, SICK["self:disk"]] * 3):
        life.measured(vitals)
    assert life.told == [("opened", "self:disk"), ("worsened", "self:disk")]
    assert life.open["self:disk"].severity is Outcome.CRITICAL


def test_what_a_process_before_us_opened_is_taken_over():
    before, after = Life(), Life()
    for _ in range(3):
        before.measured(SICK["self:disk"])
    after.open = before.open
    for _ in range(3):
        after.measured(FINE)
    assert after.told == [("recovered", "self:disk")]


@pytest.mark.parametrize("subject", EVENTS)
def test_after_a_restart_an_event_is_over_ten_minutes_after_its_incident_opened_and_not_at_once(subject):
    life = Life()
    life.measured(SICK[subject])
    life.memory = Memory()
    life.measured(FINE, after=CALM_AFTER - timedelta(seconds=1))
    assert list(life.open) == [subject]
    life.measured(FINE, after=timedelta(seconds=1))
    assert life.open == {}
