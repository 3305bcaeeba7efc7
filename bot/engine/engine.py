"""The engine: the handful of system jobs, what wakes them, and how they stop.

Every promise is a row; these jobs only look which rows are due. A job that is late, or dies, is made up for by the
next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.config.configuration import Configuration
from bot.domain.ledger import LedgerAway
from bot.domain.runs import Trigger
from bot.engine.clock import AHEAD, Clock
from bot.engine.courier import LONGEST_CALL, Courier
from bot.engine.escalator import escalate, remind
from bot.engine.insisting import insist
from bot.engine.jobs import guarded, impatiently, repeat, until_stopped
from bot.engine.meter import Meter
from bot.engine.ports import Queue
from bot.engine.retention import forgetting
from bot.engine.runner import Runner
from bot.engine.selfwatch import MEASURE_S, SelfWatch
from bot.engine.ticker import UNCLAIMED_FOR, set_right, start_run, sweep, synchronise, tick
from bot.engine.triage import no_longer_checked
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

OWN_QUEUE = "default"

DRAIN_S = 5.0
"""How long a stop waits for looks and sends that are on their way; the rows outlive those that are not. Together with
the answers to people it stays below the ten seconds after which container engines kill."""

TICK_S = 1.0
SWEEP_S = 2.0
ROLL_UP_S = 600.0
TIDY_S = 3600.0
"""Pauses of the jobs. A commit that concerns a job wakes it at once; these only make up for what was lost."""


SAME_WORDS = timedelta(minutes=1)
"""Replicas that notice the same thing do so within this time; it is said once."""


class Engine:
    """Runs the jobs of one process."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        queue: Queue,
        runner: Runner,
        courier: Courier,
        configuration: Callable[[], Configuration],
        meter: Meter | None = None,
        selfwatch: SelfWatch | None = None,
    ) -> None:
        self._meter = meter or Meter()
        self._selfwatch = selfwatch
        self._store = store
        self._clock = clock
        self._queue = queue
        self._runner = runner
        self._courier = courier
        self._configuration = configuration
        self._scheduler: AsyncIOScheduler | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ticked: datetime | None = None
        self._outbox_touched = asyncio.Event()
        self._runs_touched = asyncio.Event()
        self._said: dict[str, datetime] = {}
        """What this process said of itself within the last minute, or found said, and when."""

    async def prepare(self) -> None:
        """Before anything else: take over from the process before us, and learn the schedules."""
        now, configuration = self._clock.now(), self._configuration()

        def work(tx: Tx) -> None:
            if self._store.embedded:
                tx.runs.release_all()
                tx.outbox.release_all(settled=LONGEST_CALL)
            synchronise(tx, configuration, tx.now)
            no_longer_checked(tx, configuration, tx.now)
            before = "found changed when Rounds started" if tx.versions.newest(limit=1) else "the first one"
            tx.versions.note(configuration.digest, before)
            for name in configuration.at_start:
                checklist = configuration.checklists[name]
                slot = f"start:{now:%Y-%m-%dT%H:%M:%S.%fZ}"
                start_run(tx, checklist, slot=slot, trigger=Trigger.START, now=now, channel=checklist.channel)

        await self._store.write(work)

    async def reconfigure(self, notice: str, changes: Sequence[str] = ()) -> None:
        """A new configuration counts from now.

        Args:
            notice: what the channel of record hears of it, if anything.
            changes: sentences on what is different, without secrets.
        """
        configuration = self._configuration()

        # "From now" is when it is stored: a ledger that was away meanwhile would have it count from the past.
        def work(tx: Tx) -> datetime:
            synchronise(tx, configuration, tx.now)
            no_longer_checked(tx, configuration, tx.now)
            new = tx.versions.note(configuration.digest, "; ".join(changes) or "it means what it meant before")
            if notice:
                since = tx.now if new else self._unsaid_since(notice, tx.now)
                tx.notices.add_unless_said(notice, channel=configuration.channel, since=since)
            return tx.now

        at = await insist(lambda: self._store.write(work), self._clock)
        if notice:
            self._remember(notice, at)

    async def say(self, notice: str) -> None:
        """Something about Rounds itself, in the channel of record; once, if several replicas say it."""
        channel = self._configuration().channel

        def work(tx: Tx) -> datetime:
            tx.notices.add_unless_said(notice, channel=channel, since=self._unsaid_since(notice, tx.now))
            return tx.now

        at = await insist(lambda: self._store.write(work), self._clock)
        self._remember(notice, at)

    def _unsaid_since(self, notice: str, now: datetime) -> datetime:
        """What another replica has told lately is not told again; what we told ourselves was of an earlier change."""
        before = now - SAME_WORDS
        ours = self._said.get(notice)
        return before if ours is None else max(before, ours + timedelta(microseconds=1))

    def _remember(self, notice: str, at: datetime) -> None:
        lately = {words: when for words, when in self._said.items() if at - when <= SAME_WORDS}
        self._said = lately | {notice: at}

    async def tell(self, people: Collection[str], notice: str, *, topic: str) -> None:
        """Something about Rounds itself, to each of these people; once a day about the same topic."""
        once = f"told:{topic}:{self._clock.now():%Y-%m-%d}"

        def work(tx: Tx) -> None:
            if people and tx.inbox.first_time(once):
                for person in people:
                    tx.notices.add(notice, channel=person)

        await insist(lambda: self._store.write(work), self._clock)

    async def tick(self) -> None:
        """Due slots become runs."""
        configuration, before = self._configuration(), self._ticked
        now, due = await self._store.read(lambda tx: (tx.now, bool(tx.schedules.due(tx.now, limit=1))))
        if before is not None and now < before - AHEAD:
            await self._store.write(lambda tx: set_right(tx, configuration, tx.now))
            log.warning("the clock was set back; schedules count anew from now")
        self._ticked = now
        if due:
            await self._store.write(lambda tx: tick(tx, configuration, tx.now))

    async def sweep(self) -> None:
        """Runs that nobody works on, new ones first of all, are handed to the queue."""
        if await self._store.read(lambda tx: bool(tx.runs.to_enqueue(unclaimed_for=UNCLAIMED_FOR, limit=1))):
            for run_id in await self._store.write(lambda tx: sweep(tx, tx.now)):
                self._queue.enqueue(OWN_QUEUE, run_id)

    async def escalate(self) -> None:
        """Due steps fire, and what is overdue is said."""
        configuration = self._configuration()
        if await self._store.read(lambda tx: bool(tx.runs.overdue(tx.now))):
            await self._store.write(lambda tx: remind(tx, configuration, tx.now))
        if await self._store.read(lambda tx: bool(tx.incidents.with_something_due(tx.now, limit=1))):
            await self._store.write(lambda tx: escalate(tx, tx.now, self._meter))

    async def deliver(self) -> int:
        """One round of the courier; returns how many messages moved."""
        return await self._courier.deliver()

    async def deliver_all(self) -> None:
        """Rounds until nothing moves."""
        while await self.deliver():
            pass

    async def roll_up(self) -> None:
        """Hours that are over become roll-ups."""
        # Also here, not only where the clock is set right: another may have been storing them at that moment.
        if await self._store.read(lambda tx: tx.rollups.too_early()):
            await self._store.write(lambda tx: tx.rollups.forget_too_early())
        for span in await self._store.read(lambda tx: tx.rollups.wanted()):
            # Made while reading: whoever wants to write does not wait for it.
            rows = await self._store.read(partial(_rolled_up, span=span))
            await self._store.write(partial(_keep, rows=rows))

    async def tidy(self) -> None:
        """Forget what nobody will ask for again."""
        await self.roll_up()  # after a long time away, before the looks that it is made of are forgotten
        for forget in forgetting(self._clock.now()):
            while await self._store.write(forget):
                pass

    async def start(self) -> None:
        """Start the jobs."""
        self._store.on_commit(self._woken)
        await self.prepare()
        self._tasks = [
            asyncio.create_task(self._queue.serve((OWN_QUEUE,), self._runner.work), name="serve"),
            asyncio.create_task(repeat(self.sweep, self._runs_touched, lambda: SWEEP_S), name="sweep"),
            asyncio.create_task(repeat(self.deliver_all, self._outbox_touched, self._pause_s), name="deliver"),
        ]
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        # Of a job that is still at work when its next turn comes, the scheduler would complain every second.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        jobs = [
            (impatiently(self.tick), TICK_S),
            (self.escalate, TICK_S),
            (self.roll_up, ROLL_UP_S),
            (self.tidy, TIDY_S),
        ]
        if self._selfwatch is not None:
            jobs.append((self._selfwatch.measure, MEASURE_S))
        for job, seconds in jobs:
            self._scheduler.add_job(
                until_stopped(guarded(job)),
                "interval",
                seconds=seconds,
                id=job.__name__,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=self._clock.now(),
            )
        self._scheduler.start()

    def _woken(self, topics: frozenset[str]) -> None:
        if "outbox" in topics:
            self._outbox_touched.set()
        if "runs" in topics:
            self._runs_touched.set()

    def _pause_s(self) -> float:
        return min(self._courier.next_pause_s() or TICK_S, TICK_S)

    async def stop(self) -> None:
        """Take on nothing new, let what is on its way arrive, and leave the rest in the rows."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        with suppress(TimeoutError, LedgerAway):
            async with asyncio.timeout(DRAIN_S):
                await self._queue.drain()
                await self.deliver_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _rolled_up(tx: Tx, *, span: tuple[datetime, datetime]) -> list[dict[str, Any]]:
    return tx.rollups.of(*span)


def _keep(tx: Tx, *, rows: list[dict[str, Any]]) -> None:
    tx.rollups.keep(rows)
