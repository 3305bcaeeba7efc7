"""`/metrics`: what the meter has counted and how the ledger stands, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from bot.engine.meter import BOUNDS_S, Durations, Meter


class Standing(Protocol):
    """How the ledger stands; `storage.gauges.Gauges`."""

    @property
    def tick_lag_s(self) -> float: ...
    @property
    def unclaimed_s(self) -> float: ...
    @property
    def expired_leases(self) -> int: ...
    @property
    def outbox_depth(self) -> int: ...
    @property
    def outbox_age_s(self) -> float: ...
    @property
    def incidents(self) -> dict[tuple[str, str], int]: ...


class MetricsPage:
    """Draws the page anew whenever it is asked for.

    Args:
        standing: asks the ledger; `None` when it cannot be used.
        connected: whether Slack can reach us.
    """

    def __init__(
        self, meter: Meter, standing: Callable[[], Awaitable[Standing | None]], connected: Callable[[], bool]
    ) -> None:
        self._meter = meter
        self._standing = standing
        self._connected = connected

    async def __call__(self) -> bytes:
        """The page."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected([*self._process(), *_ledger(await self._standing())]))
        return generate_latest(registry)

    def _process(self) -> Iterator[Metric]:
        meter = self._meter
        info = GaugeMetricFamily("rounds_build", "Always 1; the version is in the label.", labels=["version"])
        info.add_metric([version("rounds")], 1)
        yield info
        yield GaugeMetricFamily("rounds_slack_connected", "Whether Slack can reach Rounds.", value=self._connected())
        yield CounterMetricFamily(
            "rounds_claims_lost", "Runs whose claim another worker had taken meanwhile.", value=meter.claims_lost
        )
        yield CounterMetricFamily("rounds_stalls", "Times the event loop stood still.", value=meter.stalls)
        yield GaugeMetricFamily("rounds_longest_stall_seconds", "The longest of them.", value=meter.longest_stall_s)
        calls = CounterMetricFamily(
            "rounds_slack_calls", "Calls to Slack by method and what became of them.", labels=["method", "outcome"]
        )
        for (method, outcome), count in sorted(meter.calls.items()):
            calls.add_metric([method, outcome], count)
        yield calls
        for name, about, outcomes in (
            ("deliveries", "Attempts to deliver a message by what became of them.", meter.deliveries),
            ("redraws", "Attempts to redraw a message by what became of them.", meter.redraws),
        ):
            counted = CounterMetricFamily(f"rounds_{name}", about, labels=["outcome"])
            for outcome, count in sorted(outcomes.items()):
                counted.add_metric([outcome], count)
            yield counted
        late = HistogramMetricFamily(
            "rounds_escalation_lateness_seconds",
            "From the moment a step was due, or the end of the quiet in which it was, until it was decided to be told.",
        )
        late.add_metric([], *_classes(meter.escalation_lateness))
        yield late
        looks = HistogramMetricFamily(
            "rounds_look_duration_seconds", "How long looks took, by kind and outcome.", labels=["kind", "outcome"]
        )
        for labels, durations in meter.looks():
            looks.add_metric(list(labels), *_classes(durations))
        yield looks


def _ledger(standing: Standing | None) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "rounds_ledger_answers", "Whether the database can be used.", value=float(standing is not None)
    )
    if standing is None:
        return
    for name, about, value in (
        ("tick_lag_seconds", "Since when the oldest due slot waits to become a run.", standing.tick_lag_s),
        ("unclaimed_run_seconds", "Since when the oldest run waits for a worker.", standing.unclaimed_s),
        ("expired_leases", "Runs whose worker has not reported in time.", standing.expired_leases),
        ("outbox_messages", "Messages decided but not delivered.", standing.outbox_depth),
        ("outbox_age_seconds", "Since when the oldest of them waits.", standing.outbox_age_s),
    ):
        yield GaugeMetricFamily(f"rounds_{name}", about, value=value)
    incidents = GaugeMetricFamily("rounds_incidents", "Unresolved incidents.", labels=["severity", "state"])
    for labels, count in sorted(standing.incidents.items()):
        incidents.add_metric(list(labels), count)
    yield incidents


def _classes(durations: Durations) -> tuple[list[tuple[str, float]], float]:
    """As Prometheus wants a histogram: each class counts all that is below its end."""
    ends = [*(str(bound) for bound in BOUNDS_S), "+Inf"]
    below, found = 0, []
    for end, count in zip(ends, durations.classes, strict=True):
        below += count
        found.append((end, float(below)))
    return found, durations.total_s


class _Collected:
    """What a registry asks for its metrics."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)
