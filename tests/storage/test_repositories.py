"""What is stored comes back as it was, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest

from bot.domain.climbing import fire_due
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.incidents import Entry, Reason, Refused, State, acknowledge, open_incident, resolve, worsen
from bot.domain.runs import Gap, Item, ItemState, Result, Run, RunItem, RunState, Trigger, Wanted
from bot.domain.ticking import tick
from bot.domain.watching import Watch
from checks import Evidence, Finding, Metric, Outcome
from storage.opening import open_store
from storage.schedules import ScheduleRow
from storage.watches import Remembered
from tests.story import BEGIN, SimulatedClock

ODD = datetime(2026, 10, 25, 2, 30, 59, 123457, tzinfo=timezone(timedelta(hours=2)))
"""A moment with microseconds, in the night of the clock change, said in another zone."""

LEASE = timedelta(seconds=30)
ITEMS = (
    RunItem(Item("db", "Database", check="db", section="Base", link="https://example.org/db")),
    RunItem(
        Item(
            "look",
            "Look at “it” 🙂\nwell",
            section="Base",
            how="With *both* eyes.",
            owner="user:ann",
            evidence=Wanted.LINK,
        ),
        owner="user:ann",
    ),
    RunItem(Item("ask", "Ask ben")),
)
RESULT = Result(
    check="db",
    kind="tcp",
    outcome=Outcome.CRITICAL,
    findings=(Finding(Outcome.CRITICAL, "db:5432 refuses “connections” 🙂"), Finding(Outcome.INFO, "note", "web-1")),
    metrics=(Metric("ms", 0.1 + 0.2), Metric("used", 1e300, "/"), Metric("zero", -0.0)),
    evidence=(Evidence("seen", "line 1\n\tline 2 \\ ' \" % ${X} :x"), Evidence("", "")),
    looked_at=ODD,
    duration_ms=12.345678,
)


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
async def store(database_url, clock):
    """An open store on each database, on a clock that the test moves."""
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    yield store
    await store.close()


def run(**fields) -> Run:
    whole = Run(
        id=0,
        checklist="morning",
        title="Morning health check",
        slot="2026-03-02T09:00",
        due_at=BEGIN,
        state=RunState.NEW,
        trigger=Trigger.SCHEDULE,
        channel="#ops",
        requested_by=None,
        overdue_at=ODD,
        items=ITEMS,
    )
    return replace(whole, **fields)


async def test_a_new_run_comes_back_as_it_was_added(store):
    run_id = await store.write(lambda tx: tx.runs.add(run(requested_by="U1", trigger=Trigger.HAND)))
    found = await store.read(lambda tx: tx.runs.get(run_id))
    assert found == run(id=run_id, requested_by="U1", trigger=Trigger.HAND)
    assert found.overdue_at.tzinfo is UTC


async def test_a_finished_run_comes_back_with_its_results_at_their_items(store, clock):
    run_id = await store.write(lambda tx: tx.runs.add(run()))
    await store.write(lambda tx: tx.runs.claim(run_id, token="t", lease=LEASE))
    clock.at += timedelta(seconds=3)
    finish = {"token": "t", "state": RunState.WAITING, "results": [RESULT], "now": clock.at}
    assert await store.write(lambda tx: tx.runs.finish(run_id, **finish))
    found = await store.read(lambda tx: tx.runs.get(run_id))
    assert found == run(
        id=run_id,
        state=RunState.WAITING,
        started_at=BEGIN,
        finished_at=clock.at,
        attempt=1,
        version=1,
        items=(replace(ITEMS[0], result=RESULT), *ITEMS[1:]),
    )
    assert await store.read(lambda tx: tx.runs.latest_results("db")) == [RESULT]


async def test_what_a_person_did_with_an_item_comes_back(store):
    run_id = await store.write(lambda tx: tx.runs.add(run()))
    done = tick(ITEMS[1], by="U2", now=ODD, note="fine\n🙂", attached="https://example.com/seen")
    await store.write(lambda tx: tx.items.save(run_id, done, was=ItemState.OPEN))
    skipped = replace(ITEMS[2], owner="U3", state=ItemState.SKIPPED)
    await store.write(lambda tx: tx.items.save(run_id, skipped, was=ItemState.OPEN))
    found = await store.read(lambda tx: tx.runs.get(run_id))
    assert found.items == (ITEMS[0], done, skipped)


async def test_every_state_and_trigger_comes_back(store):
    def work(tx):
        for state, trigger in product(RunState, Trigger):
            run_id = tx.runs.add(run(slot=f"{state} {trigger}", state=state, trigger=trigger))
            found = tx.runs.get(run_id)
            assert (found.state, found.trigger) == (state, trigger)

    await store.write(work)


async def test_gaps_are_named_by_one_run_once_in_their_order(store):
    def work(tx):
        for n, state in ((2, RunState.COALESCED), (1, RunState.MISSED)):
            due = BEGIN + timedelta(hours=n)
            tx.runs.add(run(slot=f"gap {n}", due_at=due, state=state, items=()))
        tx.runs.add(run(slot="of another", checklist="evening", state=RunState.MISSED))
        cut_off, run_id, later = (
            tx.runs.add(run(slot=f"slot {n}", due_at=BEGIN + timedelta(hours=n))) for n in (0, 3, 4)
        )
        assert tx.runs.name_gaps(cut_off, "morning") == 0
        assert tx.runs.name_gaps(run_id, "morning") == 2
        assert tx.runs.name_gaps(later, "morning") == 0
        return tx.runs.get(run_id).gaps, tx.runs.get(later).gaps

    named, later = await store.write(work)
    hour = timedelta(hours=1)
    assert named == (
        Gap("gap 1", BEGIN + hour, RunState.MISSED),
        Gap("gap 2", BEGIN + 2 * hour, RunState.COALESCED),
    )
    assert later == ()


async def test_the_run_before_is_the_last_finished_one_that_nobody_asked_for(store):
    def work(tx):
        first = tx.runs.add(run(slot="1", state=RunState.COMPLETE))
        tx.runs.add(run(slot="2", state=RunState.COMPLETE, trigger=Trigger.HAND))
        tx.runs.add(run(slot="3", state=RunState.MISSED))
        tx.runs.add(run(slot="4", state=RunState.COMPLETE, checklist="evening"))
        last = tx.runs.get(tx.runs.add(run(slot="5")))
        return first, tx.runs.before(last).id, tx.runs.before(tx.runs.get(first))

    first, before, nothing = await store.write(work)
    assert before == first
    assert nothing is None


async def test_a_watch_comes_back_with_its_counters_and_memory(store):
    watch = Watch()
    for n, outcome in enumerate((Outcome.CRITICAL, Outcome.UNKNOWN, Outcome.WARNING, Outcome.UNKNOWN)):
        watch = watch.after(outcome, ODD + timedelta(minutes=n))
    kept = Remembered(watch, {"offset": 2**53, "path": "/var/log/🙂", "none": None}, ODD)
    await store.write(lambda tx: tx.watches.save("db", kept))
    assert await store.read(lambda tx: tx.watches.of(["db", "new"])) == {"db": kept, "new": Remembered()}


@pytest.mark.parametrize(
    "memory",
    [
        pytest.param({"path": "/var/log/\udc80", "high": "\ud83d"}, id="halves of characters"),
        pytest.param({"line": 'a\tb\n"quoted" \\ \x7f \u2028'}, id="control characters"),
        pytest.param({"big": 2**70, "small": -0.1, "tiny": 5e-324, "huge": 1.7e308}, id="numbers"),
        pytest.param({"deep": [[{"a": [True, False, None, []]}], {}]}, id="depth"),
    ],
)
async def test_what_a_kind_remembers_comes_back_as_it_was(store, memory):
    await store.write(lambda tx: tx.watches.save("db", Remembered(memory=memory, looked_at=ODD)))
    assert await store.read(lambda tx: tx.watches.memories(["db", "new"])) == {"db": memory}


async def test_several_watches_are_written_at_once(store):
    first = {name: Remembered(memory={"n": n}, looked_at=BEGIN) for n, name in enumerate(("a", "b"))}
    second = {name: Remembered(memory={"m": n}, looked_at=ODD) for n, name in enumerate(("b", "c"))}
    await store.write(lambda tx: tx.watches.save_all(first))
    await store.write(lambda tx: tx.watches.save_all(second))
    await store.write(lambda tx: tx.watches.save_all({}))
    assert await store.read(lambda tx: tx.watches.of(["a", "b", "c"])) == first | second


async def test_a_watch_is_overwritten_and_forgotten(store):
    await store.write(lambda tx: tx.watches.save("db", Remembered(memory={"a": 1}, looked_at=ODD)))
    await store.write(lambda tx: tx.watches.save("db", Remembered(looked_at=BEGIN)))
    assert (await store.read(lambda tx: tx.watches.of(["db"])))["db"] == Remembered(looked_at=BEGIN)
    assert await store.read(lambda tx: tx.watches.names()) == {"db"}
    await store.write(lambda tx: tx.watches.forget({"db"}))
    assert await store.read(lambda tx: tx.watches.names()) == set()


POLICY = Policy(
    "team",
    (
        PolicyStep(timedelta(0), ("user:ann", "usergroup:sre")),
        PolicyStep(timedelta(seconds=1.5), ("user:ben",)),
        PolicyStep(timedelta(hours=1), ("user:💥",)),
    ),
)


def opening(**fields):
    given = {
        "subject": "check:db",
        "title": "Database “one”",
        "severity": Outcome.WARNING,
        "summary": "refuses 🙂",
        "channel": "#ops",
        "policy": POLICY,
        "now": BEGIN,
        "within": timedelta(minutes=5),
    }
    return open_incident(**{**given, **fields})


async def test_an_incident_comes_back_with_its_steps_through_its_whole_life(store):
    async def stored(effect):
        saved = await store.write(lambda tx: tx.incidents.apply(effect))
        again = await store.read(lambda tx: tx.incidents.get(saved.id))
        assert again == saved == replace(effect.incident, id=saved.id)
        return again

    minute = timedelta(minutes=1)
    incident = await stored(opening(previous_id=41, by="U1", via="command"))
    incident = await stored(fire_due(incident, now=BEGIN + minute))
    incident = await stored(acknowledge(incident, by="U2", now=BEGIN + 2 * minute, via="button", note="on it"))
    incident = await stored(worsen(incident, severity=Outcome.CRITICAL, summary="worse", now=ODD))
    incident = await stored(resolve(incident, by="U3", now=ODD + minute, via="command", note="done"))
    assert [step.state.value for step in incident.steps] == ["fired", "fired", "cancelled"]
    story = await store.read(lambda tx: tx.incidents.timeline(incident.id))
    assert [replace(entry, id=0) for entry in story] == [
        Entry(BEGIN, Reason.OPENED, "refuses 🙂", "U1", "command"),
        Entry(BEGIN + minute, Reason.ESCALATED, "step 2 of 3", None, "escalation"),
        Entry(BEGIN + 2 * minute, Reason.ACKNOWLEDGED, "on it", "U2", "button"),
        Entry(ODD, Reason.WORSENED, "worse"),
        Entry(ODD + minute, Reason.RESOLVED, "done", "U3", "command"),
    ]
    assert await store.read(lambda tx: tx.incidents.last_resolved("check:db")) == incident
    assert await store.read(lambda tx: tx.incidents.unresolved()) == []


async def test_unresolved_incidents_are_found_by_subject_the_longest_first(store):
    later = BEGIN + timedelta(minutes=1)
    await store.write(lambda tx: tx.incidents.apply(opening(subject="blind:db", now=later)))
    await store.write(lambda tx: tx.incidents.apply(opening()))
    assert [i.subject for i in await store.read(lambda tx: tx.incidents.unresolved())] == ["check:db", "blind:db"]
    found = await store.read(lambda tx: tx.incidents.of_subjects("check:db", "check:other"))
    assert {subject: incident.state for subject, incident in found.items()} == {"check:db": State.OPEN}


async def test_an_incident_that_is_not_there_is_refused_with_a_sentence(store):
    with pytest.raises(Refused, match="There is no incident #7"):
        await store.read(lambda tx: tx.incidents.get(7))


async def test_an_effect_on_an_older_version_is_refused_and_leaves_no_trace(store):
    incident = await store.write(lambda tx: tx.incidents.apply(opening()))
    await store.write(lambda tx: tx.incidents.apply(acknowledge(incident, by="U1", now=BEGIN, via="button")))
    depth = await store.read(lambda tx: tx.outbox.depth())
    with pytest.raises(Refused, match="#1 was changed by somebody else a moment ago"):
        await store.write(lambda tx: tx.incidents.apply(resolve(incident, by="U2", now=BEGIN, via="button")))
    assert (await store.read(lambda tx: tx.incidents.get(1))).state is State.ACKNOWLEDGED
    assert len(await store.read(lambda tx: tx.incidents.timeline(1))) == 2
    assert await store.read(lambda tx: tx.outbox.depth()) == depth


async def test_a_notice_comes_back_and_has_a_message(store):
    notice_id = await store.write(lambda tx: tx.notices.add("It’s read.\n🙂", channel="#ops"))
    found = await store.read(lambda tx: tx.notices.get(notice_id))
    assert (found.id, found.at, found.text) == (notice_id, BEGIN, "It’s read.\n🙂")
    assert await store.read(lambda tx: tx.notices.get(99)) is None
    (parcel,) = await store.read(lambda tx: tx.outbox.due())
    assert (parcel.key, parcel.channel, parcel.reason) == (f"notice:{notice_id}", "#ops", "notice")


async def test_schedules_come_back_and_are_due_at_their_time(store, clock):
    row = ScheduleRow("morning", "every day at 09:00", BEGIN, BEGIN + timedelta(hours=1))
    never = ScheduleRow("never", "spec", BEGIN, None)
    await store.write(lambda tx: (tx.schedules.save(row), tx.schedules.save(never)))
    assert await store.read(lambda tx: tx.schedules.all()) == {"morning": row, "never": never}
    assert await store.read(lambda tx: tx.schedules.due(BEGIN)) == []
    assert await store.read(lambda tx: tx.schedules.due(row.next_due)) == [row]
    await store.write(lambda tx: tx.schedules.save(replace(row, next_due=None)))
    await store.write(lambda tx: tx.schedules.forget({"never"}))
    assert await store.read(lambda tx: tx.schedules.all()) == {"morning": replace(row, next_due=None)}


async def test_the_inbox_forgets_only_what_is_old_enough(store, clock):
    assert await store.write(lambda tx: tx.inbox.first_time("old"))
    clock.at += timedelta(days=1)
    assert await store.write(lambda tx: tx.inbox.first_time("young"))
    clock.at += timedelta(days=1, seconds=1)
    await store.write(lambda tx: tx.inbox.forget(older_than=timedelta(days=2)))
    assert await store.write(lambda tx: tx.inbox.first_time("old"))
    assert not await store.write(lambda tx: tx.inbox.first_time("young"))
