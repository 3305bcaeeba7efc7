"""Looking: one check's question asked, bounded in time, judged and masked. Never raises."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from bot.config.configuration import ConfiguredCheck
from bot.domain.history import History
from bot.domain.judging import judge
from bot.domain.masking import Masker
from bot.domain.runs import Result
from bot.engine.clock import Clock
from bot.engine.remembering import kept
from checks import EVIDENCE_LIMIT, Context, CouldNotCheck, Evidence, Finding, Look, Metric, Outcome, Shared

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Looks in progress in this process, whatever the number of runs."""

TEXT_LIMIT = 1_000
"""Characters of one finding; a sentence that is longer was written by nobody."""

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What a database cannot keep: zero bytes, and halves of characters from bytes that are no UTF-8."""


BATCH = 50
"""Looks that a run begins before the next run has its turn: a small run is done early, a large one lets others by."""


class Known(TypedDict, total=False):
    """What is fetched for the checks of a run before they look, each by the check's name."""

    memories: Mapping[str, dict[str, Any]]
    facts: Mapping[str, Mapping[str, Any]]
    histories: Mapping[str, History]


@dataclass(slots=True)
class _Asked:
    """A look that waits for a place."""

    check: ConfiguredCheck
    memory: dict[str, Any] | None
    facts: Mapping[str, Any] | None
    history: History
    shared: Shared
    on_result: Callable[[Result], None] | None
    result: asyncio.Future[Result]


@dataclass(slots=True)
class _Turn:
    """One look on its way. `late`: its deadline is over, and its result is known without it."""

    asked: _Asked
    ctx: Context
    begun: float
    alarm: asyncio.TimerHandle | None = None
    late: bool = False


