"""Rules: CEL expressions over metrics, refused at load whenever they could fail or mislead at run time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cel

from bot.domain.expressions import BadRule, Node, tree
from bot.domain.guards import (
    CEL_FAILS,
    as_double,
    calculated_sides,
    compiled,
    constant,
    guarded,
    own_functions,
    refuse_texts,
    rehearse,
    variables,
)
from bot.domain.history import History, HistoryNeed, NotEnough, fact_of, history_named, number, unknown_metric
from bot.domain.near import listed
from checks import Measure, Outcome, Rules


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says of one object.

    Args:
        fired: `None` if it cannot be said.
        reason: why not, as the end of a sentence.
        not_enough: history that is missing; then there is no `reason`.
        values: what was known, by the names that the rule's tree uses.
        lacking: the metrics for whose want it cannot be said.
    """

    fired: bool | None
    reason: str | None = None
    not_enough: NotEnough | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """One compiled rule of one level.

    Args:
        metrics: the names compared directly.
        terms: the history behind each made-up name of `tree`.
        needs: the history the engine must fetch before this rule can be judged.
        named: every metric the rule is about, directly or by its history.
    """

    source: str
    level: Outcome
    metrics: frozenset[str]
    terms: Mapping[str, HistoryNeed]
    tree: Node
    _program: Any = field(repr=False, compare=False)
    _functions: Mapping[str, Any] = field(repr=False, compare=False)
    _quotients: tuple[Any, ...] = field(repr=False, compare=False)
    # Asked at every look, so they are not made anew each time.
    needs: frozenset[HistoryNeed] = field(init=False, repr=False)
    named: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", frozenset(self.terms.values()))
        object.__setattr__(self, "named", self.metrics | {need.metric for need in self.needs})

    @classmethod
    def compile(cls, source: str, *, level: Outcome, measures: Mapping[str, Measure]) -> Rule:
        """The rule of one line of configuration.

        Raises:
            BadRule: it could not be evaluated, or would not mean what it says.
        """
        words = guarded(source, measures)
        # As written first, so that a syntax error is found where the author sees it.
        compiled(source, words)
        words, terms = history_named(words, measures)
        refuse_texts(words)
        names = set(variables(words))
        for word in words:
            if word.text in names - terms.keys() - measures.keys():
                raise unknown_metric(word, measures)
        words = tuple(replace(word, text=as_double(word)) if word.kind == "number" else word for word in words)
        program = compiled(source, words)
        structure = tree(words, constant)
        rehearse(program, structure, sorted(names), source.strip())
        return cls(
            source=source.strip(),
            level=level,
            metrics=frozenset(names - terms.keys()),
            terms=terms,
            tree=structure,
            _program=program,
            _functions=own_functions(program),
            _quotients=tuple(cel.compile(text) for text in calculated_sides(words)),
        )

    def say(self, metrics: Mapping[str, Any], history: History, about: str | None = None) -> Said:
        """Whether the rule is true of one object.

        As in CEL, a part that cannot be evaluated matters only if the other parts do not decide.
        """
        values, gaps = _known(self, metrics, history, about)
        try:
            fired = self._program.execute({**values, **self._functions} if self._functions else values)
            undefined = self._quotients and any(math.isnan(side.execute(values)) for side in self._quotients)
        except CEL_FAILS:
            return _cannot_say(self, gaps, values)
        if undefined or not isinstance(fired, bool):
            return _cannot_say(self, gaps, values)
        return Said(fired, values=values)


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """The rules of one check.

    Args:
        levels: the rules there are, from critical down.
        named: every metric that one of them is about.
    """

    critical: Rule | None = None
    warning: Rule | None = None
    info: Rule | None = None
    levels: tuple[Rule, ...] = field(init=False, repr=False, compare=False)
    named: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        levels = tuple(rule for rule in (self.critical, self.warning, self.info) if rule is not None)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "named", frozenset[str]().union(*(rule.named for rule in levels)))

    @classmethod
    def compile(cls, rules: Rules, measures: Mapping[str, Measure]) -> CompiledRules:
        """Compile every level that has a rule.

        Raises:
            BadRule: the message begins with the level.
        """
        compiled: dict[str, Rule] = {}
        for level in (Outcome.CRITICAL, Outcome.WARNING, Outcome.INFO):
            source = getattr(rules, level.value)
            if source is not None:
                try:
                    compiled[level.value] = Rule.compile(source, level=level, measures=measures)
                except BadRule as error:
                    raise BadRule(f"{level.value}: {error}", error.position) from error
        return cls(**compiled)

    @property
    def needs(self) -> frozenset[HistoryNeed]:
        """All the history that the engine must fetch for this check."""
        return frozenset(need for rule in self.levels for need in rule.needs)


def _known(
    rule: Rule, metrics: Mapping[str, Any], history: History, about: str | None
) -> tuple[dict[str, float], dict[str, str | NotEnough]]:
    """What can be given to CEL, and why the rest cannot."""
    values: dict[str, float] = {}
    gaps: dict[str, str | NotEnough] = {}
    for name in rule.metrics:
        _sort_in(name, number(metrics.get(name), name, reported=name in metrics), values, gaps)
    for name, need in rule.terms.items():
        fact = history.get(replace(need, about=about))
        if fact is None and about is not None:
            fact = history.get(need)
        _sort_in(name, fact_of(need, fact, metrics), values, gaps)
    return values, gaps


def _sort_in(name: str, fact: float | str | NotEnough, values: dict[str, float], gaps: dict[str, Any]) -> None:
    if isinstance(fact, float):
        values[name] = fact
    else:
        gaps[name] = fact


def _cannot_say(rule: Rule, gaps: Mapping[str, str | NotEnough], values: Mapping[str, float]) -> Said:
    texts = {name: gap for name, gap in gaps.items() if isinstance(gap, str)}
    if texts:
        lacking = frozenset(rule.terms[name].metric if name in rule.terms else name for name in texts)
        return Said(None, reason=listed(sorted(texts.values())), values=values, lacking=lacking)
    waiting = [gap for gap in gaps.values() if isinstance(gap, NotEnough)]
    if waiting:
        last = max((gap.judged_from for gap in waiting if gap.judged_from), default=None)
        return Said(None, not_enough=NotEnough(last), values=values)
    return Said(None, reason="its arithmetic gives no number", values=values)
