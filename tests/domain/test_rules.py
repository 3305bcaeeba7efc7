"""Rules: which are refused and with what words, and which cannot mean what they say."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.contradictions import always_or_never, never_seen, other_scale
from bot.domain.expressions import BadRule
from bot.domain.history import HistoryNeed
from bot.domain.rules import CompiledRules, Rule
from checks import Measure, Outcome, Rules

MEASURES = {
    "used_percent": Measure("%", "share of the space that is used", "is {value} used"),
    "free_bytes": Measure("B", "space left", "has {value} free"),
    "status": Measure("", "HTTP status", "answered {value}"),
    "latency_ms": Measure("ms", "time to the last byte", "took {value}"),
    "newest_age_s": Measure("s", "age of the newest file", "newest file is {value} old"),
    "size_bytes": Measure("B", "size", "is {value} large"),
}


def rule(source: str) -> Rule:
    return Rule.compile(source, level=Outcome.CRITICAL, measures=MEASURES)


def test_a_rule_says_which_history_it_needs() -> None:
    compiled = rule('change(size_bytes, "1d") > 0.1 || change(size_bytes, "24h") < 0 || previous(status) > status')
    assert compiled.needs == {HistoryNeed("change", "size_bytes", timedelta(days=1)), HistoryNeed("previous", "status")}
    assert compiled.metrics == {"status"}


@pytest.mark.parametrize("source", ["abs(status, status) > 1", "min([1, 2]) > status"])
def test_what_fails_when_it_is_tried_is_told_once(source, caplog) -> None:
    with pytest.raises(BadRule):
        rule(source)
    assert not caplog.records, "CEL says it as well, on the terminal"


BAD = [
    pytest.param("used_percnt > 3", "did you mean used_percent?", 1, id="a misspelt metric"),
    pytest.param("used_percent > 1 || statu > 1", "did you mean status?", 21, id="a misspelt metric behind an or"),
    pytest.param("zzz > 3", "it reports free_bytes, latency_ms, newest_age_s", 1, id="an unknown metric lists those"),
    pytest.param("used_percent > 90%", "write 90", 16, id="a percent sign"),
    pytest.param("used_percent > 90 %", "a percentage is a plain number", 19, id="a percent sign apart"),
    pytest.param("latency_ms > 500ms", "write 0.5 for seconds, 500 for milliseconds", 14, id="a unit of time"),
    pytest.param("newest_age_s > 14d", "write 1209600 for seconds (", 16, id="a long time"),
    pytest.param("free_bytes < 1.5GB", "write 1500000000 for bytes", 14, id="a unit of size"),
    pytest.param("free_bytes < 10GiB", "write 10737418240 for bytes", 14, id="a unit of size in powers of two"),
    pytest.param("free_bytes < 10blocks", "write only the number", 14, id="a unit that nobody knows"),
    pytest.param("used_percent >", "stops too early, at character 15", 15, id="half a comparison"),
    pytest.param("(used_percent > 90", "stops too early", 19, id="an open bracket"),
    pytest.param("used_percent > 90)", '")" does not fit at character 18', 18, id="a bracket too many"),
    pytest.param("used_percent > 90 90", '"90" does not fit at character 19', 19, id="a word too many"),
    pytest.param("free_bytes < 10 GB", '"10 GB" is not a number', 14, id="a unit apart"),
    pytest.param("free_bytes < 10G", "write 10000000000 for bytes", 14, id="a unit of size without its B"),
    pytest.param("newest_age_s > 2 hours", "write 7200 for seconds", 16, id="a unit of time apart"),
    pytest.param("latency_ms > 1,000", "write 1000", 15, id="a comma in a number"),
    pytest.param("latency_ms > 1,000,000", "write 1000000", 15, id="two commas in a number"),
    pytest.param("status in (200, 204)", "in square brackets: status in [200, 204]", 11, id="a list in round brackets"),
    pytest.param("status in 200, 204", "in square brackets", 14, id="a list without brackets"),
    pytest.param("status not in [200]", "write !(status in [200, 204])", 8, id="the words not in"),
    pytest.param("status is not 200", "write !=", 8, id="the words is not"),
    pytest.param("status <> 200", "write !=", 8, id="unequal as SQL has it"),
    pytest.param("latency_ms => 500", "write >=", 12, id="an arrow"),
    pytest.param("latency_ms =< 500", "write <=", 12, id="an arrow backwards"),
    pytest.param("status === 200", "write ==", 8, id="three equals signs"),
    pytest.param("status > 3 AND status < 9", "write &&", 12, id="the word and, shouted"),
    pytest.param("> 90", "expected a metric, a number or a bracket", 1, id="a comparison of nothing"),
    pytest.param("status equals 200", "expected an operator, or the end", 8, id="a word for an operator"),
    pytest.param("status = 200", "write ==", 8, id="one equals sign"),
    pytest.param("status > 3 and status < 9", "write &&", 12, id="the word and"),
    pytest.param("not (status > 3)", "write !", 1, id="the word not"),
    pytest.param('status == "200"', "without quotation marks", 11, id="a number in quotation marks"),
    pytest.param('status == "200', "is not closed", 11, id="an open quotation"),
    pytest.param("status", "expected a comparison", None, id="a bare number"),
    pytest.param("status + 1", "expected a comparison", None, id="a sum"),
    pytest.param("status > 1 || status", "expected a comparison", None, id="a bare number behind an or"),
    pytest.param("status > 1 ? true : latency_ms", "expected a comparison", None, id="a bare number in a branch"),
    pytest.param("(status > 1) + 1 > 2", "mixes", None, id="arithmetic with truth"),
    pytest.param("foo(status) > 1", "foo() at character 1 is not allowed", 1, id="a function that is not there"),
    pytest.param("status > min()", "min() at character 10 is empty", 10, id="a function of nothing"),
    pytest.param("change() > 1", 'expected change(free_bytes, "1d")', 1, id="a history of nothing"),
    pytest.param("averag(status, '1h') > 1", "did you mean average?", 1, id="a misspelt function"),
    pytest.param("[1, 2].map(x, x)", "a metric has no parts", 7, id="a macro over a list"),
    pytest.param("(status).exists(x, x > 1)", '"." at character 9', 9, id="a macro over a metric"),
    pytest.param("has(status.code)", "a metric has no parts", 11, id="a part of a metric"),
    pytest.param("status[0] > 1", "a list stands only after in", None, id="an index"),
    pytest.param("{1: 2}[1] == status", "has no meaning", 1, id="a map"),
    pytest.param("change(status) > 1", 'expected change(free_bytes, "1d")', 1, id="a history without window"),
    pytest.param("change(status, 1d) > 1", "stands in quotes", 16, id="a window without quotation marks"),
    pytest.param('change(status, "1 month") > 1', "30 days", 16, id="a window in months"),
    pytest.param('change(status, "2 years") > 1', "days", 16, id="a window in years"),
    pytest.param('change(status, "600d") > 1', "400 days back", 16, id="a window beyond history"),
    pytest.param('change(status, "0s") > 1', "400 days back", 16, id="a window of nothing"),
    pytest.param('change(status + 1, "1d") > 1', "expected change", 1, id="a history of a sum"),
    pytest.param('average(statu, "1d") > 1', "did you mean status?", 9, id="a history of nothing known"),
    pytest.param("", "empty", None, id="nothing"),
    pytest.param("  ", "empty", None, id="spaces"),
    pytest.param("(" * 21 + "1" + ")" * 21, "nested more than 20 deep", 21, id="too many brackets"),
    pytest.param("status > 1 || " * 30 + "true", "at most 300", None, id="too long"),
    pytest.param("1e999 > status", "too large", 1, id="an endless number"),
    pytest.param("if > 3", "reserved word", 1, id="a reserved word"),
    pytest.param("status > 1; true", "has no meaning", 11, id="a second statement"),
    pytest.param("status > ½", "has no meaning", 10, id="a sign from elsewhere"),
    pytest.param("null == status", "no metric", 1, id="null"),
]


@pytest.mark.parametrize(("source", "sentence", "position"), BAD)
def test_a_bad_rule_is_refused_with_what_was_expected(source: str, sentence: str, position: int | None) -> None:
    with pytest.raises(BadRule) as refused:
        rule(source)
    assert sentence in str(refused.value)
    assert refused.value.position == position


def test_a_refusal_names_its_level() -> None:
    with pytest.raises(BadRule, match=r"^warning: the rule is empty"):
        CompiledRules.compile(Rules(warning=""), MEASURES)


GOOD = [
    "used_percent > 90",
    "used_percent>90&&status!=200",
    "(status >= 200 && status < 300) || status == 418",
    "status > 1 ? used_percent > 3 : latency_ms > 4",
    "(status > 1 ? 5 : 10) < latency_ms",
    "-status < -3.5e2",
    "99999999999999999999 > status",
    "double(status) > .5",
    "(status > 1) != (latency_ms > 1)",
    "status in [200, 204, -1]",
    "size([status, latency_ms]) > 3",
    "status\n> 1",
]


@pytest.mark.parametrize("source", GOOD)
def test_a_good_rule_compiles(source: str) -> None:
    assert rule(source).source == source


BOUNDED = MEASURES | {"exit_code": Measure("", "how it ended", "ended with {value}", lowest=0, highest=255)}

NEVER_OR_ALWAYS = [
    pytest.param("used_percent > 110", "can never be true; used_percent is between 0 % and 100 %", id="over 100 %"),
    pytest.param("used_percent > 100", "can never be true", id="just over 100 %"),
    pytest.param("used_percent >= 100", None, id="100 % itself may be"),
    pytest.param("used_percent >= 0", "is always true", id="at least nothing"),
    pytest.param("used_percent > 90 && used_percent < 80", "can never be true", id="above and below"),
    pytest.param("used_percent > 80 || used_percent <= 80", "is always true", id="above or below"),
    pytest.param("status == 200 && status == 500", "can never be true", id="two values at once"),
    pytest.param("status != 200 || status != 500", "is always true", id="unequal to either"),
    pytest.param("status in [200] && !(status in [200, 201])", "can never be true", id="in and not in"),
    pytest.param("!(used_percent <= 100)", "can never be true", id="not within"),
    pytest.param("free_bytes < 0", "can never be true", id="less than no bytes"),
    pytest.param("free_bytes < 0", "; free_bytes is never below 0 B", id="and why"),
    pytest.param("exit_code < 0", "; exit_code is between 0 and 255", id="below what it can be"),
    pytest.param("exit_code > 255", "; exit_code is between 0 and 255", id="above what it can be"),
    pytest.param("exit_code >= 0", "is always true; exit_code is between 0 and 255", id="all that it can be"),
    pytest.param("exit_code > 254", None, id="the last that it can be"),
    pytest.param(
        "exit_code == 1 && exit_code == 2", '"exit_code == 1 && exit_code == 2" can never be true', id="plain"
    ),
    pytest.param("true", "is always true", id="true"),
    pytest.param("1 > 2", "can never be true", id="a constant"),
    pytest.param("status != 200", None, id="an ordinary rule"),
    pytest.param("status + 1 > 5 && used_percent > 50", None, id="what we cannot see into"),
    pytest.param("status + 1 > 5 && used_percent > 500", "can never be true", id="what we need not see into"),
    pytest.param('average(used_percent, "1h") > 100', "can never be true", id="an average is bounded, too"),
    pytest.param('change(used_percent, "1h") > 100', None, id="a change is not"),
]


@pytest.mark.parametrize(("source", "sentence"), NEVER_OR_ALWAYS)
def test_rules_without_effect_are_found(source: str, sentence: str | None) -> None:
    found = always_or_never(Rule.compile(source, level=Outcome.WARNING, measures=BOUNDED), BOUNDED)
    assert found == sentence if sentence is None else found is not None and sentence in found


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("used_percent > 0.8", "means less than 1 %; for 80 % write 80"),
        ("free_bytes < 5 || used_percent >= 0.95", "for 95 % write 95"),
        ("used_percent > 0.5", None),
        ("used_percent > 1", None),
        ("status > 0.8", None),
        ('change(free_bytes, "1d") > 10', "means 1,000 %; for 10 % write 0.1"),
        ('change(free_bytes, "1d") > 2', None),
        ('change(free_bytes, "1d") < -0.5', None),
        ('average(used_percent, "1d") > 90', None),
    ],
)
def test_a_share_where_percent_belong_and_the_other_way_round_is_told(source: str, told: str | None) -> None:
    found = other_scale(rule(source), MEASURES)
    assert found is None if told is None else found is not None and told in found


@pytest.mark.parametrize(
    ("warning", "critical", "seen"),
    [
        ("used_percent > 95", "used_percent > 90", False),
        ("used_percent > 90", "used_percent > 90", False),
        ("used_percent > 80", "used_percent > 90", True),
        ("status == 500", "status != 200 || used_percent > 90", False),
        ("status != 200", "status in [500, 503]", True),
        ("used_percent > 95 && status == 200", "used_percent > 90", False),
        ("used_percent > 95", "used_percent > 90 && status + 1 > 5", True),
        ('average(used_percent, "1h") > 95', 'average(used_percent, "2h") > 90', True),
    ],
)
def test_a_rule_that_a_worse_level_always_stands_before_is_found(warning: str, critical: str, seen: bool) -> None:
    found = never_seen(rule(warning), Rule.compile(critical, level=Outcome.CRITICAL, measures=MEASURES), MEASURES)
    assert (found is None) is seen
    assert found is None or found.endswith(f'whenever it is true, critical is as well ("{critical}")')


@given(text=some.text(alphabet="ab<>=!&|()[]?:.,+-*/%\"'{} 019eu_µ\n\\status", max_size=60))
def test_no_text_is_refused_with_anything_but_a_sentence(text: str) -> None:
    with suppress(BadRule):
        rule(text)
