"""The runner: whoever holds the claim counts, once; and a run that takes long shows how far it is."""

import asyncio
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import select

from bot.config.load import parse
from bot.domain import slot_story
from bot.domain.masking import Masker
from bot.domain.rules import CompiledRules
from bot.domain.runs import Item, RunState, Trigger, headline
from bot.domain.watching import Watch
from bot.engine import runner as runner_module
from bot.engine.desk import Asked, Desk
from bot.engine.looking import Looker
from bot.engine.remembering import LIMIT
from bot.engine.runner import LEASE, Runner
from bot.engine.ticker import start_run, synchronise, tick
from checks import Check, Context, CouldNotCheck, Finding, Look, Outcome
from storage import tables as t
from storage.opening import open_store
from tests.story import SimulatedClock

FILE = """
timezone: UTC
channel: "#ops"
checks:
  db: {kind: disk, path: /}
  api: {kind: disk, path: /}
  own: {kind: disk, path: /, every: 1m}
checklists:
  morning: {items: [db, api, {manual: Look around}]}
  machines: {items: [db, api]}
"""


class Team(Check):
    """A check whose looks the test answers."""

    kind: str = "team"
    name: str
    bench: object

    def about(self) -> str:
        return self.name

    async def look(self, ctx: Context) -> Look:
        return await self.bench.look(self.name, ctx)


