"""The log keeps what people wrote, and what was taken back is shown nowhere; a day knows what it was made of."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.incidents import Refused, acknowledge, recover, resolve
from bot.domain.logbook import Kind, LogEntry
from bot.domain.reopening import reopen
from bot.domain.runs import ItemState, RunState, Trigger
from checks import Metric, Outcome
from storage.daybook import Course
from tests.storage.records import AT, ITEMS, MINUTE, ODD, looked, opened, result, run

DAY = timedelta(days=1)
ENTRY = LogEntry(AT, "U1", "command", Kind.ISSUE, ODD, "C1", 12, "https://town.example/p1")


async def test_an_entry_comes_back_as_it_was_written(ledger):
    entry = await ledger.write(lambda tx: tx.log.add(ENTRY))
    assert entry == replace(ENTRY, id=entry.id)
    assert await ledger.read(lambda tx: tx.log.between(AT, AT + MINUTE)) == [entry]
    assert await ledger.read(lambda tx: tx.log.get(entry.id)) == entry


async def test_a_day_has_the_entries_from_its_first_moment_until_before_its_end_in_order(ledger):
    def work(tx):
        for minutes in (5, 0, 10, -1):
            tx.log.add(replace(ENTRY, at=AT + minutes * MINUTE, text=str(minutes)))

    await ledger.write(work)
    assert [e.text for e in await ledger.read(lambda tx: tx.log.between(AT, AT + 10 * MINUTE))] == ["0", "5"]


async def test_what_is_taken_back_is_shown_nowhere_and_is_taken_back_once(ledger):
    first = await ledger.write(lambda tx: tx.log.add(ENTRY))
    second = await ledger.write(lambda tx: tx.log.add(ENTRY))
    await ledger.write(lambda tx: tx.log.add(replace(ENTRY, by="U2")))
    assert await ledger.read(lambda tx: tx.log.last_of("U1")) == second
    assert await ledger.write(lambda tx: tx.log.remove(second.id, by="U1", now=AT))
    assert not await ledger.write(lambda tx: tx.log.remove(second.id, by="U1", now=AT))
    assert await ledger.read(lambda tx: tx.log.last_of("U1")) == first
    assert await ledger.read(lambda tx: tx.log.get(second.id)) is None
    assert [e.by for e in await ledger.read(lambda tx: tx.log.between(AT, AT + MINUTE))] == ["U1", "U2"]


async def test_who_has_written_nothing_has_no_last_entry(ledger):
    assert await ledger.read(lambda tx: tx.log.last_of("U1")) is None


async def test_the_runs_of_a_day_come_with_their_counts_and_without_the_rhythms_of_checks(ledger):
    def work(tx):
        run_id = tx.runs.add(run())
        tx.runs.add(run("other", trigger=Trigger.RHYTHM))
        tx.runs.add(run("later", due_at=AT + DAY))
        tx.runs.claim(run_id, token="t", lease=MINUTE)
        tx.runs.finish(run_id, token="t", state=RunState.WAITING, results=[result()], now=AT)
        return run_id

    run_id = await ledger.write(work)
    (summary,) = await ledger.read(lambda tx: tx.daybook.runs(AT, AT + DAY))
    assert (summary.id, summary.title, summary.state) == (run_id, ODD, RunState.WAITING)
    assert summary.outcomes == Counter({Outcome.CRITICAL: 1})
    assert summary.items == Counter({ItemState.OPEN: sum(item.manual for item in ITEMS)})


async def test_the_incidents_of_a_day_are_those_that_went_on_in_it_with_what_was_written_then(ledger):
    def work(tx):
        before = tx.incidents.apply(opened("check:a"))
        over = tx.incidents.apply(recover(before, summary="fine", now=AT + MINUTE))
        long = tx.incidents.apply(opened("check:b"))
        taken = tx.incidents.apply(acknowledge(long, by="U1", now=AT + DAY, via="button"))
        tx.incidents.apply(opened("check:c", AT + 3 * DAY))
        return over, taken

    over, taken = await ledger.write(work)
    first = await ledger.read(lambda tx: tx.daybook.incidents(AT, AT + DAY))
    second = await ledger.read(lambda tx: tx.daybook.incidents(AT + DAY, AT + 2 * DAY))
    assert (first, second) == ([over, taken], [taken])
    story = await ledger.read(lambda tx: tx.daybook.story(second, AT + DAY, AT + 2 * DAY))
    assert [(incident, entry.by) for incident, entry in story] == [(taken, "U1")]


async def test_the_figures_of_a_day_are_the_last_the_lowest_and_the_highest(ledger):
    def one(minutes: int, value: float):
        return replace(result("disk", AT + minutes * MINUTE), metrics=(Metric("used", value, "/"), Metric("n", 1.0)))

    await ledger.write(lambda tx: looked(tx, one(0, 5.0), one(90, 9.0), one(200, 7.0), one(3000, 1.0)))
    for hours_later in (0, 3, 60):  # nothing is rolled up yet, then a part, then all
        ledger.clock.at = AT + timedelta(hours=hours_later)
        await ledger.roll_up()
        found = await ledger.read(lambda tx: tx.daybook.courses(["disk", "none"], AT, AT + DAY))
        assert Course("disk", "used", "/", 7.0, AT + 200 * MINUTE, 5.0, 9.0) in found
        assert {(course.metric, course.about) for course in found} == {("used", "/"), ("n", None)}


async def test_an_incident_is_not_reopened_beside_a_new_one_of_the_same(ledger):
    def resolved(tx):
        return tx.incidents.apply(resolve(tx.incidents.apply(opened()), by="U1", now=AT, via="command"))

    over = await ledger.write(resolved)
    await ledger.write(lambda tx: tx.incidents.apply(opened()))
    # As when the new one is committed between the look for it and the reopening.
    effect = reopen(over, by="U1", now=AT, via="command", going_on=None)
    with pytest.raises(Refused, match="has just opened; go on there"):
        await ledger.write(lambda tx: tx.incidents.apply(effect))


async def test_the_newest_run_of_a_checklist_is_one_that_was_begun(ledger):
    def work(tx):
        done = tx.runs.add(run("a", RunState.COMPLETE))
        tx.runs.add(run("b", RunState.MISSED, due_at=AT + MINUTE))
        tx.runs.add(run("c", RunState.NEW, due_at=AT + 2 * MINUTE))
        return done

    done = await ledger.write(work)
    assert await ledger.read(lambda tx: tx.runs.latest_of("morning")) == done
    assert await ledger.read(lambda tx: tx.runs.latest_of("evening")) is None
