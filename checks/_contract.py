"""The words a check is made of.

A check asks the world one question and brings home metrics, findings and evidence. It knows nothing of
Slack, incidents or storage, and it does not judge its own metrics: rules do (`bot.domain.judging`). The one
judgement a kind makes itself is that its target is *broken*: refused, timed out, not there.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")

EVIDENCE_LIMIT = 8_000
"""Characters of one evidence that are kept; more than anybody reads on a phone, less than a Slack message."""


class Outcome(StrEnum):
    """What came out, from best to worst. *unknown* means that we could not look."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    UNKNOWN = "unknown"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the best, 4 for the worst: a target known to be broken outranks one we could not see."""
        return _RANKS[self]

    @property
    def is_bad(self) -> bool:
        """The target is known not to be as it should; *unknown* knows nothing."""
        return self is Outcome.WARNING or self is Outcome.CRITICAL

    @classmethod
    def worst(cls, outcomes: Iterable[Outcome]) -> Outcome:
        """The worst of them; `ok` when there are none."""
        return max(outcomes, key=lambda outcome: outcome.rank, default=cls.OK)


_RANKS = {outcome: rank for rank, outcome in enumerate(Outcome)}


class CouldNotCheck(Exception):
    """We could not look: credentials, permission, a missing tool. Becomes *unknown*; the text is for the operator.

    The question that decides: would mending *our* side change the answer? A target that refuses or hangs is not
    this; it is a critical finding.
    """


@dataclass(frozen=True, slots=True)
class Measure:
    """What a metric is: its unit, its meaning, and how a person says it.

    Args:
        unit: `%`, `B`, `ms`, `s`, `days` or empty for a bare number.
        summary: what is measured, for the catalogue.
        phrase: how a finding says it, with `{value}` for the number and its unit; the object comes before it:
            "is {value} used" becomes "/ is 91 % used". `(s)` is an s, unless the number is 1.
        lowest: below this it cannot be; `None`: what its unit says, or nothing.
        highest: above this it cannot be; `None`: what its unit says, or nothing.
    """

    unit: str
    summary: str
    phrase: str
    lowest: float | None = None
    highest: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """The values that it can have at all, so that a rule can be held against them."""
        low, high = {"%": (0.0, 100.0), "B": (0.0, math.inf), "ms": (0.0, math.inf)}.get(
            self.unit, (-math.inf, math.inf)
        )
        return low if self.lowest is None else self.lowest, high if self.highest is None else self.highest


@dataclass(frozen=True, slots=True)
class Metric:
    """One number, in the unit of its `Measure`. `about` names the object if a check looks at several."""

    name: str
    value: float
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence with an outcome. It names the object and, where there is one, the limit."""

    outcome: Outcome
    text: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person would paste into the ticket. Hostile text: masked before it is stored or shown."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """All that one look learned. A critical finding in it means "broken": then no rule is evaluated.

    Args:
        absent: metrics of which there is none because that is how the world is, such as the age of the oldest of no
            files. A rule that they alone leave open is not true; without this word it would be *unknown*.
    """

    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    absent: frozenset[str] = frozenset()

    @classmethod
    def broken(cls, text: str, *evidence: Evidence, metrics: Iterable[Metric] = ()) -> Look:
        """The target is broken; `text` says what it did, for example "db:5432 refuses connections"."""
        return cls(tuple(metrics), (Finding(Outcome.CRITICAL, text),), evidence)


@dataclass(frozen=True, slots=True)
class Rules:
    """CEL expressions over the metrics, one a level. `None`: that level is not judged."""

    info: str | None = None
    warning: str | None = None
    critical: str | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """A job said something of itself: `start`, `success` or `fail`, and perhaps in words."""

    at: datetime
    kind: str
    text: str = ""


class Shared:
    """What the checks of one run look up once: `shared(key, factory)` awaits `factory` for the first caller only."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}

    async def __call__(self, key: Hashable, factory: Callable[[], Awaitable[T]]) -> T:
        """The answer for `key`; every caller of one run sees the same one, or the same error."""
        if key not in self._answers:
            self._answers[key] = asyncio.ensure_future(factory())
        return await asyncio.shield(self._answers[key])


@dataclass(slots=True)
class Context:
    """What a check is given when it looks.

    Args:
        now: the moment of the look, aware.
        timeout_s: seconds until the look is given up. A kind that can stop its own work a little earlier should,
            so that it can say what hung.
        memory: what this check wrote at its last look that was committed; at most 64 KB of JSON. A kind that
            wants to remember assigns new content to it in place; it is stored together with the result.
        facts: what the engine fetched beforehand because the kind `asks` for it.
        connections: the configuration's `connections:`, by name.
        shared: one answer for all checks of a run.
    """

    now: datetime
    timeout_s: float = 10.0
    memory: dict[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shared: Shared = field(default_factory=Shared)


class Check(BaseModel):
    """One configured question. A kind subclasses it: its fields are its parameters, its docstring its documentation.

    A kind's module docstring has a first sentence that is its summary, a paragraph `Why:` and one `What to do:`;
    both are shown beside a failure.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    kind: str
    measures: ClassVar[Mapping[str, Measure]] = {}
    rules: ClassVar[Rules] = Rules()
    asks: ClassVar[frozenset[str]] = frozenset()
    """Facts that the engine has to fetch before the look: `pings`, the newest of each sort."""
    rhythm: ClassVar[timedelta | None] = None
    """How often it looks where the configuration gives no `every:` and waiting for a checklist would be too late."""
    examples: ClassVar[tuple[str, ...]] = ()
    """YAML of one check each, for the catalogue; tests load them."""

    def measured(self) -> Mapping[str, Measure]:
        """The metrics that this very check can report: those of its kind, and those its parameters name."""
        return self.measures

    def how_to_measure(self, metric: str) -> str:
        """What to write for this check to report a metric that its kind knows and it does not."""
        return f"a further parameter makes it so: `rounds kinds {self.kind}`"

    def doubts(self) -> Iterable[tuple[str, str]]:
        """Parameters that are allowed, and hardly meant: each with a sentence for whoever checks the configuration."""
        return ()

    def default_rules(self) -> Rules:
        """The rules that judge where the configuration gives none."""
        return self.rules

    def about(self) -> str:
        """The object in the words of a sentence: a path, a URL, a host."""
        raise NotImplementedError(f"{type(self).__name__} must name its object")

    async def look(self, ctx: Context) -> Look:
        """Look at the world, reading only.

        Raises:
            CouldNotCheck: our side is at fault.
        """
        raise NotImplementedError(f"{type(self).__name__} must look")
