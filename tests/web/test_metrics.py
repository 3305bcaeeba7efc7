"""The page for Prometheus: its own parser reads it, and every name says its unit."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.engine.meter import Meter
from bot.web.metrics import MetricsPage
from checks import Outcome


@pytest.fixture
def meter():
    meter = Meter()
    meter.calls["chat.postMessage", "ok"] += 3
    meter.calls["chat.postMessage", "slow_down"] += 1
    meter.deliveries["sent"] += 2
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
    assert value(found["rounds_deliveries"], outcome="sent") == 2
    assert value(found["rounds_deliveries"], outcome="failed") == 0, (
        "from 0 to 1 is an increase, from nothing to 1 is none"
    )
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


DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
RULES = Path(__file__).parents[2] / "docs" / "prometheus-alerts.yml"


async def test_the_documentation_names_each_metric_with_its_type_and_labels(meter, ledger_standing):
    await_labels = {"rounds_incidents": {"severity", "state"}}  # there is none to be seen here
    found = {}
    for name, family in (await page(meter, ledger_standing)).items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        found[name] = (family.type, labels or await_labels.get(name, set()))
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| (.*) \|$", DOCS.read_text(), re.M)
    told = {name: (sort, set(re.findall(r"\w+", labels))) for name, sort, labels, _ in rows}
    assert told == found
    for name, _, _, about in rows:
        family = (await page(meter, ledger_standing))[name]
        assert family.documentation.rstrip(".") in about, name


async def test_the_example_rules_ask_for_metrics_that_there_are(meter, ledger_standing):
    there = {s.name for family in (await page(meter, ledger_standing)).values() for s in family.samples}
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"rounds_\w+", rule["expr"])}
    assert len(rules) == len({rule["alert"] for rule in rules}) > 5
    assert asked <= there
