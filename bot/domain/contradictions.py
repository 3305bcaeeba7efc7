"""Rules that cannot mean what they say: those that are never true, and those that always are.

A best effort over simple comparisons; silence proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.domain.expressions import OPPOSITE, AllOf, AnyOf, Comparison, Node, Opaque
from bot.domain.rules import Rule
from checks import Measure, show

_MOST_GROWTH = 5
"""A change by which a limit is rather meant in percent: six times as much as before."""

_LEAST_SHARE = 0.5
"""A share above which a limit of a percentage is rather meant as one; half a percent of waiting is a limit."""

_MOST_CASES = 64
"""Combinations of `||` inside `&&` that are followed; a rule of 300 characters rarely has ten."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The values that a number can still have: an interval, perhaps only these, never those."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    only: frozenset[float] | None = None
    never: frozenset[float] = frozenset()

    def holds(self, value: float) -> bool:
        above = value > self.low or (value == self.low and not self.low_open)
        below = value < self.high or (value == self.high and not self.high_open)
        return above and below and value not in self.never

    @property
    def empty(self) -> bool:
        if self.only is not None:
            return not any(self.holds(value) for value in self.only)
        return self.low > self.high or (self.low == self.high and not self.holds(self.low))

    def narrowed(self, comparison: Comparison) -> _Range:
        limit = comparison.limits[0]
        match comparison.sign:
            case ">" | ">=" if (limit, comparison.sign == ">") > (self.low, self.low_open):
                return replace(self, low=limit, low_open=comparison.sign == ">")
            case "<" | "<=" if (-limit, comparison.sign == "<") > (-self.high, self.high_open):
                return replace(self, high=limit, high_open=comparison.sign == "<")
            case "==" | "in":
                allowed = frozenset(comparison.limits)
                return replace(self, only=allowed if self.only is None else self.only & allowed)
            case "!=" | "not in":
                return replace(self, never=self.never | frozenset(comparison.limits))
            case _:
                return self


_Case = Mapping[str, _Range]
"""What is known of each number if one way of making a rule true is taken."""


def always_or_never(rule: Rule, measures: Mapping[str, Measure]) -> str | None:
    """A sentence if the rule is never true or always true; `None` if it may be either, as far as we can see."""
    natural = {name: _natural(name, rule, measures) for name in (*rule.metrics, *rule.terms)}
    for tree, what in ((rule.tree, "can never be"), (_negated(rule.tree), "is always")):
        if _impossible(tree, natural):
            by_itself = _impossible(tree, dict.fromkeys(natural, _Range()))
            return f'"{rule.source}" {what} true{"" if by_itself else _told(rule, measures)}'
    return None


def other_scale(rule: Rule, measures: Mapping[str, Measure]) -> str | None:
    """A sentence if a limit looks like a share where percent are compared, or the other way round."""
    for one in _comparisons(rule.tree):
        need, limit = rule.terms.get(one.term), one.limits[0]
        if need is not None and need.function == "change":
            if limit >= _MOST_GROWTH and one.sign in (">", ">="):
                meant = f"for {limit:g} % write {limit / 100:g}"
                return f'"{rule.source}" means {100 * limit:,.0f} %; {meant}'
        elif (
            need is None
            and measures[one.term].unit == "%"
            and _LEAST_SHARE < limit < 1
            and one.sign not in ("==", "!=")
        ):
            return f'"{rule.source}" means less than 1 %; for {100 * limit:g} % write {100 * limit:g}'
    return None


def _comparisons(node: Node) -> Iterator[Comparison]:
    match node:
        case Comparison():
            yield node
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _comparisons(part)


def _told(rule: Rule, measures: Mapping[str, Measure]) -> str:
    """The values that the metrics of a rule can have, for a sentence that rests on them."""
    told = ""
    for name in sorted(rule.metrics):
        unit, (low, high) = measures[name].unit, measures[name].bounds
        if high < math.inf:
            told += f"; {name} is between {show(low, unit)} and {show(high, unit)}"
        elif low > -math.inf:
            told += f"; {name} is never below {show(low, unit)}"
    return told


def never_seen(rule: Rule, above: Rule, measures: Mapping[str, Measure]) -> str | None:
    """A sentence if the rule of a worse level is true whenever this one is; `None` if not, as far as we can see."""
    if rule.terms or above.terms:
        return None  # each rule has names of its own for what it asks of history
    natural = {name: _natural(name, rule, measures) for name in rule.metrics | above.metrics}
    if not _impossible(AllOf((rule.tree, _negated(above.tree))), natural):
        return None
    return f'"{rule.source}" is never seen: whenever it is true, {above.level.value} is as well ("{above.source}")'


def _natural(name: str, rule: Rule, measures: Mapping[str, Measure]) -> _Range:
    """The values that a metric can have at all."""
    need = rule.terms.get(name)
    if need is not None and need.function in ("change", "missing_for"):
        return _Range(low=0) if need.function == "missing_for" else _Range()
    low, high = measures[need.metric if need else name].bounds
    return _Range(low=low, high=high)


def _impossible(node: Node, natural: _Case) -> bool:
    cases = _cases(node, [natural])
    return cases is not None and not cases


def _cases(node: Node, cases: list[_Case]) -> list[_Case] | None:
    """The cases that remain possible if `node` is true as well; `None` when there are too many to follow."""
    match node:
        case Opaque(truth=truth):
            return [] if truth is False else cases
        case Comparison(term=term):
            narrowed = [{**case, term: case[term].narrowed(node)} for case in cases]
            return [case for case in narrowed if not case[term].empty]
        case AllOf(parts=parts):
            left: list[_Case] | None = cases
            for part in parts:
                left = None if left is None else _cases(part, left)
            return left
        case AnyOf(parts=parts):
            each = [_cases(part, cases) for part in parts]
            found = [case for some in each if some is not None for case in some]
            return None if None in each or len(found) > _MOST_CASES else found


def _negated(node: Node) -> Node:
    match node:
        case Comparison(term=term, sign=sign, limits=limits):
            return Comparison(term, OPPOSITE[sign], limits)
        case Opaque(source=source, truth=truth):
            return Opaque(f"!({source})", None if truth is None else not truth)
        case AllOf(parts=parts):
            return AnyOf(tuple(_negated(part) for part in parts))
        case AnyOf(parts=parts):
            return AllOf(tuple(_negated(part) for part in parts))
