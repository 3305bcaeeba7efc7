"""The runner: claims a run, looks, and hands the results to triage. Whoever holds the claim counts."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.config.configuration import Configuration, ConfiguredCheck
from bot.domain.ledger import LedgerAway
from bot.domain.runs import Result, Run, RunState, Trigger
from bot.engine.clock import Clock
from bot.engine.insisting import insist
from bot.engine.looking import Known, Looker
from bot.engine.meter import Meter
from bot.engine.triage import conclude, expect_message
from checks import Finding, Outcome
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long a claim holds without renewal; a dead worker's run goes on after this."""

PROGRESS_AFTER_S = 5.0
"""A scheduled run that takes longer shows its progress, so that nobody takes it for forgotten."""


class Runner:
    """Works on runs.

    Args:
        hears_pings: pings reach this Rounds; else a check that waits for them could not know.
    """

    def __init__(
        self,
        store: Store,
        looker: Looker,
        clock: Clock,
        configuration: Callable[[], Configuration],
        *,
        hears_pings: bool = False,
        meter: Meter | None = None,
    ) -> None:
        self._hears_pings = hears_pings
        self._meter = meter or Meter()
        self._store = store
        self._looker = looker
        self._clock = clock
        self._configuration = configuration

    async def work(self, run_id: int) -> None:
        """One run from claim to commit. A run that somebody else has, or that is done, is left alone."""
        claim = _Claim(run_id, uuid.uuid4().hex, self._clock.monotonic() + LEASE.total_seconds())
        configuration = self._configuration()
        try:
            run = await self._store.write(lambda tx: _take(tx, claim, configuration))
        except _OfAnother:
            log.debug("left to a Rounds whose configuration has this rhythm", extra={"run": run_id})
            return
        if run is None:
            return
        try:
            await self._see_through(run, claim, configuration)
        except asyncio.CancelledError:
            log.warning(
                "stopped in the middle of a run; it is done again at the next start, or by others", extra=_ids(run)
            )
            raise

    async def _see_through(self, run: Run, claim: _Claim, configuration: Configuration) -> None:
        """A run that is claimed, to its commit."""
        names = _checks(run, configuration)
        checks = [configuration.checks[name] for name in names if name in configuration.checks]
        strange = [_not_configured(name, self._clock.now()) for name in names if name not in configuration.checks]
        known = await insist(
            lambda: self._store.read(lambda tx: self._known(tx, checks)), self._clock, until=claim.until
        )
        async with self._held(claim):
            looks = await self._look(run, checks, known)

        # The configuration may have been reloaded meanwhile; what it says now is what counts.
        def store(tx: Tx) -> bool:
            return conclude(
                tx,
                run=run,
                token=claim.token,
                results=looks,
                unseen=strange,
                configuration=self._configuration(),
                now=self._clock.now(),
            )

        kept = await insist(lambda: self._store.write(store), self._clock, until=claim.until)
        for result in looks:
            self._meter.looked(result.kind, result.outcome.value, result.duration_ms / 1000)
        if not kept:
            self._meter.claims_lost += 1
            log.warning("lost the claim; another worker's results count", extra=_ids(run))

    def _known(self, tx: Tx, checks: list[ConfiguredCheck]) -> Known:
        """What these checks wrote down at their last look, and what their kinds and rules ask to be told."""
        asking = [check.name for check in checks if self._hears_pings and "pings" in check.check.asks]
        pings = tx.pings.newest(asking) if asking else {}
        return {
            "memories": tx.watches.memories([check.name for check in checks]),
            "facts": {name: {"pings": each} for name, each in pings.items()},
            "histories": tx.history.facts({check.name: check.rules.needs for check in checks}, self._clock.now()),
        }

    async def _look(
        self,
        run: Run,
        checks: list[ConfiguredCheck],
        known: Known,
    ) -> list[Result]:
        progress = _Progress(self._store, self._clock, run)
        shown = asyncio.ensure_future(progress.show())
        try:
            return await self._looker.look_at_all(checks, on_result=progress.one_more, **known)
        finally:
            await _end(shown)

    @asynccontextmanager
    async def _held(self, claim: _Claim) -> AsyncIterator[None]:
        """Keep the claim while the looks take their time."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                until = self._clock.monotonic() + LEASE.total_seconds()
                with suppress(LedgerAway):  # it may be there again at the next turn, which is before the end
                    if not await self._store.write(
                        lambda tx: tx.runs.renew(claim.run_id, token=claim.token, lease=LEASE)
                    ):
                        return  # lost: the fence at the end will say so
                    claim.until = until

        renewing = asyncio.ensure_future(renew())
        try:
            yield
        finally:
            await _end(renewing)


async def _end(aside: asyncio.Task[None]) -> None:
    """Stop what went on beside the looks; if it broke, their results count all the same."""
    aside.cancel()
    try:
        with suppress(asyncio.CancelledError):
            await aside
    except Exception:
        log.exception("showing the progress of a run, or keeping its claim, broke off")


class _OfAnother(Exception):
    """The configuration of another Rounds says what this run looks at, and ours does not. Undoes the claim."""


def _take(tx: Tx, claim: _Claim, configuration: Configuration) -> Run | None:
    """The run, claimed; `None` when there is nothing to do.

    What a rhythm looks at is in the configuration alone, which may have changed since the run came due. One that this
    process does not know is not for it to call done.

    Raises:
        _OfAnother: somebody else knows it.
    """
    run = tx.runs.claim(claim.run_id, token=claim.token, lease=LEASE)
    if run is None or not _by_rhythm(run) or run.checklist in configuration.planned:
        return run
    if run.checklist in tx.schedules.all():
        raise _OfAnother
    tx.runs.finish(run.id, token=claim.token, state=RunState.MISSED, results=(), now=tx.now)
    tx.trail.about(**_ids(run))
    tx.trail.note("not looked: the configuration has no such rhythm any more; its checks are due in their new ones")
    return None


def _ids(run: Run) -> dict[str, Any]:
    """What a line of the log carries, so that `rounds why` can be asked of it."""
    return {"run": run.id, "checklist": run.checklist, "slot": run.slot}


def _by_rhythm(run: Run) -> bool:
    """Whether the configuration says what it looks at. What a ping started brings its item along."""
    return run.trigger is Trigger.RHYTHM and not run.items


def _not_configured(check: str, now: datetime) -> Result:
    """An item of the run that this process cannot look at: taken out since, or only another replica has it yet."""
    text = "could not check: it is not in the configuration of the Rounds that took this run"
    finding = Finding(Outcome.UNKNOWN, text)
    return Result(check, "", Outcome.UNKNOWN, (finding,), (), (), looked_at=now, duration_ms=0.0)


def _checks(run: Run, configuration: Configuration) -> Sequence[str]:
    if _by_rhythm(run):
        return configuration.planned[run.checklist].checklist.checks
    return [item.item.check for item in run.items if item.item.check is not None]


@dataclass
class _Claim:
    """Our claim on a run. `until` is the monotonic second at which somebody else may take it, if it is not renewed."""

    run_id: int
    token: str
    until: float


class _Progress:
    """Lets a run's message show how far it is."""

    def __init__(self, store: Store, clock: Clock, run: Run) -> None:
        self._store = store
        self._clock = clock
        self._run = run
        self._done = 0
        self._told = 0

    def one_more(self, result: Result) -> None:
        """A check has been looked at."""
        del result
        self._done += 1

    async def show(self) -> None:
        """Post after five seconds, then keep it up to date, until cancelled."""
        if not self._run.posted:
            if self._run.trigger not in (Trigger.SCHEDULE, Trigger.START):
                return
            await asyncio.sleep(PROGRESS_AFTER_S)
            await insist(lambda: self._store.write(self._expect), self._clock)
        while True:
            if self._done != self._told:
                self._told = self._done
                await insist(lambda: self._store.write(self._save), self._clock)
            await asyncio.sleep(1)

    def _expect(self, tx: Tx) -> None:
        run = tx.runs.get(self._run.id)
        if run is not None and run.state is RunState.RUNNING:
            expect_message(tx, run, reason="digest")

    def _save(self, tx: Tx) -> None:
        tx.runs.progress(self._run.id, self._done)
        tx.messages.touch(f"run:{self._run.id}")