class Bench:
    """A store, a runner, and looks that wait until the test lets them go on."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock
        configuration = parse(FILE)
        checks = {
            name: replace(check, check=Team(name=name, bench=self), rules=CompiledRules())
            for name, check in configuration.checks.items()
        }
        self.configuration = replace(configuration, checks=checks)
        self.said = {"db": "first", "api": "first", "own": "first"}
        self.waits: dict[str, asyncio.Event] = {}
        self.looked: list[str] = []
        self.looking = asyncio.Event()
        self.error: Exception | None = None
        self.hoards = ""

    def runner(self) -> Runner:
        return Runner(self.store, Looker(self.clock, Masker([])), self.clock, lambda: self.configuration)

    async def look(self, name: str, ctx: Context) -> Look:
        self.looked.append(name)
        said = self.said[name]
        ctx.memory["looks"] = ctx.memory.get("looks", 0) + 1
        if self.hoards:
            ctx.memory["hoard"] = self.hoards
        if name in self.waits:
            self.looking.set()
            await self.waits[name].wait()
        if self.error is not None:
            raise self.error
        return Look(findings=(Finding(Outcome.OK, said),))

    async def begin(self, checklist="machines", trigger=Trigger.SCHEDULE, slot="s1") -> int:
        run = {"slot": slot, "trigger": trigger, "now": self.clock.at, "channel": "#ops"}
        wanted = self.configuration.checklists[checklist]
        return await self.store.write(lambda tx: start_run(tx, wanted, **run))

    async def run(self, run_id: int):
        return await self.store.read(lambda tx: tx.runs.get(run_id))

    async def keys(self) -> list[str]:
        return sorted(p.key for p in await self.store.read(lambda tx: tx.outbox.due()))


@pytest.fixture
async def bench(database_url):
    """A bench on each database."""
    clock = SimulatedClock()
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    yield Bench(store, clock)
    await store.close()


@pytest.mark.parametrize(
    ("checklist", "state"),
    [
        pytest.param("machines", RunState.COMPLETE, id="complete without manual items"),
        pytest.param("morning", RunState.WAITING, id="waiting with some"),
    ],
)
async def test_a_run_is_looked_at_and_stored_with_its_message(bench, checklist, state):
    run_id = await bench.begin(checklist)
    await bench.runner().work(run_id)
    run = await bench.run(run_id)
    assert (run.state, run.attempt, run.posted) == (state, 1, True)
    assert [result.headline for result in run.results] == ["first", "first"]
    assert await bench.keys() == [f"run:{checklist}:s1"]


async def test_a_run_of_a_rhythm_keeps_no_items_and_looks_at_what_is_configured_by_then(bench):
    planned, run_id = next(iter(bench.configuration.planned.values())), await due(bench)
    assert await bench.store.read(lambda tx: tx.connection.execute(select(t.run_item)).all()) == []
    more = replace(planned.checklist, items=(*planned.checklist.items, Item("db", "db", check="db")))
    bench.configuration = replace(bench.configuration, planned={planned.name: replace(planned, checklist=more)})
    await bench.runner().work(run_id)
    assert bench.looked == ["own", "db"]
    run = await bench.run(run_id)
    assert (run.state, run.trigger) == (RunState.COMPLETE, Trigger.RHYTHM)
    assert {result.check for result in run.results} == {"own", "db"}


async def due(bench):
    """A run of the rhythm of `own`, as the tick leaves it."""
    await bench.store.write(lambda tx: synchronise(tx, bench.configuration, bench.clock.at))
    bench.clock.at += timedelta(minutes=1)
    await bench.store.write(lambda tx: tick(tx, bench.configuration, bench.clock.at))
    (run_id,) = await bench.store.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=timedelta(0)))
    return run_id


async def test_a_rhythm_that_is_not_configured_any_more_is_missed_and_not_called_complete(bench):
    run_id = await due(bench)
    bench.configuration = replace(bench.configuration, planned={})
    await bench.store.write(lambda tx: synchronise(tx, bench.configuration, bench.clock.at))
    await bench.runner().work(run_id)
    run = await bench.run(run_id)
    assert (run.state, run.finished_at, bench.looked) == (RunState.MISSED, bench.clock.at, [])
    assert await bench.store.read(lambda tx: tx.runs.to_enqueue(unclaimed_for=timedelta(0))) == []
    account = await bench.store.read(lambda tx: tx.telling.slot(run.checklist, run.slot))
    told = slot_story.of_slot(account, post=None, now=bench.clock.at, zone=UTC)
    assert "the configuration had changed by then and has no rhythm:60s any more; no digest names it" in told.answer


async def test_a_rhythm_that_only_another_replica_knows_is_left_to_it(bench):
    run_id, newer = await due(bench), bench.configuration
    bench.configuration = replace(newer, planned={})
    await bench.runner().work(run_id)
    run = await bench.run(run_id)
    assert (run.state, run.attempt, bench.looked) == (RunState.NEW, 0, [])
    bench.configuration = newer
    await bench.runner().work(run_id)
    assert ((await bench.run(run_id)).state, bench.looked) == (RunState.COMPLETE, ["own"])


async def test_a_run_that_a_ping_started_brings_its_item_along(bench):
    alone = bench.configuration.runnable("check:own")
    run = {"slot": "ping:1", "trigger": Trigger.RHYTHM, "now": bench.clock.at, "channel": "#ops"}
    run_id = await bench.store.write(lambda tx: start_run(tx, alone, **run))
    await bench.runner().work(run_id)
    assert ((await bench.run(run_id)).state, bench.looked) == (RunState.COMPLETE, ["own"])


async def test_an_item_that_is_not_configured_is_named_and_not_left_out(bench):
    run_id = await bench.begin()
    known = {name: check for name, check in bench.configuration.checks.items() if name != "api"}
    bench.configuration = replace(bench.configuration, checks=known)
    await bench.runner().work(run_id)
    run = await bench.run(run_id)
    assert (run.state, bench.looked) == (RunState.COMPLETE, ["db"])
    assert headline(run) == "1 ok, 1 could not be checked"
    assert "not in the configuration" in run.results[1].headline
    assert await bench.store.read(lambda tx: tx.watches.names()) == {"db"}


async def test_nobody_having_looked_moves_nothing_of_a_check_that_a_reload_brings_meanwhile(bench):
    whole, run_id = bench.configuration, await bench.begin()
    known = {name: check for name, check in whole.checks.items() if name != "api"}
    bench.configuration = replace(whole, checks=known)
    bench.waits["db"] = asyncio.Event()
    working = asyncio.ensure_future(bench.runner().work(run_id))
    await bench.looking.wait()
    bench.configuration = whole
    bench.waits["db"].set()
    await working
    assert headline(await bench.run(run_id)) == "1 ok, 1 could not be checked"
    assert await bench.store.read(lambda tx: tx.watches.names()) == {"db"}


async def test_a_run_that_a_stop_cuts_off_is_named_in_the_log(bench, caplog):
    run_id, bench.waits["api"] = await bench.begin(), asyncio.Event()
    at_work = asyncio.create_task(bench.runner().work(run_id))
    await bench.looking.wait()
    at_work.cancel()
    await asyncio.gather(at_work, return_exceptions=True)
    (line,) = [record for record in caplog.records if "stopped in the middle" in record.message]
    assert (line.run, line.checklist, line.slot) == (run_id, "machines", "s1")


async def test_a_run_done_twice_is_stored_and_told_once(bench):
    run_id = await bench.begin()
    await bench.runner().work(run_id)
    once = await bench.run(run_id)
    bench.said = {"db": "second", "api": "second"}
    await bench.runner().work(run_id)
    assert await bench.run(run_id) == once
    assert bench.looked == ["db", "api"]
    assert await bench.keys() == ["run:machines:s1"]


async def test_two_workers_at_once_look_once(bench):
    run_id = await bench.begin()
    await asyncio.gather(*(bench.runner().work(run_id) for _ in range(5)))
    assert sorted(bench.looked) == ["api", "db"]
    assert (await bench.run(run_id)).attempt == 1


async def test_who_lost_the_claim_stores_nothing_and_remembers_nothing(bench):
    run_id = await bench.begin()
    bench.waits["db"] = asyncio.Event()
    first = asyncio.ensure_future(bench.runner().work(run_id))
    await bench.looking.wait()
    # The first one seems dead: its lease runs out, and somebody else does the run.
    bench.clock.at += LEASE
    slow = bench.waits.pop("db")
    bench.said = {"db": "second", "api": "second"}
    await bench.runner().work(run_id)
    settled = await bench.run(run_id)
    slow.set()
    await first
    assert await bench.run(run_id) == settled
    assert [result.headline for result in settled.results] == ["second", "second"]
    assert settled.attempt == 2
    watches = await bench.store.read(lambda tx: tx.watches.of(["db"]))
    assert watches["db"].memory == {"looks": 1}
    assert watches["db"].watch.good.count == 1


async def test_who_lost_the_claim_to_one_who_still_works_stores_nothing(bench):
    run_id = await bench.begin()
    bench.waits["db"] = asyncio.Event()
    first = asyncio.ensure_future(bench.runner().work(run_id))
    await bench.looking.wait()
    bench.clock.at += LEASE
    assert await bench.store.write(lambda tx: tx.runs.claim(run_id, token="another", lease=LEASE))
    bench.waits["db"].set()
    await first
    run = await bench.run(run_id)
    assert (run.state, run.results) == (RunState.RUNNING, ())
    assert await bench.keys() == []


async def test_a_claim_is_kept_while_the_looks_take_their_time(bench, monkeypatch):
    monkeypatch.setattr(runner_module, "LEASE", timedelta(milliseconds=3))
    run_id = await bench.begin()
    bench.waits["db"] = asyncio.Event()
    renewed = asyncio.Event()

    def lease(tx):
        return tx.connection.exec_driver_sql("SELECT lease_until FROM run").scalar()

    working = asyncio.ensure_future(bench.runner().work(run_id))
    await bench.looking.wait()
    before = await bench.store.read(lease)
    bench.clock.at += timedelta(minutes=1)
    async with asyncio.timeout(30):
        while not renewed.is_set():
            if await bench.store.read(lease) > before:
                renewed.set()
    bench.waits["db"].set()
    await working
    assert (await bench.run(run_id)).state is RunState.COMPLETE


async def test_a_run_that_takes_long_posts_its_progress_which_becomes_the_digest(bench, monkeypatch):
    monkeypatch.setattr(runner_module, "PROGRESS_AFTER_S", 0.0)
    posted = asyncio.Event()
    bench.store.on_commit(lambda topics: posted.set() if "outbox" in topics else None)
    run_id = await bench.begin()
    bench.waits["db"] = asyncio.Event()
    working = asyncio.ensure_future(bench.runner().work(run_id))
    await bench.looking.wait()
    async with asyncio.timeout(30):
        await posted.wait()
    run = await bench.run(run_id)
    assert (run.state, run.posted) == (RunState.RUNNING, True)
    assert await bench.keys() == ["run:machines:s1"]
    bench.waits["db"].set()
    await working
    # The same message, not another one; it shows what came out.
    assert await bench.keys() == ["run:machines:s1"]
    standing = await bench.store.read(lambda tx: tx.messages.of(f"run:{run_id}"))
    assert standing.wanted > 1


async def test_a_quick_run_posts_no_progress(bench):
    run_id = await bench.begin()
    await bench.runner().work(run_id)
    standing = await bench.store.read(lambda tx: tx.messages.of(f"run:{run_id}"))
    assert standing is not None
    assert await bench.keys() == ["run:machines:s1"]


async def test_a_rhythm_posts_nothing_however_long_it_takes(bench, monkeypatch):
    monkeypatch.setattr(runner_module, "PROGRESS_AFTER_S", 0.0)
    run_id = await bench.begin(trigger=Trigger.RHYTHM)
    bench.waits["db"] = asyncio.Event()
    working = asyncio.ensure_future(bench.runner().work(run_id))
    await bench.looking.wait()
    for _ in range(5):
        await bench.store.write(lambda tx: None)  # whatever wanted to be written before is written
    bench.waits["db"].set()
    await working
    assert await bench.keys() == []
    assert (await bench.run(run_id)).posted is False


async def test_progress_that_cannot_be_written_costs_no_result(bench, monkeypatch):
    monkeypatch.setattr(runner_module, "PROGRESS_AFTER_S", 0.0)
    tried = asyncio.Event()

    class Unwilling:
        """A store of which the first write after the claim fails."""

        def __init__(self, store):
            self.store, self.writes = store, 0

        async def write(self, work):
            self.writes += 1
            if self.writes == 2:
                tried.set()
                raise OSError("the disk is full")
            return await self.store.write(work)

        async def read(self, work):
            return await self.store.read(work)

    run_id = await bench.begin()
    bench.waits["db"] = asyncio.Event()
    unwilling = Runner(
        Unwilling(bench.store), Looker(bench.clock, Masker([])), bench.clock, lambda: bench.configuration
    )
    working = asyncio.ensure_future(unwilling.work(run_id))
    await bench.looking.wait()
    await tried.wait()
    bench.waits["db"].set()
    await working
    assert (await bench.run(run_id)).state is RunState.COMPLETE


async def test_a_look_that_could_not_look_is_a_result_too(bench):
    bench.error = CouldNotCheck("no permission")
    run_id = await bench.begin()
    await bench.runner().work(run_id)
    run = await bench.run(run_id)
    assert (run.state, run.outcome) == (RunState.COMPLETE, Outcome.UNKNOWN)


async def test_what_a_check_remembers_is_there_at_its_next_look(bench):
    for n in range(3):
        await bench.runner().work(await bench.begin(slot=f"s{n}"))
        bench.clock.at += timedelta(minutes=1)
    watches = await bench.store.read(lambda tx: tx.watches.of(["db"]))
    assert watches["db"].memory == {"looks": 3}


async def test_a_result_that_comes_in_late_changes_no_counter(bench):
    early, late = await bench.begin(slot="early"), await bench.begin(slot="late")
    bench.waits["db"] = asyncio.Event()
    first = asyncio.ensure_future(bench.runner().work(early))
    await bench.looking.wait()
    slow = bench.waits.pop("db")
    bench.clock.at += timedelta(seconds=5)
    await bench.runner().work(late)
    slow.set()
    await first
    watches = await bench.store.read(lambda tx: tx.watches.of(["db"]))
    assert (watches["db"].watch.good.count, watches["db"].memory) == (1, {"looks": 1})


async def test_a_check_taken_out_of_the_configuration_meanwhile_is_not_looked_at(bench):
    run_id = await bench.begin()
    checks = {"api": bench.configuration.checks["api"]}
    bench.configuration = replace(bench.configuration, checks=checks)
    await bench.runner().work(run_id)
    assert bench.looked == ["api"]
    assert (await bench.run(run_id)).state is RunState.COMPLETE


async def test_a_run_that_is_not_there_is_left_alone(bench):
    await bench.runner().work(99)
    assert bench.looked == []


async def test_resolving_by_hand_starts_the_counters_anew_and_keeps_what_the_check_remembers(bench):
    run_id = await bench.begin()
    bench.waits = {}

    async def broken(name, ctx):
        ctx.memory["offset"] = 5
        return Look.broken("it is broken")

    bench.look = broken
    await bench.runner().work(run_id)
    bench.clock.at += timedelta(minutes=1)
    await bench.runner().work(await bench.begin(slot="s2"))
    desk = Desk(bench.store, bench.clock, lambda: bench.configuration)
    await desk.resolve("db", Asked("U1", "button"))
    found = (await bench.store.read(lambda tx: tx.watches.of(["db"])))["db"]
    assert (found.watch, found.memory, found.looked_at) == (Watch(), {"offset": 5}, bench.clock.at)


async def test_a_memory_that_grew_too_large_leaves_the_one_before(bench):
    await bench.runner().work(await bench.begin())
    bench.hoards = "x" * LIMIT
    bench.clock.at += timedelta(minutes=1)
    run_id = await bench.begin(slot="s2")
    await bench.runner().work(run_id)
    assert (await bench.run(run_id)).outcome is Outcome.UNKNOWN
    remembered = await bench.store.read(lambda tx: tx.watches.of(["db"]))
    assert remembered["db"].memory == {"looks": 1}
