"""What is over and old is forgotten; what is open, to be told, pointed to or compared with is not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.incidents import Reason, recover
from bot.domain.runs import RunState, Trigger
from storage import tables as t
from storage.rows import result_row
from tests.storage.records import AT, MINUTE, opened, result, run

DAY = timedelta(days=1)
BEFORE, LONG_BEFORE = AT - 14 * DAY, AT - 400 * DAY
COMPLETE, CARRIED, WAITING, MISSED = RunState.COMPLETE, RunState.CARRIED, RunState.WAITING, RunState.MISSED
SCHEDULE, RHYTHM, HAND = Trigger.SCHEDULE, Trigger.RHYTHM, Trigger.HAND


def forget_runs(tx, **given):
    return tx.old_runs.forget(before=BEFORE, long_before=LONG_BEFORE, **given)


async def forgotten(ledger, forget) -> int:
    """How many there were, in all batches."""
    count = 0
    while batch := await ledger.write(forget):
        count += batch
    return count


async def added(ledger, *runs):
    """Runs as they are stored, and one of today that has the newest number."""

    def work(tx):
        numbers = [tx.runs.add(each) for each in runs]
        tx.runs.add(run("today", checklist="another"))
        return numbers

    return await ledger.write(work)


async def left(ledger, numbers):
    def work(tx):
        return [number for number in numbers if tx.runs.get(number) is not None]

    return [numbers.index(number) for number in await ledger.read(work)]


def of(days, state=COMPLETE, trigger=SCHEDULE, checklist="morning"):
    """A run that was due so many days ago."""
    return run(f"{days} days ago", state, due_at=AT - days * DAY, trigger=trigger, checklist=checklist)


RUNS = [
    pytest.param([of(15), of(13)], [0, 1], id="the last of those that are old stays: a young one is compared with it"),
    pytest.param([of(17), of(16), of(15)], [2], id="those before it go"),
    pytest.param([of(31)], [0], id="the last of a monthly checklist stays"),
    pytest.param([of(401)], [], id="the last of a checklist that nobody uses goes in the end"),
    pytest.param([of(17, CARRIED), of(16, CARRIED), of(15)], [2], id="those that were carried over go as well"),
    pytest.param([of(62), of(31, WAITING)], [0, 1], id="one that waits for a person stays, and the one before it"),
    pytest.param([of(450, WAITING)], [0], id="one that waits for a person stays for as long as it does"),
    pytest.param([of(20, RunState.NEW), of(20.5, RunState.RUNNING)], [0, 1], id="one that is not done yet stays"),
    pytest.param([of(17), of(16, trigger=HAND)], [0, 1], id="one by hand stands for none that was due"),
    pytest.param([of(17), of(16, checklist="evening")], [0, 1], id="nor does another checklist's"),
    pytest.param([of(17), of(16, MISSED)], [0, 1], id="nor does a slot without a run, which is not named yet"),
    pytest.param([of(401, MISSED)], [], id="a slot that will never be named goes in the end"),
    pytest.param([of(16, MISSED, RHYTHM), of(16.5, MISSED, HAND)], [], id="slots that no digest names go"),
    pytest.param([of(15, trigger=RHYTHM)], [], id="a check's own rhythm posts nothing to compare with"),
    pytest.param([of(13), of(12)], [0, 1], id="young ones stay"),
]


@pytest.mark.parametrize(("runs", "kept"), RUNS)
async def test_which_runs_stay(ledger, runs, kept):
    numbers = await added(ledger, *runs)
    assert await forgotten(ledger, forget_runs) == len(runs) - len(kept)
    assert await left(ledger, numbers) == kept


async def test_a_gap_stays_as_long_as_the_run_whose_digest_names_it(ledger):
    numbers = await added(ledger, of(17, MISSED), of(16), of(15))
    await ledger.write(lambda tx: tx.runs.name_gaps(numbers[1], "morning"))
    assert await forgotten(ledger, lambda tx: tx.old_runs.forget(before=AT - 15.5 * DAY, long_before=LONG_BEFORE)) == 0
    assert await forgotten(ledger, forget_runs) == 2
    assert await left(ledger, numbers) == [2]


async def test_a_run_goes_with_its_items_results_and_messages(ledger):
    async def counted():
        tables = (t.run, t.run_item, t.result, t.message, t.outbox)

        def work(tx):
            return [tx.connection.scalar(select(func.count()).select_from(table)) for table in tables]

        return await ledger.read(work)

    await added(ledger)
    before = await counted()
    first, second = await ledger.write(lambda tx: [tx.runs.add(of(16)), tx.runs.add(of(15))])

    def done(tx):
        told(tx, f"run:{first}")
        tx.connection.execute(t.result.insert(), [result_row(first, result())])

    await ledger.write(done)
    assert await forgotten(ledger, forget_runs) == 1
    await ledger.write(lambda tx: tx.connection.execute(t.run.delete().where(t.run.c.id == second)))
    assert await counted() == before


def told(tx, subject):
    """A message that stands in Slack, and the row of the outbox that brought it there."""
    tx.messages.expect(subject, channel="#operations")
    tx.outbox.add(key=subject, subject=subject, reason="digest", priority=2)
    tx.messages.posted(subject, channel_id="C1", ts=f"ts of {subject}", shown=9)
    tx.connection.execute(t.outbox.update().where(t.outbox.c.subject == subject).values(state="sent"))


def undelivered(tx, subject):
    tx.outbox.add(key="something", subject=subject, reason="evidence", priority=2)


def stale(tx, subject):
    for _ in range(9):
        tx.messages.touch(subject)


def answered(tx, subject):
    tx.messages.expect("run:9999", channel="#operations", thread_subject=subject)


TO_TELL = [
    pytest.param(undelivered, id="something about it is not delivered yet"),
    pytest.param(stale, id="its card is to be redrawn"),
    pytest.param(answered, id="a reply waits for it"),
]


@pytest.mark.parametrize("holds", TO_TELL)
async def test_a_run_stays_while_there_is_something_to_tell(ledger, holds):
    numbers = await added(ledger, of(16), of(15))
    subject = f"run:{numbers[0]}"

    def work(tx):
        told(tx, subject)
        holds(tx, subject)

    await ledger.write(work)
    assert await forgotten(ledger, forget_runs) == 0
    assert await left(ledger, numbers) == [0, 1]


def resolved(tx, days, subject="check:cache", previous=None):
    """An incident that was resolved so many days ago."""
    at = AT - days * DAY
    effect = opened(subject, at - DAY)
    begun = tx.incidents.apply(replace(effect, incident=replace(effect.incident, previous_id=previous)))
    ended = tx.incidents.apply(recover(begun, summary="it is well", now=at, reason=Reason.RECOVERED))
    tx.connection.execute(t.outbox.update().values(state="sent"))
    tx.messages.posted(f"incident:{ended.id}", channel_id="C1", ts=f"{ended.id}.1", shown=99)
    return ended.id


def forget_incidents(tx, **given):
    return tx.old_incidents.forget(before=LONG_BEFORE, **given)


async def incidents_left(ledger):
    return await ledger.read(lambda tx: tx.connection.scalars(select(t.incident.c.id).order_by(t.incident.c.id)).all())


async def test_a_resolved_incident_goes_with_its_story_and_messages(ledger):
    await ledger.write(lambda tx: [resolved(tx, 401), resolved(tx, 399)])
    assert await forgotten(ledger, forget_incidents) == 1
    assert await incidents_left(ledger) == [2]

    def about_the_first(tx):
        steps = select(t.step).where(t.step.c.incident_id == 1)
        brought = select(t.outbox).where(t.outbox.c.subject == "incident:1")
        rows = [tx.connection.execute(query).first() for query in (steps, brought)]
        return [*rows, tx.messages.of("incident:1"), tx.incidents.timeline(1)]

    assert await ledger.read(about_the_first) == [None, None, None, ()]


async def test_an_unresolved_incident_stays_however_old(ledger):
    await ledger.write(lambda tx: tx.incidents.apply(opened(at=AT - 500 * DAY)))
    await ledger.write(lambda tx: resolved(tx, 1, "check:other"))
    assert await forgotten(ledger, forget_incidents) == 0


async def test_an_incident_stays_while_a_later_one_points_to_it(ledger):
    def work(tx):
        first = resolved(tx, 403)
        second = resolved(tx, 402, previous=first)
        resolved(tx, 399, previous=second)
        resolved(tx, 1)

    await ledger.write(work)
    assert await forgotten(ledger, forget_incidents) == 0
    assert await forgotten(ledger, lambda tx: tx.old_incidents.forget(before=AT - 300 * DAY)) == 3
    assert await incidents_left(ledger) == [4]


@pytest.mark.parametrize("holds", TO_TELL)
async def test_an_incident_stays_while_there_is_something_to_tell(ledger, holds):
    def work(tx):
        first = resolved(tx, 401)
        resolved(tx, 1)
        if holds is stale:
            tx.messages.posted(f"incident:{first}", channel_id="C1", ts="1.1", shown=1)
        holds(tx, f"incident:{first}")

    await ledger.write(work)
    assert await forgotten(ledger, forget_incidents) == 0


async def test_no_number_is_given_twice(ledger):
    """Old buttons and the log of operations go on naming them."""

    def old(tx):
        return resolved(tx, 500), tx.runs.add(of(15, trigger=RHYTHM))

    incident, number = await ledger.write(old)
    assert await forgotten(ledger, forget_incidents) == await forgotten(ledger, forget_runs) == 0
    assert await ledger.write(lambda tx: resolved(tx, 0)) > incident
    assert await ledger.write(lambda tx: tx.runs.add(of(0))) > number
    assert await forgotten(ledger, forget_incidents) == await forgotten(ledger, forget_runs) == 1


async def test_a_notice_goes_when_it_was_delivered_and_is_old(ledger):
    async def said(text):
        return await ledger.write(lambda tx: tx.notices.add(text, channel="#operations"))

    first, second = await said("read anew"), await said("not delivered")
    ledger.passes(days=1)
    third = await said("young")
    sent = t.outbox.update().where(t.outbox.c.subject == f"notice:{first}").values(state="sent")
    await ledger.write(lambda tx: tx.connection.execute(sent))
    noon = ledger.now - MINUTE
    assert await forgotten(ledger, lambda tx: tx.old_notices.forget(before=noon)) == 1

    def there(tx):
        return [tx.notices.get(each) is not None for each in (first, second, third)], tx.messages.of(f"notice:{first}")

    assert await ledger.read(there) == ([False, True, True], None)


async def test_forgetting_goes_on_in_batches_the_oldest_first(ledger):
    numbers = await added(ledger, *(of(days) for days in range(20, 14, -1)))
    assert await ledger.write(lambda tx: forget_runs(tx, limit=2)) == 2
    assert await left(ledger, numbers) == [2, 3, 4, 5]
    assert [await ledger.write(lambda tx: forget_runs(tx, limit=2)) for _ in range(3)] == [2, 1, 0]
