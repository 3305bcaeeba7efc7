"""The page for Prometheus: its own parser reads it, and every name says its unit."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.engine.meter import Meter
from bot.web.metrics import MetricsPage
from checks import Outcome


@pytest.fixture
def meter():
    meter = Meter()
    meter.calls["chat.postMessage", "ok"] += 3
    meter.calls["chat.postMessage", "slow_down"] += 1
    meter.looked("http", "ok", 0.02)
    meter.looked("http", "critical", 20.0)
    meter.escalation_lateness.add(0.3)
    meter.standing_still(2.5, over=False)
    meter.standing_still(0.1, over=True)
    return meter


async def page(meter, standing):
    async def ask():
        return standing

    text = (await MetricsPage(meter, ask, lambda: True)()).decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(family, **labels):
    (sample,) = [s for s in family.samples if all(s.labels.get(k) == v for k, v in labels.items())]
    return sample.value


async def test_what_was_counted_can_be_read(meter, ledger_standing):
    found = await page(meter, ledger_standing)
    assert value(found["rounds_slack_calls"], method="chat.postMessage", outcome="slow_down") == 1
    assert value(found["rounds_longest_stall_seconds"]) == 2.5
    assert value(found["rounds_stalls"]) == 1
    buckets = [s for s in found["rounds_look_duration_seconds"].samples if s.labels.get("outcome") == "critical"]
    assert {s.labels["le"]: s.value for s in buckets if s.name.endswith("_bucket")}["30.0"] == 1
    assert found["rounds_incidents"].samples == []
    assert value(found["rounds_outbox_messages"]) == 1


async def test_each_name_is_ours_and_each_is_explained(meter, ledger_standing):
    for name, family in (await page(meter, ledger_standing)).items():
        assert name.startswith("rounds_")
        assert family.documentation.endswith(".")


async def test_a_ledger_that_does_not_answer_is_said_and_the_rest_is_there(meter):
    found = await page(meter, None)
    assert value(found["rounds_ledger_answers"]) == 0
    assert "rounds_slack_calls" in found
    assert "rounds_outbox_messages" not in found


@pytest.fixture
async def ledger_standing(story):
    """A ledger in which one message waits."""
    await story.configured("channel: '#c'\nchecks:\n  a: {kind: disk, path: /}\n")
    await story.store.write(lambda tx: tx.notices.add("hello", channel="#c"))
    return await story.store.read(lambda tx: tx.gauges())


async def test_the_ledger_counts_what_is_open_and_what_is_late(story):
    await story.configured(
        "channel: '#c'\nchecks:\n  a: {kind: disk, path: /, every: 1m, open_after: 1}\n"
        "checklists:\n  morning: {schedule: every day at 09:00, items: [a]}\n"
    )
    story.fails("a", outcome=Outcome.WARNING)
    await story.after("2m")
    gauges = await story.store.read(lambda tx: tx.gauges())
    assert gauges.incidents == {("warning", "open"): 1}
    assert gauges.tick_lag_s == 0.0
    story.clock.at = story.clock.at.replace(hour=9, minute=30)
    gauges = await story.store.read(lambda tx: tx.gauges())
    assert gauges.tick_lag_s >= 1800.0 - 60
