"""Incidents: at most one unresolved of a subject, stored as a whole with what is to be told, or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain import incidents
from bot.domain.climbing import fire_due
from bot.domain.escalation import StepState
from bot.domain.incidents import Effect, Entry, Reason, Refused, State
from storage.failures import Outrun
from tests.storage.records import AT, MINUTE, ODD, opened


async def stored(ledger, effect=None):
    return await ledger.write(lambda tx: tx.incidents.apply(effect or opened()))


async def loaded(ledger, incident_id):
    return await ledger.read(lambda tx: tx.incidents.get(incident_id))


async def due(ledger, at):
    return [each.id for each in await ledger.read(lambda tx: tx.incidents.with_something_due(at))]


async def test_a_subject_has_one_unresolved_incident_at_most(ledger):
    first = await stored(ledger)
    with pytest.raises(Outrun):
        await stored(ledger)
    await stored(ledger, incidents.resolve(first, by="U1", now=AT, via="button"))
    second = await stored(ledger)
    assert second.id > first.id
    assert [each.id for each in await ledger.read(lambda tx: tx.incidents.unresolved())] == [second.id]


async def test_of_many_who_open_at_once_one_succeeds_and_nothing_of_the_others_is_left(ledger):
    outcomes = await asyncio.gather(*(stored(ledger) for _ in range(10)), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert await ledger.read(lambda tx: tx.outbox.depth()) == (1, AT)


async def test_everything_about_an_incident_survives_a_restart(ledger):
    first = await stored(ledger)
    taken = await stored(ledger, incidents.acknowledge(first, by="U1", now=AT + MINUTE, via="button", note=ODD))
    await ledger.reopened()
    kept = await loaded(ledger, first.id)
    assert kept == taken
    assert kept == replace(
        incidents.acknowledge(opened().incident, by="U1", now=AT + MINUTE, via="button").incident, id=first.id
    )
    story = await ledger.read(lambda tx: tx.incidents.timeline(first.id))
    assert [replace(entry, id=0) for entry in story] == [
        Entry(AT, Reason.OPENED, ODD),
        Entry(AT + MINUTE, Reason.ACKNOWLEDGED, ODD, "U1", "button"),
    ]


async def test_of_two_who_act_on_the_same_version_the_second_is_refused_and_tells_nothing(ledger):
    first = await stored(ledger)
    await stored(ledger, incidents.acknowledge(first, by="U1", now=AT, via="button"))
    told = await ledger.read(lambda tx: tx.outbox.depth())
    with pytest.raises(Refused, match="changed by somebody else"):
        await stored(ledger, incidents.resolve(first, by="U2", now=AT, via="button"))
    assert (await loaded(ledger, first.id)).state is State.ACKNOWLEDGED
    assert await ledger.read(lambda tx: tx.outbox.depth()) == told
    assert len(await ledger.read(lambda tx: tx.incidents.timeline(first.id))) == 2


async def test_ten_people_acknowledge_at_once_and_one_has_it(ledger):
    first = await stored(ledger)

    def take(tx, who):
        incident = tx.incidents.get(first.id)
        return tx.incidents.apply(incidents.acknowledge(incident, by=who, now=AT, via="button"))

    people = [f"U{n}" for n in range(10)]
    outcomes = await asyncio.gather(
        *(ledger.write(lambda tx, who=who: take(tx, who)) for who in people), return_exceptions=True
    )
    winners = [each.acknowledged_by for each in outcomes if not isinstance(each, Exception)]
    assert winners == [(await loaded(ledger, first.id)).acknowledged_by]
    assert all(isinstance(each, Refused) for each in outcomes if isinstance(each, Exception))


async def test_each_thing_that_is_told_has_a_key_of_its_own_and_leads_to_its_line(ledger):
    first = await stored(ledger)
    await ledger.write(lambda tx: tx.messages.posted(f"incident:{first.id}", channel_id="C1", ts="1.0", shown=1))
    (parcel,) = await ledger.read(lambda tx: tx.outbox.due())
    await ledger.write(lambda tx: tx.outbox.sent(tx.outbox.claim(parcel, token="t", lease=MINUTE), ts="1.0"))
    taken = await stored(ledger, incidents.acknowledge(first, by="U1", now=AT, via="button"))
    await stored(ledger, incidents.unacknowledge(taken, by="U1", now=AT, via="button"))
    story = await ledger.read(lambda tx: tx.incidents.timeline(first.id))
    (told,) = await ledger.read(lambda tx: tx.outbox.due())
    assert (told.ref, told.reason) == (story[1].id, "acknowledged")
    assert await ledger.read(lambda tx: tx.outbox.depth()) == (2, AT)


async def test_an_effect_redraws_the_card_and_every_home(ledger):
    await ledger.write(lambda tx: tx.messages.expect("home:U1", channel="U1"))
    first = await stored(ledger)
    before = {s: await ledger.read(lambda tx, s=s: tx.messages.of(s)) for s in (f"incident:{first.id}", "home:U1")}
    await stored(ledger, incidents.acknowledge(first, by="U1", now=AT, via="button"))
    for subject, standing in before.items():
        assert (await ledger.read(lambda tx, s=subject: tx.messages.of(s))).wanted > standing.wanted


async def test_a_step_or_a_deadline_brings_an_incident_up_at_its_moment_and_not_before(ledger):
    first = await stored(ledger)
    assert await due(ledger, AT + 5 * MINUTE - timedelta(microseconds=1)) == []
    assert await due(ledger, AT + 5 * MINUTE) == [first.id]
    early = await stored(ledger, fire_due(first, now=AT + 5 * MINUTE))
    assert early.acknowledge_by is None
    assert [step.state for step in early.steps] == [StepState.FIRED, StepState.FIRED]
    assert await due(ledger, AT + timedelta(days=1)) == []


async def test_a_step_that_was_cancelled_is_never_due(ledger):
    first = await stored(ledger)
    await stored(ledger, incidents.acknowledge(first, by="U1", now=AT, via="button"))
    assert await due(ledger, AT + timedelta(days=1)) == []


async def test_incidents_are_found_by_subject_while_unresolved_and_afterwards_as_the_last_one(ledger):
    first = await stored(ledger)
    await stored(ledger, opened("blind:cache"))
    found = await ledger.read(lambda tx: tx.incidents.of_subjects("check:cache", "check:other"))
    assert list(found) == ["check:cache"]
    assert await ledger.read(lambda tx: tx.incidents.last_resolved("check:cache")) is None
    await stored(ledger, incidents.resolve(first, by="U1", now=AT, via="button"))
    assert await ledger.read(lambda tx: tx.incidents.of_subjects("check:cache")) == {}
    assert (await ledger.read(lambda tx: tx.incidents.last_resolved("check:cache"))).id == first.id


@pytest.mark.parametrize("many", [99, 101])
async def test_of_many_subjects_those_with_an_incident_are_found_whether_few_or_many_are_open(ledger, many):
    def open_all(tx):
        for n in range(many):
            tx.incidents.apply(opened(f"check:c{n}"))

    await ledger.write(open_all)
    asked = ["check:c7", "blind:c7", "check:other", f"check:c{many - 1}"]
    found = await ledger.read(lambda tx: tx.incidents.of_subjects(*asked))
    assert sorted(found) == sorted(["check:c7", f"check:c{many - 1}"])
    assert await ledger.read(lambda tx: tx.incidents.of_subjects("check:x", "check:y", "check:z")) == {}


async def test_a_number_that_nobody_has_is_refused_with_a_sentence(ledger):
    with pytest.raises(Refused, match="There is no incident #99"):
        await loaded(ledger, 99)


async def test_an_effect_whose_line_cannot_be_stored_changes_nothing(ledger):
    first = await stored(ledger)
    effect = incidents.acknowledge(first, by="U1", now=AT, via="button")
    broken = Effect(effect.incident, replace(effect.entry, at=None), effect.tell)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        await stored(ledger, broken)
    assert await loaded(ledger, first.id) == first
