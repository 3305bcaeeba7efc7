"""Judging by history, and what holds for every rule and look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from bot.domain.history import History, HistoryNeed, NotEnough
from bot.domain.judging import Verdict, judge
from bot.domain.rules import CompiledRules
from checks import Finding, Look, Measure, Metric, Outcome, Rules

MEASURES = {
    "used_percent": Measure("%", "share of the space that is used", "is {value} used"),
    "free_bytes": Measure("B", "space left", "has {value} free"),
    "status": Measure("", "HTTP status", "answered {value}"),
    "latency_ms": Measure("ms", "time to the last byte", "took {value}"),
    "newest_age_s": Measure("s", "age of the newest file", "newest file is {value} old"),
    "size_bytes": Measure("B", "size", "is {value} large"),
}
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def judged(
    metrics: dict[str, Any],
    *,
    about: str = "/",
    history: History | None = None,
    findings: tuple[Finding, ...] = (),
    **levels: str,
) -> Verdict:
    """A verdict on numbers; a metric given as a dict has objects."""
    listed: list[Metric] = []
    for name, value in metrics.items():
        each = value if isinstance(value, dict) else {None: value}
        listed += [Metric(name, one, of) for of, one in each.items()]
    rules = CompiledRules.compile(Rules(**levels), MEASURES)
    return judge(about, MEASURES, rules, Look(tuple(listed), findings), history=history or {}, now=NOW)


def said(verdict: Verdict) -> list[str]:
    return [f"{finding.outcome}: {finding.text}" for finding in verdict.findings]


A_DAY_AGO = HistoryNeed("change", "size_bytes", DAY)
HISTORIC = [
    pytest.param(
        'change(size_bytes, "1d") > 0.10',
        {"size_bytes": 5 * 2**30},
        {A_DAY_AGO: float(4 * 2**30)},
        "critical: / is 5 GiB large, 25 % more than 1 day ago (limit 10 %)",
        id="growth against a day ago",
    ),
    pytest.param(
        'change(size_bytes, "24h") < -0.10',
        {"size_bytes": 3 * 2**30},
        {A_DAY_AGO: float(4 * 2**30)},
        "critical: / is 3 GiB large, 25 % less than 1 day ago (limit -10 %)",
        id="shrinking, with the same window written otherwise",
    ),
    pytest.param(
        'change(size_bytes, "1d") > 0.10',
        {"size_bytes": 1024},
        {A_DAY_AGO: 0.0},
        "critical: / is 1 KiB large, from nothing 1 day ago (limit 10 %)",
        id="from nothing to something is more than any limit",
    ),
    pytest.param(
        'change(size_bytes, "1d") > 0.10',
        {"size_bytes": 0},
        {A_DAY_AGO: 0.0},
        "ok: / is 0 B large",
        id="from nothing to nothing is no change",
    ),
    pytest.param(
        'average(used_percent, "1h") > 50',
        {"used_percent": 3},
        {HistoryNeed("average", "used_percent", HOUR): 73.0},
        "critical: / is 73 % used on average over 1 h (limit 50 %)",
        id="an average",
    ),
    pytest.param(
        'lowest(used_percent, "1h") > 50',
        {},
        {HistoryNeed("lowest", "used_percent", HOUR): 73.0},
        "critical: / is 73 % used at the lowest over 1 h (limit 50 %)",
        id="a lowest",
    ),
    pytest.param(
        "previous(status) != 200 && status != 200",
        {"status": 503},
        {HistoryNeed("previous", "status"): 500.0},
        "critical: / answered 500 at the look before (expected 200) and answered 503 (expected 200)",
        id="the look before",
    ),
    pytest.param(
        "missing_for(size_bytes) > 7200",
        {},
        {HistoryNeed("missing_for", "size_bytes"): 7300.0},
        "critical: / has not reported size_bytes for 2 h (limit 2 h)",
        id="missing for",
    ),
    pytest.param(
        "missing_for(size_bytes) > 7200",
        {"size_bytes": 1},
        {HistoryNeed("missing_for", "size_bytes"): 7300.0},
        "ok: / is 1 B large",
        id="what is there now is not missing, whatever history says",
    ),
    pytest.param(
        'change(size_bytes, "1d") > 0.10',
        {"size_bytes": 5},
        {A_DAY_AGO: NotEnough(NOW + timedelta(days=1, hours=5))},
        'info: /: judged from Monday 23 November 14:00 (critical: change(size_bytes, "1d") > 0.10)',
        id="not enough history: not judged, and from when",
    ),
    pytest.param(
        'change(size_bytes, "1d") > 0.10',
        {"size_bytes": 5},
        {},
        'info: /: judged once there is enough history (critical: change(size_bytes, "1d") > 0.10)',
        id="no answer about history is not enough, too",
    ),
    pytest.param(
        'change(size_bytes, "1d") > 0.10 || size_bytes > 1024',
        {"size_bytes": 4096},
        {},
        "critical: / is 4 KiB large (limit 1 KiB)",
        id="history that does not decide may be missing",
    ),
    pytest.param(
        'change(size_bytes, "1d") > 0.10',
        {},
        {A_DAY_AGO: 4.0},
        'unknown: cannot judge /: size_bytes was not reported (critical: change(size_bytes, "1d") > 0.10)',
        id="a change of what is not there is unknown",
    ),
    pytest.param(
        'average(used_percent, "1h") > previous(used_percent) * 2',
        {"used_percent": 1},
        {
            HistoryNeed("average", "used_percent", HOUR): 73.0,
            HistoryNeed("previous", "used_percent"): 3.0,
        },
        "critical: /: average of used_percent over 1 h 73 % and previous of used_percent 3 % "
        '(rule: average(used_percent, "1h") > previous(used_percent) * 2)',
        id="history beside history lists both",
    ),
]


@pytest.mark.parametrize(("source", "metrics", "history", "sentence"), HISTORIC)
def test_history_is_judged(source: str, metrics: dict[str, Any], history: History, sentence: str) -> None:
    assert said(judged(metrics, history=history, critical=source)) == [sentence]


def test_history_is_looked_up_for_each_object() -> None:
    need = HistoryNeed("change", "size_bytes", DAY, about="web-1")
    history = {need: 100.0, HistoryNeed("change", "size_bytes", DAY, about="web-2"): NotEnough(NOW + DAY)}
    verdict = judged(
        {"size_bytes": {"web-1": 150, "web-2": 150}}, history=history, warning='change(size_bytes, "1d") > 0.1'
    )
    assert said(verdict) == [
        "warning: web-1 is 150 B large, 50 % more than 1 day ago (limit 10 %)",
        'info: web-2: judged from Monday 23 November 09:00 (warning: change(size_bytes, "1d") > 0.1)',
    ]


def test_an_object_that_vanished_is_missed() -> None:
    history = {HistoryNeed("missing_for", "size_bytes", about="web-2"): 9000.0}
    verdict = judged({"size_bytes": {"web-1": 1}}, history=history, critical="missing_for(size_bytes) > 3600")
    assert said(verdict) == ["critical: web-2 has not reported size_bytes for 2.5 h (limit 60 min)"]


_numbers = some.one_of(
    some.floats(),
    some.integers(),
    some.booleans(),
    some.none(),
    some.text(max_size=3),
    some.sampled_from([0, 90, 200, -1, 10**400]),
)
_metrics = some.lists(
    some.builds(Metric, some.sampled_from(sorted(MEASURES)), _numbers, some.sampled_from([None, "a", "b", ""])),
    max_size=8,
)
_facts = some.dictionaries(
    some.builds(
        HistoryNeed,
        some.sampled_from(["change", "average", "missing_for"]),
        some.sampled_from(sorted(MEASURES)),
        some.sampled_from([None, DAY]),
        some.sampled_from([None, "a", "c"]),
    ),
    some.one_of(some.floats(), some.builds(NotEnough, some.sampled_from([None, NOW]))),
    max_size=5,
)
_atoms = some.sampled_from(
    [
        "used_percent > 90",
        "status != 200",
        "free_bytes / size_bytes == 1",
        "latency_ms in [1, 2]",
        'change(size_bytes, "1d") > 0.1',
        "missing_for(used_percent) > 60",
        'average(status, "1d") * 2 < status',
        "min(status, 3 / used_percent) > 0",
    ]
)
_sources = some.recursive(
    _atoms,
    lambda inner: some.one_of(
        some.tuples(inner, inner).map(lambda pair: f"({pair[0]} || {pair[1]})"),
        some.tuples(inner, inner).map(lambda pair: f"{pair[0]} && {pair[1]}"),
        inner.map(lambda source: f"!({source})"),
    ),
    max_leaves=4,
).filter(lambda source: len(source) <= 300)


@example("!(latency_ms in [1, 2])", [Metric("latency_ms", 1.0, "a")], {HistoryNeed("missing_for", "latency_ms"): 0.0})
@given(source=_sources, metrics=_metrics, facts=_facts)
def test_judging_never_raises_and_unknown_is_never_ok(
    source: str, metrics: list[Metric], facts: dict[HistoryNeed, float | NotEnough]
) -> None:
    rules = CompiledRules.compile(Rules(warning=source), MEASURES)
    verdict = judge("/", MEASURES, rules, Look(tuple(metrics)), history=facts, now=NOW)
    assert verdict.findings
    assert verdict.outcome is Outcome.worst(finding.outcome for finding in verdict.findings)
    if verdict.outcome is Outcome.OK:
        # Ok means: the rule was evaluated, and is false, for every object.
        values: dict[str | None, dict[str, Any]] = {None: {}}
        for metric in metrics:
            values.setdefault(metric.about, {})[metric.name] = metric.value
        named = rules.levels[0].named
        having = [about for about in values if about is not None and named & values[about].keys()]
        # What belongs to the whole check is judged by itself only where no object has the metric.
        vanished = [need.about for need in facts if need.function == "missing_for" and need.metric in named]
        having += [about for about in vanished if about is not None]
        for about in having or [None]:
            assert rules.levels[0].say({**values[None], **values.get(about, {})}, facts, about).fired is False
