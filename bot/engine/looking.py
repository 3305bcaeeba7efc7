"""Looking: one check's question asked, bounded in time, judged and masked. Never raises."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.configuration import ConfiguredCheck
from bot.domain.history import History
from bot.domain.judging import judge
from bot.domain.masking import Masker
from bot.domain.runs import Result
from bot.engine.clock import Clock
from checks import EVIDENCE_LIMIT, Context, CouldNotCheck, Evidence, Finding, Look, Metric, Outcome, Shared

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Looks in progress in this process, whatever the number of runs."""

TEXT_LIMIT = 1_000
"""Characters of one finding; a sentence that is longer was written by nobody."""

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What a database cannot keep: zero bytes, and halves of characters from bytes that are no UTF-8."""


class Looker:
    """Looks at checks, at most `AT_ONCE` at a time, and never twice at one that still hangs."""

    def __init__(self, clock: Clock, masker: Masker, *, timezone: str = "UTC") -> None:
        self._clock = clock
        self._masker = masker
        self._zone = ZoneInfo(timezone)
        self._places = asyncio.Semaphore(AT_ONCE)
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
        on_result: Callable[[Result], Awaitable[None]] | None = None,
    ) -> list[Result]:
        """Every check's result, in the order of the checks; `on_result` hears of each as it comes."""
        shared = Shared()

        async def one(check: ConfiguredCheck) -> Result:
            result = await self.look_at(
                check,
                memory=(memories or {}).get(check.name),
                facts=(facts or {}).get(check.name),
                history=(histories or {}).get(check.name),
                shared=shared,
            )
            if on_result is not None:
                await on_result(result)
            return result

        return list(await asyncio.gather(*(one(check) for check in checks)))

    async def look_at(
        self,
        check: ConfiguredCheck,
        *,
        memory: dict[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        history: History | None = None,
        shared: Shared | None = None,
    ) -> Result:
        """One result. A look that outlives its deadline becomes unknown and is left alone, not repeated."""
        async with self._places:
            started, now = self._clock.monotonic(), self._clock.now()
            ctx = Context(
                now=now, timeout_s=check.timeout.total_seconds(), memory=dict(memory or {}), facts=facts or {}
            )
            if shared is not None:
                ctx.shared = shared
            look, outcome = await self._look(check, ctx)
            duration_ms = (self._clock.monotonic() - started) * 1000
        try:
            return self._result(check, look, outcome, ctx, duration_ms=duration_ms, history=history or {})
        except Exception as error:  # an answer that is none must not stop the other checks of the run
            log.warning("a check answered nonsense", exc_info=error, extra={"check": check.name})
            return self._result(check, *_broke(error), ctx, duration_ms=duration_ms, history={})

    def _result(
        self,
        check: ConfiguredCheck,
        look: Look,
        outcome: Outcome | None,
        ctx: Context,
        *,
        duration_ms: float,
        history: History,
    ) -> Result:
        """The look judged, masked, and in a form that every database keeps."""
        findings = look.findings
        if outcome is None:
            # A finding tells dates in the zone of its readers.
            now = ctx.now.astimezone(self._zone)
            about, measured = check.check.about(), check.check.measured()
            verdict = judge(about, measured, check.rules, look, history=history, now=now)
            findings, outcome = verdict.findings, verdict.outcome
        return Result(
            check=check.name,
            kind=check.check.kind,
            outcome=outcome,
            findings=tuple(self._finding(finding) for finding in findings),
            metrics=tuple(self._metric(metric) for metric in look.metrics if math.isfinite(metric.value)),
            evidence=tuple(self._evidence(evidence) for evidence in look.evidence),
            looked_at=ctx.now,
            duration_ms=duration_ms,
            # A look that hangs may still change it, and what it saw by then nobody has heard.
            memory=None if check.name in self._hanging else ctx.memory,
        )

    async def _look(self, check: ConfiguredCheck, ctx: Context) -> tuple[Look, Outcome | None]:
        """The look, and *unknown* where we are to blame."""
        if hanging := self._hanging.get(check.name):
            since = min(hanging.values()).astimezone(self._zone)
            return _unknown(f"still hanging since {since:%H:%M}; not started again")
        task = asyncio.ensure_future(check.check.look(ctx))
        done, _ = await asyncio.wait({task}, timeout=ctx.timeout_s)
        if not done:
            self._hanging.setdefault(check.name, {})[task] = ctx.now
            task.add_done_callback(lambda late: self._came_back(check.name, late))
            return _unknown(f"gave up after {ctx.timeout_s:g} s")
        if task.cancelled():  # from within: whoever cancels us does not get here
            return _unknown("the check itself broke: it was cancelled")
        try:
            return task.result(), None
        except CouldNotCheck as error:
            return _unknown(str(error))
        except Exception as error:
            log.warning("a check broke", exc_info=error, extra={"check": check.name})
            return _broke(error)

    def _came_back(self, name: str, late: asyncio.Task[Look]) -> None:
        """Too late to count; the next look may start again."""
        del self._hanging[name][late]
        if not self._hanging[name]:
            del self._hanging[name]
        if not late.cancelled() and (error := late.exception()) is not None:
            log.info("a look that hung ended with an error: %s", error, extra={"check": name})

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


def _unknown(text: str) -> tuple[Look, Outcome]:
    return Look(findings=(Finding(Outcome.UNKNOWN, f"could not check: {text}"),)), Outcome.UNKNOWN


def _broke(error: Exception) -> tuple[Look, Outcome]:
    return _unknown(f"the check itself broke: {type(error).__name__}: {error}")
