"""Judging: what a look means, by rules in CEL."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.history import History
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
    absent: frozenset[str] = frozenset(),
    **levels: str,
) -> Verdict:
    """A verdict on numbers; a metric given as a dict has objects."""
    listed: list[Metric] = []
    for name, value in metrics.items():
        each = value if isinstance(value, dict) else {None: value}
        listed += [Metric(name, one, of) for of, one in each.items()]
    rules = CompiledRules.compile(Rules(**levels), MEASURES)
    return judge(about, MEASURES, rules, Look(tuple(listed), findings, absent=absent), history=history or {}, now=NOW)


def said(verdict: Verdict) -> list[str]:
    return [f"{finding.outcome}: {finding.text}" for finding in verdict.findings]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("newest_age_s > 60", "ok: /in has 5 B free"),
        ("newest_age_s > 60 || free_bytes < 9", "warning: /in has 5 B free (limit 9 B)"),
        ("newest_age_s > 60 || free_bytes < 1", "ok: /in has 5 B free"),
        ("!(newest_age_s < 60)", "ok: /in has 5 B free"),
        (
            "newest_age_s > 60 && size_bytes > 1",
            "unknown: cannot judge /in: newest_age_s was not reported and size_bytes was",
        ),
    ],
)
def test_a_rule_about_what_there_is_none_of_is_not_true(rule: str, told: str) -> None:
    verdict = judged({"free_bytes": 5}, about="/in", absent=frozenset(("newest_age_s",)), warning=rule)
    assert said(verdict)[0].startswith(told)


SENTENCES = [
    pytest.param(
        {"used_percent": 91},
        {"critical": "used_percent > 90", "warning": "used_percent > 80"},
        ["critical: / is 91 % used (limit 90 %)"],
        id="the worst level that is true is told, with its limit",
    ),
    pytest.param(
        {"used_percent": 85.25},
        {"critical": "used_percent > 90", "warning": "used_percent > 80"},
        ["warning: / is 85.2 % used (limit 80 %)"],
        id="a lower level is told when the higher is not true",
    ),
    pytest.param(
        {"used_percent": 90},
        {"critical": "used_percent >= 90"},
        ["critical: / is 90 % used (limit 90 %)"],
        id="the limit itself counts where the rule says so",
    ),
    pytest.param(
        {"used_percent": 41, "free_bytes": 5},
        {"critical": "used_percent > 90"},
        ["ok: / is 41 % used"],
        id="all well tells the numbers its rules look at",
    ),
    pytest.param({"used_percent": 41}, {}, ["ok: / is 41 % used"], id="without rules the numbers are told"),
    pytest.param({}, {}, ["ok: / was looked at; no rule judges it"], id="nothing measured and no rule is said"),
    pytest.param(
        {"status": 503}, {"critical": "status != 200"}, ["critical: / answered 503 (expected 200)"], id="expected one"
    ),
    pytest.param(
        {"status": 503},
        {"critical": "!(status in [200, 204])"},
        ["critical: / answered 503 (expected 200 or 204)"],
        id="expected one of several",
    ),
    pytest.param(
        {"status": 503}, {"critical": "status == 503"}, ["critical: / answered 503 (must not be 503)"], id="forbidden"
    ),
    pytest.param(
        {"newest_age_s": 30 * 3600},
        {"critical": "newest_age_s > 26 * 3600"},
        ["critical: / newest file is 30 h old (limit 26 h)"],
        id="a limit may be calculated from constants",
    ),
    pytest.param(
        {"used_percent": 95},
        {"critical": "90 < used_percent"},
        ["critical: / is 95 % used (limit 90 %)"],
        id="the limit may stand on the left",
    ),
    pytest.param(
        {"used_percent": 95, "latency_ms": 9},
        {"critical": "latency_ms > 500 || used_percent > 90"},
        ["critical: / is 95 % used (limit 90 %)"],
        id="of alternatives only the true one is told",
    ),
    pytest.param(
        {"used_percent": 95, "latency_ms": 900},
        {"critical": "latency_ms > 500 && used_percent > 90"},
        ["critical: / took 900 ms (limit 500 ms) and is 95 % used (limit 90 %)"],
        id="all that had to be true together is told",
    ),
    pytest.param(
        {"used_percent": 95, "free_bytes": 4},
        {"critical": "used_percent > free_bytes * 2"},
        ["critical: /: free_bytes 4 B and used_percent 95 % (rule: used_percent > free_bytes * 2)"],
        id="what is no simple comparison lists its values and the rule",
    ),
    pytest.param(
        {"used_percent": 1, "free_bytes": 3},
        {"critical": "used_percent / free_bytes < 0.5"},
        ["critical: /: free_bytes 3 B and used_percent 1 % (rule: used_percent / free_bytes < 0.5)"],
        id="whole numbers divide with their fraction",
    ),
    pytest.param(
        {"status": 1},
        {"critical": "1 / 2 > 0.4 && status * 2 == 2"},
        ["critical: /: status 1 (rule: 1 / 2 > 0.4 && status * 2 == 2)"],
        id="whole literals are doubles, too",
    ),
    pytest.param(
        {"used_percent": 4, "status": 2},
        {"critical": "min(used_percent, status) < 3 && max(used_percent, status) > 3 && abs(status) > 1"},
        [
            "critical: /: status 2 and used_percent 4 % "
            "(rule: min(used_percent, status) < 3 && max(used_percent, status) > 3 && abs(status) > 1)"
        ],
        id="min, max and abs are there",
    ),
    pytest.param(
        {"used_percent": {"/": 95, "/home": 85, "/x": 2}},
        {"critical": "used_percent > 90", "warning": "used_percent > 80"},
        ["critical: / is 95 % used (limit 90 %)", "warning: /home is 85 % used (limit 80 %)"],
        id="every object is judged for itself",
    ),
    pytest.param(
        {"used_percent": {"/a": 5, "/b": 8}, "status": 200},
        {"critical": "used_percent > 90 || status != 200"},
        ["ok: /a is 5 % used; /b is 8 % used"],
        id="numbers of the whole check are seen by every object",
    ),
    pytest.param(
        {"used_percent": {"/a": 5, "/b": 8, "/c": 7, "/d": 50}},
        {"critical": "used_percent > 90"},
        ["ok: /: all 4 are fine, used_percent from 5 % (/a) to 50 % (/d)"],
        id="many objects are told by their extremes",
    ),
    pytest.param(
        {"used_percent": {"/a": 5}, "latency_ms": {"/b": 900}},
        {"critical": "latency_ms > 500"},
        ["critical: /b took 900 ms (limit 500 ms)"],
        id="an object to which a number does not apply is not judged by it",
    ),
    pytest.param(
        {"used_percent": True},
        {"critical": "used_percent >= 1"},
        ["critical: / is 1 % used (limit 1 %)"],
        id="true counts as one",
    ),
]


@pytest.mark.parametrize(("metrics", "levels", "sentences"), SENTENCES)
def test_a_verdict_reads_as_a_person_would_say_it(
    metrics: dict[str, Any], levels: dict[str, str], sentences: list[str]
) -> None:
    assert said(judged(metrics, **levels)) == sentences


UNKNOWN = [
    pytest.param({}, "used_percent > 90", "used_percent was not reported", id="a metric that is missing"),
    pytest.param({"used_percent": math.nan}, "used_percent > 90", "used_percent is not a number", id="not a number"),
    pytest.param({"used_percent": None}, "used_percent > 90", "used_percent has no number", id="None"),
    pytest.param({"used_percent": "much"}, "used_percent > 90", "used_percent has no number", id="a text"),
    pytest.param({"used_percent": 10**400}, "used_percent > 90", "used_percent has no number", id="too large"),
    pytest.param({"status": math.nan}, "status != 200", "status is not a number", id="not a number is not unequal"),
    pytest.param({"status": math.nan}, "!(status in [200])", "status is not a number", id="nor outside of a list"),
    pytest.param(
        {"used_percent": 0, "free_bytes": 0},
        "used_percent / free_bytes > 1",
        "its arithmetic gives no number",
        id="nothing divided by nothing",
    ),
    pytest.param(
        {"used_percent": 0, "free_bytes": 0},
        "used_percent / free_bytes == 1",
        "its arithmetic gives no number",
        id="nothing divided by nothing is not quietly unequal",
    ),
    pytest.param(
        {"used_percent": 0, "free_bytes": 0},
        "min(used_percent / free_bytes, 5) < 7",
        "its arithmetic gives no number",
        id="nor does min hide it",
    ),
    pytest.param(
        {"used_percent": 50}, "used_percent > 90 || status != 200", "status was not reported", id="an undecided or"
    ),
]


@pytest.mark.parametrize(("metrics", "source", "reason"), UNKNOWN)
def test_what_cannot_be_evaluated_is_unknown_and_names_rule_and_reason(
    metrics: dict[str, Any], source: str, reason: str
) -> None:
    verdict = judged(metrics, critical=source)
    assert said(verdict) == [f"unknown: cannot judge /: {reason} (critical: {source})"]
    assert verdict.outcome is Outcome.UNKNOWN


def test_a_rule_that_other_parts_decide_does_not_need_the_missing_metric() -> None:
    assert judged({"used_percent": 95}, critical="used_percent > 90 || status != 200").outcome is Outcome.CRITICAL
    assert judged({"used_percent": 5}, critical="used_percent > 90 && status != 200").outcome is Outcome.OK


def test_one_missing_metric_is_told_once_for_all_levels() -> None:
    verdict = judged({}, critical="used_percent > 90", warning="used_percent > 80")
    assert said(verdict) == [
        "unknown: cannot judge /: used_percent was not reported "
        "(critical: used_percent > 90; warning: used_percent > 80)"
    ]


def test_an_unknown_critical_rule_does_not_hide_a_warning() -> None:
    verdict = judged({"used_percent": 85}, critical="status != 200", warning="used_percent > 80")
    assert verdict.outcome is Outcome.UNKNOWN
    assert said(verdict)[1] == "warning: / is 85 % used (limit 80 %)"


def test_a_broken_target_stands_above_rules() -> None:
    broken = Finding(Outcome.CRITICAL, "db:5432 refuses connections")
    verdict = judged({"used_percent": 99}, findings=(broken,), critical="used_percent > 90", warning="status != 200")
    assert verdict == Verdict(Outcome.CRITICAL, (broken,))


def test_the_kinds_own_lesser_findings_are_kept_beside_the_rules() -> None:
    own = Finding(Outcome.INFO, "the certificate is self-signed")
    verdict = judged({"used_percent": 85}, findings=(own,), warning="used_percent > 80")
    assert said(verdict) == ["warning: / is 85 % used (limit 80 %)", "info: the certificate is self-signed"]
    assert said(judged({"used_percent": 5}, findings=(own,), warning="used_percent > 80")) == [
        "info: the certificate is self-signed"
    ]


def test_an_own_ok_finding_stands_beside_the_numbers() -> None:
    own = Finding(Outcome.OK, "no ceiling is set")
    assert said(judged({"used_percent": 5}, findings=(own,), warning="used_percent > 80")) == [
        "ok: no ceiling is set",
        "ok: / is 5 % used",
    ]
