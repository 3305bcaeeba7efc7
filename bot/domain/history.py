"""History in rules: which stored facts a rule asks for, and what they mean once fetched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.durations import BadDuration, parse_duration
from bot.domain.expressions import WINDOWED, BadRule, Token, UnknownMetric
from bot.domain.near import did_you_mean, listed
from checks import Measure

FURTHEST = timedelta(days=400)
"""How long history is kept (design, Time)."""

BARE = ("previous", "missing_for")


@dataclass(frozen=True, slots=True)
class HistoryNeed:
    """A fact from stored results that a rule asks for, fetched by the engine beforehand.

    What the engine answers, in the metric's unit: `change`: the value at the last look at least `window` ago;
    `average`, `lowest`, `highest`: over the looks of the window; `previous`: the last look's value;
    `missing_for`: seconds since the metric was last reported.

    Args:
        window: how far back; `None` for `previous` and `missing_for`.
        about: the object. A rule's own needs have none; the engine answers one need for every object it knows.
    """

    function: str
    metric: str
    window: timedelta | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class NotEnough:
    """There is no fact yet. `judged_from`: from when on there will be, aware, if that is known."""

    judged_from: datetime | None = None


History = Mapping[HistoryNeed, float | NotEnough]


def fact_of(need: HistoryNeed, fact: float | NotEnough | None, metrics: Mapping[str, Any]) -> float | str | NotEnough:
    if need.function == "missing_for" and isinstance(number(metrics.get(need.metric), need.metric), float):
        return 0.0
    if fact is None or isinstance(fact, NotEnough):
        return fact or NotEnough()
    then = number(fact, f"the history of {need.metric}")
    if need.function != "change" or isinstance(then, str):
        return then
    now = number(metrics.get(need.metric), need.metric, reported=need.metric in metrics)
    if isinstance(now, str) or now == then:
        return 0.0 if now == then else now
    # From nothing to something is endless growth: larger than every limit, as it should be.
    changed = (now - then) / abs(then) if then else math.copysign(math.inf, now)
    return f"the change of {need.metric} is not a number" if math.isnan(changed) else changed


def number(value: Any, name: str, *, reported: bool = True) -> float | str:
    """A metric's value as CEL needs it, or the reason why there is none."""
    if not reported:
        return f"{name} was not reported"
    try:
        real = float(value)
    except (TypeError, ValueError, OverflowError):
        return f"{name} has no number"
    return f"{name} is not a number" if math.isnan(real) else real


def history_named(
    words: Sequence[Token], measures: Mapping[str, Measure]
) -> tuple[tuple[Token, ...], dict[str, HistoryNeed]]:
    """The words with each history call replaced by a made-up name, and what the names stand for.

    As names, missing facts are undefined to CEL like missing metrics, and no Python is called during evaluation.

    Raises:
        BadRule: a call without metric or window, an unknown metric, a window longer than history.
    """
    terms: dict[str, HistoryNeed] = {}
    kept: list[Token] = []
    place = 0
    while place < len(words):
        word = words[place]
        called = words[place + 1 : place + 2] and words[place + 1].text == "("
        if word.text not in (*WINDOWED, *BARE) or not called:
            kept.append(word)
            place += 1
            continue
        length = 6 if word.text in WINDOWED else 4
        call = words[place : place + length]
        need = _need(word, call, measures)
        name = next((name for name, known in terms.items() if known == need), f"__history_{len(terms)}")
        terms[name] = need
        kept.append(Token("name", name, word.start))
        place += length
    return tuple(kept), terms


def _need(word: Token, call: Sequence[Token], measures: Mapping[str, Measure]) -> HistoryNeed:
    shape = [(part.kind if part.kind in ("name", "string") else part.text) for part in call[1:]]
    windowed = word.text in WINDOWED
    if shape != (["(", "name", ",", "string", ")"] if windowed else ["(", "name", ")"]):
        metric = min(measures, default="latency_ms")
        form = f'{word.text}({metric}, "1d")' if windowed else f"{word.text}({metric})"
        raise BadRule(f"{word.text} at character {word.start + 1} is incomplete; expected {form}", word.start + 1)
    if call[2].text not in measures:
        raise unknown_metric(call[2], measures)
    if not windowed:
        return HistoryNeed(word.text, call[2].text)
    try:
        window = parse_duration(call[4].text[1:-1])
    except BadDuration as error:
        raise BadRule(f"the window of {word.text}: {error}", call[4].start + 1) from error
    if not timedelta() < window <= FURTHEST:
        raise BadRule(
            f"the window of {word.text} is {call[4].text}; history reaches from now to {FURTHEST.days} days back",
            call[4].start + 1,
        )
    return HistoryNeed(word.text, call[2].text, window)


def unknown_metric(word: Token, measures: Mapping[str, Measure]) -> UnknownMetric:
    known = listed(sorted(measures), most=12) or "no metric"
    return UnknownMetric(
        f'"{word.text}" at character {word.start + 1} is no metric of this check{did_you_mean(word.text, measures)}; '
        f"it reports {known}",
        word.start + 1,
    )
