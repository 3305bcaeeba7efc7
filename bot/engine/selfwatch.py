"""Watches Rounds itself: measures, and lets the rules of `bot.domain.ourselves` decide what that means."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.config.configuration import Configuration
from bot.domain.incidents import Incident
from bot.domain.ourselves import CALM_AFTER, GONE_AFTER, Memory, Vitals, abandoned, process_of, weigh
from bot.engine.clock import Clock
from bot.engine.meter import Meter
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

MEASURE_S = 10.0

BROKEN_OFF = timedelta(seconds=6 * MEASURE_S)
"""A longer pause between two measurements means that something kept us from them."""

MEASURED_WITHIN = timedelta(seconds=2 * MEASURE_S)
"""What has happened this long ago, some process has measured."""


class SelfWatch:
    """One process's look at itself.

    Args:
        deaf_s: for how long Slack has not been able to reach this process, in seconds.
        disk_free: bytes free where the ledger is; `None` where it is not on a disk of ours.
        ledger_gone: whether its file is not in its place any more.
        name: of this process, where several share a ledger; no other has it, and after a restart it is the same.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        *,
        meter: Meter,
        deaf_s: Callable[[], float] = lambda: 0.0,
        disk_free: Callable[[], int | None] = lambda: None,
        ledger_gone: Callable[[], bool] = lambda: False,
        name: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._meter = meter
        self._deaf_s = deaf_s
        self._disk_free = disk_free
        self._ledger_gone = ledger_gone
        self._name = name
        self._memory = Memory()
        self._seen: frozenset[int] = frozenset()
        self._last: tuple[datetime, float] | None = None
        self._measured: tuple[datetime, datetime] | None = None

    async def measure(self) -> None:
        """One measurement, and what follows from it."""
        now, jump_s = self._clock.now(), self._jump_s()
        gauges, losses = await self._store.read(lambda tx: (tx.gauges(), tx.losses.since(_untold_since(tx))))
        vitals = Vitals(
            lag_s=max(gauges.tick_lag_s, gauges.unclaimed_s),
            outbox_age_s=gauges.outbox_age_s,
            outbox_depth=gauges.outbox_depth,
            outbox_error=gauges.outbox_error,
            deaf_s=self._deaf_s(),
            disk_free=self._disk_free(),
            ledger_gone=self._ledger_gone(),
            clock_jump_s=jump_s,
            stall_s=self._meter.take_stall_s(),
            losses=tuple(loss for loss in losses if loss.id not in self._seen),
        )
        configuration, awake_since = self._configuration(), self._awake_since(now)
        policies = list(configuration.policies.values())

        def work(tx: Tx) -> Memory:
            standing = tx.incidents.of_ourselves()
            memory, effects = weigh(
                vitals,
                self._memory,
                self._ours(standing),
                channel=configuration.channel,
                policy=policies[0] if len(policies) == 1 else None,
                within=configuration.within,
                now=now,
                name=self._name,
            )
            for effect in (*effects, *abandoned(standing, self._gone(tx, standing, awake_since), now=now)):
                told, about = f"{effect.incident.title}: {effect.entry.text}", {"subject": effect.incident.subject}
                log.warning("about ourselves: %s", told, extra=about)
                tx.incidents.apply(effect)
            return memory

        self._memory = await self._store.write(work)
        self._seen = frozenset(loss.id for loss in losses)
        self._measured = awake_since, now

    def _ours(self, incidents: list[Incident]) -> dict[str, Incident]:
        """By subject without the name of the process; those of other processes are theirs."""
        ours = ("", self._name)
        return {each.subject.partition("@")[0]: each for each in incidents if process_of(each) in ours}

    def _awake_since(self, now: datetime) -> datetime:
        """Since when this process measures without a pause."""
        since, last = self._measured or (now, now)
        return since if now - last <= BROKEN_OFF else now

    def _gone(self, tx: Tx, incidents: list[Incident], awake_since: datetime) -> frozenset[str]:
        """The processes that have ended, of those that these incidents concern alone."""
        if not self._name:
            return frozenset()
        tx.processes.alive(self._name)
        others = {process_of(incident) for incident in incidents} - {"", self._name}
        if not others or self._clock.now() - awake_since < GONE_AFTER:
            return frozenset()  # while we could not measure (the ledger was away, say), perhaps nobody could
        return tx.processes.silent(others, for_=GONE_AFTER)

    def _jump_s(self) -> float:
        """By how much the wall clock moved more than time did since the last measurement."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        last, self._last = self._last, (wall, steady)
        return (wall - last[0]).total_seconds() - (steady - last[1]) if last is not None else 0.0


def _untold_since(tx: Tx) -> datetime:
    """Messages that were given up before that moment are old, or were told by an incident that is over.

    After a restart nothing else remembers them. What was given up just before its end may not have been told.
    """
    told = tx.incidents.last_resolved("self:lost")
    begin = tx.now - CALM_AFTER
    return begin if told is None or told.resolved_at is None else max(begin, told.resolved_at - MEASURED_WITHIN)
