"""The ledger is away for a while: what has happened already is stored as long as that counts, and jobs go on."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.config.load import parse
from bot.domain.ledger import LedgerAway
from bot.domain.notifications import PerhapsDelivered
from bot.domain.people import Person
from bot.domain.runs import RunState
from bot.engine import courier as courier_module
from bot.engine import insisting, jobs
from bot.engine import runner as runner_module
from bot.engine.address_book import AddressBook
from bot.engine.queue import LocalQueue
from bot.engine.runner import LEASE
from bot.engine.views import view_of
from storage.opening import open_store
from tests.engine.test_runner import Bench
from tests.story import SimulatedClock

MORNING = """
channel: "#operations"
checks:
  disk: {kind: disk, path: /}
checklists:
  morning: {schedule: daily at 09:00, title: Morning, items: [disk]}
"""


class Going:
    """A store that goes away when the test says so, and answers again after so many attempts."""

    def __init__(self, store, clock=None, attempt_s=0.0):
        self.store = store
        self.embedded = store.embedded
        self.away_for = 0
        self.clock, self.attempt = clock, timedelta(seconds=attempt_s)
        self.lost = False
        """Whether only the answers get lost: the work is done all the same."""

    def on_commit(self, listener):
        self.store.on_commit(listener)

    async def write(self, work):
        return await self._perhaps(self.store.write, work)

    async def read(self, work):
        return await self._perhaps(self.store.read, work)

    async def _perhaps(self, call, work):
        if self.away_for == 0:
            return await call(work)
        self.away_for -= 1
        if self.clock is not None:
            self.clock.at += self.attempt
        if self.lost:
            await call(work)
        raise LedgerAway("connection refused")


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    """Between two attempts."""
    monkeypatch.setattr(insisting, "PAUSE_S", 0.0)


@pytest.fixture
async def bench(database_url):
    """A bench on each database."""
    clock = SimulatedClock()
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    yield Bench(store, clock)
    await store.close()


async def looked(bench, going):
    """One run, during whose look the ledger goes away."""

    async def look(name, ctx):
        going.away_for = attempts
        return await seen(name, ctx)

    attempts, going.away_for = going.away_for, 0
    seen, bench.look = bench.look, look
    run_id = await bench.begin()
    runner = bench.runner()
    runner._store = going
    try:
        await runner.work(run_id)
    finally:
        going.away_for = 0
    return await bench.run(run_id)


@pytest.mark.parametrize("lost", [False, True], ids=["not stored", "stored, and the answer got lost"])
async def test_a_run_that_was_looked_at_while_the_ledger_went_away_is_stored_once(bench, lost):
    going = Going(bench.store)
    going.away_for, going.lost = 5, lost
    run = await looked(bench, going)
    assert (run.state, len(run.results), run.attempt) == (RunState.COMPLETE, 2, 1)
    assert await bench.keys() == ["run:machines:s1"]
    assert sorted(bench.looked) == ["api", "db"]


async def test_a_run_whose_claim_ends_before_the_ledger_is_back_is_left_to_others(bench):
    going = Going(bench.store, bench.clock, attempt_s=10.0)
    going.away_for = 100
    with pytest.raises(LedgerAway):
        await looked(bench, going)
    assert bench.clock.at - SimulatedClock().at <= LEASE + timedelta(seconds=10)
    ((run_id,),) = [(i,) for i in await bench.store.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=LEASE))]
    await bench.runner().work(run_id)
    run = await bench.run(run_id)
    assert (run.state, run.attempt) == (RunState.COMPLETE, 2)


async def test_a_claim_that_could_not_be_renewed_once_is_renewed_at_the_next_turn(bench, monkeypatch):
    monkeypatch.setattr(runner_module, "LEASE", timedelta(milliseconds=3))
    run_id, going = await bench.begin(), Going(bench.store)
    bench.waits["db"] = asyncio.Event()
    runner = bench.runner()
    runner._store = going
    working = asyncio.ensure_future(runner.work(run_id))
    await bench.looking.wait()

    def lease(tx):
        return tx.connection.exec_driver_sql("SELECT lease_until FROM run").scalar()

    going.away_for = 3
    async with asyncio.timeout(30):
        while going.away_for:
            await bench.store.read(lease)
        before = await bench.store.read(lease)
        bench.clock.at += timedelta(minutes=1)
        while (renewed := await bench.store.read(lease)) == before:
            pass
    assert renewed is not None, "the look was given up"
    assert renewed > before
    bench.waits["db"].set()
    await working
    assert (await bench.run(run_id)).state is RunState.COMPLETE


async def test_a_run_that_nobody_could_claim_is_no_error_and_the_crew_goes_on(caplog):
    queue, done = LocalQueue(), asyncio.Event()

    async def work(run_id):
        if run_id == 1:
            raise LedgerAway("connection refused")
        done.set()

    serving = asyncio.ensure_future(queue.serve(("default",), work))
    queue.enqueue("default", 1)
    queue.enqueue("default", 2)
    async with asyncio.timeout(30):
        await done.wait()
    serving.cancel()
    assert [r.levelno for r in caplog.records if r.levelno >= logging.WARNING] == []


# --- the courier


async def test_a_message_that_was_posted_while_the_ledger_went_away_is_recorded_and_not_posted_again(story):
    await story.configured(MORNING)
    going = Going(story.store)
    story.engine._courier._store = going

    def goes(letter):
        going.away_for = 4

    story.slack.faults = [goes]
    await story.after("1h 2m")
    assert len(story.roots("Morning")) == 1
    assert (story.slack.look_ups, going.away_for) == (0, 0)


async def test_a_message_that_could_never_be_recorded_is_found_by_whoever_takes_it_up_then(story):
    await story.configured(MORNING)
    going = Going(story.store, story.clock, attempt_s=10.0)
    story.engine._courier._store = going

    def goes(letter):
        going.away_for = 4

    story.slack.faults = [goes]
    with pytest.raises(LedgerAway):
        await story.after("1h 2m")
    going.away_for = 0
    await story.after("1m")
    assert len(story.roots("Morning")) == 1
    assert story.slack.look_ups == 1


async def test_a_lost_answer_is_looked_for_when_slack_must_have_done_with_it(story):
    await story.configured(MORNING)
    story.slack.faults = [lambda _: PerhapsDelivered("connection lost")]
    await story.after("1h 9s")
    assert (story.slack.look_ups, len(story.roots("Morning"))) == (0, 0)
    await story.after("2s")
    assert (story.slack.look_ups, len(story.roots("Morning"))) == (1, 1)


async def test_a_card_that_changed_while_it_was_being_drawn_is_drawn_once_more(story, monkeypatch):
    await story.configured(MORNING)

    def meanwhile(tx, subject, configuration):
        view = view_of(tx, subject, configuration)
        if subject.startswith("run:"):
            tx.messages.touch(subject)  # as another process could, between two statements
        return view

    monkeypatch.setattr(courier_module, "view_of", meanwhile)
    await story.after("1h")
    assert story.the("Morning").drawn == 2


# --- the rest


async def test_jobs_that_find_no_ledger_say_nothing_and_do_their_work_when_it_is_back(story, caplog):
    await story.configured(MORNING)
    going = story.engine._store = story.engine._courier._store = Going(story.store)
    going.away_for = 50
    for job in (story.engine.tick, story.engine.sweep, story.engine.escalate, story.engine.deliver_all):
        await jobs.guarded(job)()
    going.away_for = 0
    await story.after("1h 1m")
    assert len(story.roots("Morning")) == 1
    assert [r.levelno for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_a_new_configuration_counts_once_the_ledger_is_back(story):
    await story.configured(MORNING)
    going = story.engine._store = Going(story.store, story.clock, attempt_s=20)
    story.configuration = parse("timezone: UTC\n" + MORNING.replace("09:00", "10:00"))
    begun = story.clock.now()
    going.away_for = 3
    await story.engine.reconfigure("It was read anew.")
    (row,) = (await story.store.read(lambda tx: tx.schedules.all())).values()
    assert row.cursor - begun >= timedelta(minutes=1), "slots that came before it was stored are not its own"
    going.away_for = 3
    await story.engine.say("Something is wrong with it.")
    (row,) = (await story.store.read(lambda tx: tx.schedules.all())).values()
    assert row.spec == story.configuration.planned["morning"].spec
    await story.settle()
    await story.after("2s")
    assert len(story.roots("It was read anew.")) == len(story.roots("Something is wrong")) == 1


async def test_what_two_replicas_read_anew_at_once_is_told_once_and_each_change_is_told(story):
    await story.configured(MORNING)
    for hour in ("10:00", "09:00", "10:00"):
        story.configuration = parse("timezone: UTC\n" + MORNING.replace("09:00", hour))
        for one in (story.engine, story.replica):
            await one.reconfigure("It was read anew.")
        await story.after("2s")
    assert len(story.roots("It was read anew.")) == 3
    for one in (story.engine, story.replica):
        await one.say("It cannot be used.")
    await story.after("2s")
    assert len(story.roots("It cannot be used.")) == 1


async def test_whoever_asks_again_within_a_minute_is_answered_again_by_one_of_the_replicas(story):
    await story.configured(MORNING)
    for _ in range(3):
        for one in (story.engine, story.replica):
            await one.say("It cannot be used.")
            await one.reconfigure("It was read anew; nothing has changed.")
        await story.after("4s")
    assert len(story.roots("It cannot be used.")) == len(story.roots("nothing has changed")) == 3


async def test_the_same_mistakes_are_told_again_after_they_were_mended_however_soon(story):
    await story.configured(MORNING)
    for _ in range(2):
        await story.engine.say("It cannot be used.")
        await story.after("4s")
        await story.engine.reconfigure("It has no mistakes any more.")
        await story.after("4s")
    assert len(story.roots("It cannot be used.")) == len(story.roots("It has no mistakes any more.")) == 2


async def test_a_stop_without_a_ledger_ends_all_the_same(story):
    await story.configured(MORNING)
    await story.engine.prepare()
    going = story.engine._store = story.engine._courier._store = Going(story.store)
    going.away_for = 1_000
    async with asyncio.timeout(30):
        await story.engine.stop()


async def test_a_job_that_a_stop_interrupts_is_no_error_for_the_scheduler():
    begun = asyncio.Event()

    async def job():
        begun.set()
        await asyncio.Event().wait()

    working = asyncio.ensure_future(jobs.until_stopped(job)())
    await begun.wait()
    working.cancel()
    assert await working is None


async def test_whom_slack_tells_of_is_known_although_it_cannot_be_stored(story):
    going = Going(story.store)
    book, ann = AddressBook(going), Person(id="U1", name="ann", display="Ann")
    going.away_for = 1
    await book.learn([ann], (), whole=False)
    assert await book.load() == ([], [])
    await book.learn([ann], (), whole=False)
    assert await book.load() == ([ann], [])


@pytest.mark.parametrize("hangs", [True, False])
async def test_that_the_ledger_hangs_is_said_once_and_so_is_its_end(caplog, monkeypatch, hangs):
    monkeypatch.setattr(jobs, "HANGS_S", 0.01 if hangs else 60.0)
    said = asyncio.Event()

    class Said(logging.Handler):
        def emit(self, record):
            said.set()

    async def job():
        if hangs:
            await said.wait()

    hearing = Said()
    jobs.log.addHandler(hearing)
    try:
        async with asyncio.timeout(30):
            await jobs.impatiently(job)()
    finally:
        jobs.log.removeHandler(hearing)
    told = [record.message.partition(",")[0].partition(" for")[0] for record in caplog.records]
    assert told == (["the ledger has not answered", "the ledger answers again"] if hangs else [])


async def test_a_database_that_ends_what_hangs_is_complained_of_once_until_it_answers(caplog, monkeypatch):
    monkeypatch.setattr(jobs, "HANGS_S", 0.0)
    turns = iter((True, True, True, False, False))

    async def job():
        if next(turns):
            for _ in range(3):  # turns of the loop, in which the alarm rings
                await asyncio.sleep(0)
            raise LedgerAway("statement timeout")

    turn = jobs.impatiently(job)
    for _ in range(3):
        with pytest.raises(LedgerAway):
            await turn()
    await turn()
    await turn()
    told = [record.message.partition(",")[0].partition(" for")[0] for record in caplog.records]
    assert told == ["the ledger has not answered", "the ledger answers again"]
