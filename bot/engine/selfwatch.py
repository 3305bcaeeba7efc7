"""Watches Rounds itself: measures, and lets the rules of `bot.domain.ourselves` decide what that means."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.config.configuration import Configuration
from bot.domain.incidents import Incident
from bot.domain.ourselves import CALM_AFTER, OF_ONE_PROCESS, Memory, Vitals, weigh
from bot.engine.clock import Clock
from bot.engine.meter import Meter
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

MEASURE_S = 10.0

MEASURED_WITHIN = timedelta(seconds=2 * MEASURE_S)
"""What has happened this long ago, some process has measured."""


class SelfWatch:
    """One process's look at itself.

    Args:
        deaf_s: for how long Slack has not been able to reach this process, in seconds.
        disk_free: bytes free where the ledger is; `None` where it is not on a disk of ours.
        name: of this process, where several share a ledger.
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
        name: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._meter = meter
        self._deaf_s = deaf_s
        self._disk_free = disk_free
        self._name = name
        self._memory = Memory()
        self._seen: frozenset[int] = frozenset()
        self._last: tuple[datetime, float] | None = None

    async def measure(self) -> None:
        """One measurement, and what follows from it."""
        now, jump_s = self._clock.now(), self._jump_s()
        gauges, losses = await self._store.read(lambda tx: (tx.gauges(), tx.losses.since(_untold_since(tx))))
        vitals = Vitals(
            tick_lag_s=gauges.tick_lag_s,
            outbox_age_s=gauges.outbox_age_s,
            outbox_depth=gauges.outbox_depth,
            outbox_error=gauges.outbox_error,
            deaf_s=self._deaf_s(),
            disk_free=self._disk_free(),
            clock_jump_s=jump_s,
            stall_s=self._meter.take_stall_s(),
            losses=tuple(loss for loss in losses if loss.id not in self._seen),
        )
        configuration = self._configuration()
        policies = list(configuration.policies.values())

        def work(tx: Tx) -> Memory:
            memory, effects = weigh(
                vitals,
                self._memory,
                self._ours(tx.incidents.of_ourselves()),
                channel=configuration.channel,
                policy=policies[0] if len(policies) == 1 else None,
                within=configuration.within,
                now=now,
                name=self._name,
            )
            for effect in effects:
                log.warning("about ourselves: %s", effect.entry.text, extra={"subject": effect.incident.subject})
                tx.incidents.apply(effect)
            return memory

        self._memory = await self._store.write(work)
        self._seen = frozenset(loss.id for loss in losses)

    def _ours(self, incidents: list[Incident]) -> dict[str, Incident]:
        """By subject without the name of the process; those of other processes are theirs."""
        found = {}
        for incident in incidents:
            subject, _, name = incident.subject.partition("@")
            if subject not in OF_ONE_PROCESS or name == self._name:
                found[subject] = incident
        return found

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
