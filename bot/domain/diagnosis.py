"""What `rounds doctor` finds: one sentence a thing, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """From best to worst."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"

    @property
    def exit_code(self) -> int:
        """0 for the best, 2 for the worst."""
        return list(Verdict).index(self)

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """The worst of them; `ok` when there are none."""
        return max(verdicts, key=lambda verdict: verdict.exit_code, default=cls.OK)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at. `area` is what it belongs to: slack, channel, database …"""

    area: str
    verdict: Verdict
    sentence: str
    what_to_do: str = ""


def fine(area: str, sentence: str) -> Diagnosis:
    """It is as it should be."""
    return Diagnosis(area, Verdict.OK, sentence)


def doubtful(area: str, sentence: str, what_to_do: str) -> Diagnosis:
    """It works, but not for long, or not fully."""
    return Diagnosis(area, Verdict.WARNING, sentence, what_to_do)


def wrong(area: str, sentence: str, what_to_do: str) -> Diagnosis:
    """It will not work."""
    return Diagnosis(area, Verdict.PROBLEM, sentence, what_to_do)
