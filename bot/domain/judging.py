"""Judging: what a look means, by the rules of its check.

A kind's own critical finding stands above rules. Otherwise each object is judged from critical down, and the first
rule that is true wins. What cannot be evaluated is *unknown*, never ok.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.days import MONTHS, WEEKDAYS
from bot.domain.expressions import reasons
from bot.domain.history import History, NotEnough, number
from bot.domain.near import listed
from bot.domain.phrases import because, figure, phrase
from bot.domain.rules import CompiledRules, Rule, Said
from checks import Finding, Look, Measure, Metric, Outcome, show

_SHOWN = 3
"""Objects or metrics that one sentence names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look means: the worst outcome, and the findings, worst first."""

    outcome: Outcome
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    """A rule that could not be judged for an object."""

    rule: Rule
    about: str | None
    said: Said


def judge(
    check_about: str,
    measures: Mapping[str, Measure],
    rules: CompiledRules,
    look: Look,
    *,
    history: History,
    now: datetime,
) -> Verdict:
    """The verdict on one look. Never raises.

    Args:
        check_about: the check's object in words, for metrics that name none.
        history: a fact for each of `rules.needs`, by object where metrics have objects.
        now: aware; dates in sentences are told in its zone.
    """
    if any(finding.outcome is Outcome.CRITICAL for finding in look.findings):
        return _verdict(look.findings)
    values = _by_object(look.metrics)
    fired: list[Finding] = []
    undecided: list[_Open] = []
    settled: set[str | None] = set()
    for rule in rules.levels:
        for about in _objects(rule, values, history):
            if about in settled:
                continue
            said = rule.say(_of(about, values), history, about)
            if said.lacking and said.lacking <= look.absent:
                continue  # there is nothing that it could be true of
            if said.fired is None:
                undecided.append(_Open(rule, about, said))
            elif said.fired:
                settled.add(about)
                text = _sentence(about or check_about, rule, said, measures, _of(about, values))
                fired.append(Finding(rule.level, text, about))
    open_ends = [*_unknown(undecided, check_about), *_waiting(undecided, check_about, now)]
    found = [*look.findings, *fired, *open_ends]
    said_by_kind = found and look.absent  # that there is nothing; numbers of nothing say no more
    if not said_by_kind and all(finding.outcome is Outcome.OK for finding in found):
        found.append(_all_well(check_about, measures, rules, values))
    return _verdict(found)


def _verdict(findings: Iterable[Finding]) -> Verdict:
    worst_first = sorted(findings, key=lambda finding: -finding.outcome.rank)
    return Verdict(worst_first[0].outcome if worst_first else Outcome.OK, tuple(worst_first))


_Values = Mapping[str | None, Mapping[str, Any]]


def _by_object(metrics: Iterable[Metric]) -> _Values:
    """The reported numbers of each object; under `None` those that belong to the whole check."""
    values: dict[str | None, dict[str, Any]] = {None: {}}
    for metric in metrics:
        values.setdefault(metric.about, {})[metric.name] = metric.value
    return values


def _of(about: str | None, values: _Values) -> dict[str, Any]:
    """What a rule sees when it judges `about`: its own numbers and those of the whole check."""
    return {**values[None], **values.get(about, {})}


def _objects(rule: Rule, values: _Values, history: History) -> list[str | None]:
    """The objects that have a metric the rule names. None has: the check as a whole.

    A number that does not apply to an object is left out by its kind; one that could not be measured is reported
    as "not a number", which makes it unknown here.
    """
    having: list[str | None] = [about for about in values if about is not None and rule.named & values[about].keys()]
    for need in history:
        # An object that has vanished altogether is what missing_for is asked about.
        if need.function == "missing_for" and need.about not in (None, *having) and need.metric in rule.named:
            having.append(need.about)
    return having or [None]


def _sentence(subject: str, rule: Rule, said: Said, measures: Mapping[str, Measure], metrics: Mapping[str, Any]) -> str:
    """What a rule that is true says: the comparisons that make it true, else all it looked at."""
    true = reasons(rule.tree, said.values)
    if true:
        told = listed(dict.fromkeys(because(each, rule, said.values, measures, metrics) for each in true))
        return f"{subject} {told}"
    shown = [figure(name, value, rule, measures) for name, value in sorted(said.values.items())]
    values = f"{listed(shown)} " if shown else ""
    return f"{subject}: {values}(rule: {rule.source})"


def _unknown(undecided: Sequence[_Open], check_about: str) -> list[Finding]:
    """One finding for each object and reason, however many rules it spoils."""
    spoilt: dict[tuple[str | None, str], list[Rule]] = {}
    for case in undecided:
        if case.said.reason is not None:
            spoilt.setdefault((case.about, case.said.reason), []).append(case.rule)
    return [
        Finding(Outcome.UNKNOWN, f"cannot judge {about or check_about}: {reason} ({_named(rules)})", about)
        for (about, reason), rules in spoilt.items()
    ]


def _waiting(undecided: Sequence[_Open], check_about: str, now: datetime) -> list[Finding]:
    """One finding for each rule that has too little history, however many objects it is asked about."""
    waiting: dict[tuple[str, datetime | None], list[_Open]] = {}
    for case in undecided:
        if isinstance(case.said.not_enough, NotEnough):
            waiting.setdefault((case.rule.level.value, case.said.not_enough.judged_from), []).append(case)
    found = []
    for (_, start), cases in waiting.items():
        subject = listed((case.about or check_about for case in cases), most=_SHOWN)
        when = f"judged from {_date(start, now)}" if start else "judged once there is enough history"
        about = cases[0].about if len(cases) == 1 else None
        found.append(Finding(Outcome.INFO, f"{subject}: {when} ({_named([cases[0].rule])})", about))
    return found


def _named(rules: Iterable[Rule]) -> str:
    return "; ".join(f"{rule.level}: {rule.source}" for rule in rules)


def _date(moment: datetime, now: datetime) -> str:
    day = moment.astimezone(now.tzinfo)
    return f"{WEEKDAYS[day.weekday()].title()} {day.day} {MONTHS[day.month - 1].title()} {day:%H:%M}"


def _all_well(check_about: str, measures: Mapping[str, Measure], rules: CompiledRules, values: _Values) -> Finding:
    """One sentence with the numbers that the rules looked at, or with all of them where there is no rule."""
    named = rules.named or frozenset(measures)
    subjects = [about for about in values if about is not None and named & values[about].keys()]
    if len(subjects) > _SHOWN:
        return Finding(Outcome.OK, f"{check_about}: all {len(subjects)} are fine{_extremes(measures, values, named)}")
    told = []
    for about in subjects or (None,):
        known = _of(about, values) if len(subjects) <= 1 else values[about]
        phrases = _phrases(known, measures, named) or _phrases(known, measures, frozenset(measures))
        told.append(f"{about or check_about} {listed(phrases, most=_SHOWN) or 'was looked at; no rule judges it'}")
    return Finding(Outcome.OK, "; ".join(told), subjects[0] if len(subjects) == 1 else None)


def _phrases(metrics: Mapping[str, Any], measures: Mapping[str, Measure], named: frozenset[str]) -> list[str]:
    """In the order in which the kind declares its metrics: the important one is first."""
    known = {name: number(metrics[name], name) for name in measures if name in named and name in metrics}
    return [phrase(measures[name], value) for name, value in known.items() if isinstance(value, float)]


def _extremes(measures: Mapping[str, Measure], values: _Values, named: frozenset[str]) -> str:
    """`, used_percent from 12 % (/boot) to 71 % (/)` of the first metric that the objects have."""
    for name, measure in measures.items():
        found = [(number(each[name], name), about) for about, each in values.items() if about and name in each]
        real = sorted((value, about) for value, about in found if isinstance(value, float))
        if name in named and real:
            (low, first), (high, last) = real[0], real[-1]
            return f", {name} from {show(low, measure.unit)} ({first}) to {show(high, measure.unit)} ({last})"
    return ""
