"""How a comparison that is true is said: `is 91 % used (limit 90 %)`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bot.domain.durations import say
from bot.domain.expressions import Comparison
from bot.domain.history import HistoryNeed, number
from bot.domain.near import listed
from bot.domain.rules import Rule
from checks import Measure, show

_UNSAID = Measure("", "", "has {value}")


def phrase(measure: Measure, value: float) -> str:
    """The measure's phrase with the value in it: `is 91 % used`; `(s)` in it is an s, unless there is one."""
    ending = "" if value == 1 else "s"
    return measure.phrase.replace("(s)", ending).replace("{value}", show(value, measure.unit))


def because(
    comparison: Comparison,
    rule: Rule,
    values: Mapping[str, float],
    measures: Mapping[str, Measure],
    metrics: Mapping[str, Any],
) -> str:
    """The end of a sentence that begins with the object."""
    value = values[comparison.term]
    need = rule.terms.get(comparison.term)
    if need is None:
        measure = measures.get(comparison.term, _UNSAID)
        return f"{phrase(measure, value)} {_limit(comparison, measure.unit)}"
    measure = measures.get(need.metric, _UNSAID)
    unit = "s" if need.function == "missing_for" else measure.unit
    if need.function == "change":
        percents = Comparison(comparison.term, comparison.sign, tuple(100 * limit for limit in comparison.limits))
        return f"{_changed(need, value, measure, metrics)} {_limit(percents, '%')}"
    return f"{_historic(need, value, measure)} {_limit(comparison, unit)}"


def figure(name: str, value: float, rule: Rule, measures: Mapping[str, Measure]) -> str:
    """A name and its value, for rules that are no simple comparison: `used_percent 91 %`."""
    need = rule.terms.get(name)
    if need is None:
        return f"{name} {show(value, measures.get(name, _UNSAID).unit)}"
    unit = {"change": "", "missing_for": "s"}.get(need.function, measures.get(need.metric, _UNSAID).unit)
    window = f" over {say(need.window)}" if need.window else ""
    return f"{need.function} of {need.metric}{window} {show(value, unit)}"


def _limit(comparison: Comparison, unit: str) -> str:
    limits = listed((show(limit, unit) for limit in comparison.limits), last="or")
    match comparison.sign:
        case "!=" | "not in":
            return f"(expected {limits})"
        case "==" | "in":
            return f"(must not be {limits})"
        case _:
            return f"(limit {limits})"


def _changed(need: HistoryNeed, value: float, measure: Measure, metrics: Mapping[str, Any]) -> str:
    now = number(metrics.get(need.metric), need.metric)
    told = f"{phrase(measure, now)}, " if isinstance(now, float) else ""
    ago = f"{say(need.window)} ago" if need.window else "before"
    if math.isinf(value):
        return f"{told}from nothing {ago}"
    return f"{told}{show(abs(100 * value), '%')} {'more' if value >= 0 else 'less'} than {ago}"


def _historic(need: HistoryNeed, value: float, measure: Measure) -> str:
    said = phrase(measure, value)
    window = say(need.window) if need.window else ""
    match need.function:
        case "average":
            return f"{said} on average over {window}"
        case "lowest" | "highest":
            return f"{said} at the {need.function} over {window}"
        case "missing_for":
            return f"has not reported {need.metric} for {show(value, 's')}"
        case _:
            return f"{said} at the look before"