class Looker:
    """Looks at checks, at most `AT_ONCE` at a time, and never twice at one that still hangs."""

    def __init__(self, clock: Clock, masker: Masker, *, timezone: str = "UTC") -> None:
        self._clock = clock
        self._masker = masker
        self._zone = ZoneInfo(timezone)
        self._free = AT_ONCE
        self._waiting: deque[deque[_Asked]] = deque()
        self._hanging: dict[str, dict[asyncio.Task[Look], datetime]] = {}

    def use(self, masker: Masker, *, timezone: str) -> None:
        """From now on mask these secrets, and tell times in this zone."""
        self._masker, self._zone = masker, ZoneInfo(timezone)

    @property
    def hanging(self) -> frozenset[str]:
        """The checks of which a look has outlived its deadline and not come back."""
        return frozenset(self._hanging)

    async def look_at_all(
        self,
        checks: Iterable[ConfiguredCheck],
        *,
        memories: Mapping[str, dict[str, Any]] | None = None,
        facts: Mapping[str, Mapping[str, Any]] | None = None,
        histories: Mapping[str, History] | None = None,
        on_result: Callable[[Result], None] | None = None,
    ) -> list[Result]:
        """Every check's result, in the order of the checks; `on_result` hears of each as it comes.

        A look that outlives its deadline becomes unknown and is left alone, not repeated.
        """
        memories, facts, histories = memories or {}, facts or {}, histories or {}
        shared, loop = Shared(), asyncio.get_running_loop()
        asked = [
            _Asked(
                check,
                memories.get(check.name),
                facts.get(check.name),
                histories.get(check.name) or {},
                shared,
                on_result,
                loop.create_future(),
            )
            for check in checks
        ]
        if asked:
            self._waiting.append(deque(asked))
            self._begin_some()
        return list(await asyncio.gather(*(one.result for one in asked)))

    def _begin_some(self) -> None:
        """Give the free places to whoever has waited longest."""
        while self._free and self._waiting:
            run = self._waiting[0]
            asked = run.popleft()
            if not run:
                self._waiting.popleft()
            elif len(run) % BATCH == 0:
                self._waiting.rotate(-1)
            if not asked.result.done():  # else it was cancelled: nobody waits for it any more
                self._begin(asked)

    def _begin(self, asked: _Asked) -> None:
        """Start a look. Its end or its deadline, whichever is first, makes the result."""
        check, now, timeout_s = asked.check, self._clock.now(), asked.check.timeout.total_seconds()
        memory = dict(asked.memory or {})
        ctx = Context(now=now, timeout_s=timeout_s, memory=memory, facts=asked.facts or {}, shared=asked.shared)
        turn = _Turn(asked, ctx, self._clock.monotonic())
        if hanging := self._hanging.get(check.name):
            since = min(hanging.values()).astimezone(self._zone)
            self._settle(turn, *_unknown(f"still hanging since {since:%H:%M}; not started again"))
            return
        self._free -= 1
        loop = asyncio.get_running_loop()
        task = loop.create_task(check.check.look(ctx))
        turn.alarm = loop.call_later(timeout_s, self._late, turn, task)
        task.add_done_callback(partial(self._over, turn))

    def _over(self, turn: _Turn, task: asyncio.Task[Look]) -> None:
        """A look has ended; if it is past its deadline, it is too late to count, but the next one may start again."""
        name = turn.asked.check.name
        if not turn.late:
            self._leave(turn)
            self._settle(turn, *_learned(name, task))
            return
        del self._hanging[name][task]
        if not self._hanging[name]:
            del self._hanging[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("a look that hung ended with an error: %s", error, extra={"check": name})

    def _late(self, turn: _Turn, task: asyncio.Task[Look]) -> None:
        """A look has reached its deadline; unless it has just ended, it is left alone."""
        if not task.done():
            turn.late = True
            self._hanging.setdefault(turn.asked.check.name, {})[task] = turn.ctx.now
            self._leave(turn)
            self._settle(turn, *_unknown(f"gave up after {turn.ctx.timeout_s:g} s"))

    def _leave(self, turn: _Turn) -> None:
        """Its place is free for another."""
        if turn.alarm is not None:
            turn.alarm.cancel()
        self._free += 1
        self._begin_some()

    def _settle(self, turn: _Turn, look: Look, outcome: Outcome | None) -> None:
        """The result of a look, for whoever waits for it."""
        asked = turn.asked
        if asked.result.done():
            return  # cancelled: nobody waits for it any more
        duration_ms = (self._clock.monotonic() - turn.begun) * 1000
        try:
            result = self._result(turn, look, outcome, duration_ms)
        except Exception as error:  # an answer that is none must not stop the other checks of the run
            log.warning("a check answered nonsense", exc_info=error, extra={"check": asked.check.name})
            result = self._result(turn, *_broke(error), duration_ms)
        asked.result.set_result(result)
        if asked.on_result is not None:
            asked.on_result(result)

    def _result(self, turn: _Turn, look: Look, outcome: Outcome | None, duration_ms: float) -> Result:
        """The look judged, masked, and in a form that every database keeps."""
        check, ctx, findings = turn.asked.check, turn.ctx, look.findings
        # A look that hangs may still change it, and what it saw by then nobody has heard.
        memory, refused = (None, None) if check.name in self._hanging else kept(check.name, ctx.memory)
        if outcome is None:
            # A finding tells dates in the zone of its readers.
            now = ctx.now.astimezone(self._zone)
            about, measured = check.check.about(), check.check.measured()
            verdict = judge(about, measured, check.rules, look, history=turn.asked.history, now=now)
            findings, outcome = verdict.findings, verdict.outcome
        if refused is not None:
            findings = (*findings, refused)
            outcome = max(outcome, refused.outcome, key=lambda each: each.rank)
        metrics = tuple([metric for metric in look.metrics if math.isfinite(metric.value)])
        plain = self._is_plain(findings, metrics, look.evidence)
        return Result(
            check=check.name,
            kind=check.check.kind,
            outcome=outcome,
            findings=tuple(findings) if plain else tuple(self._finding(finding) for finding in findings),
            metrics=metrics if plain else tuple(self._metric(metric) for metric in metrics),
            evidence=look.evidence if plain else tuple(self._evidence(evidence) for evidence in look.evidence),
            looked_at=ctx.now,
            duration_ms=duration_ms,
            memory=memory,
        )

    def _is_plain(self, findings: Iterable[Finding], metrics: Iterable[Metric], evidence: Iterable[Evidence]) -> bool:
        """Whether all texts can be kept as they are; of most looks one scan says so, instead of one for each text."""
        short = [finding.text for finding in findings]
        short += [finding.about for finding in findings if finding.about is not None]
        short += [metric.about for metric in metrics if metric.about is not None]
        short += [each.title for each in evidence]
        long = [each.text for each in evidence]
        if max(map(len, short), default=0) > TEXT_LIMIT or max(map(len, long), default=0) > EVIDENCE_LIMIT:
            return False
        texts = [*short, *long]
        kept = all([text.isascii() and "\x00" not in text for text in texts])
        return kept and self._masker.leaves_alone(texts)

    def _finding(self, finding: Finding) -> Finding:
        about = None if finding.about is None else self._text(finding.about)
        return Finding(finding.outcome, self._text(finding.text), about)

    def _metric(self, metric: Metric) -> Metric:
        return metric if metric.about is None else Metric(metric.name, metric.value, self._text(metric.about))

    def _evidence(self, evidence: Evidence) -> Evidence:
        # What is far beyond the cut is not worth the time.
        return Evidence(self._text(evidence.title), self._text(evidence.text[: 8 * EVIDENCE_LIMIT], EVIDENCE_LIMIT))

    def _text(self, text: str, limit: int = TEXT_LIMIT) -> str:
        # Masked before it is cut: half a secret has no known shape.
        masked = self._masker.mask(text)
        if not masked.isascii() or "\x00" in masked:
            masked = _NO_TEXT.sub("\ufffd", masked)
        return masked[:limit]


def _learned(name: str, task: asyncio.Task[Look]) -> tuple[Look, Outcome | None]:
    """What a look that ended in time brought home, and *unknown* where we are to blame."""
    if task.cancelled():  # from within: whoever cancels us does not get here
        return _unknown("the check itself broke: it was cancelled")
    match task.exception():
        case None:
            return task.result(), None
        case CouldNotCheck() as error:
            return _unknown(str(error))
        case error:
            log.warning("a check broke", exc_info=error, extra={"check": name})
            return _broke(error)


def _unknown(text: str) -> tuple[Look, Outcome]:
    return Look(findings=(Finding(Outcome.UNKNOWN, f"could not check: {text}"),)), Outcome.UNKNOWN


def _broke(error: BaseException) -> tuple[Look, Outcome]:
    return _unknown(f"the check itself broke: {type(error).__name__}: {error}")
