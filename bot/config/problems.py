"""What is wrong with a configuration: every mistake at once, each with its place and its repair."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

MOST = 100
"""Mistakes that are told at once; nobody reads more, and looking for repairs takes time."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `field` is the path to it, such as `checks.root-disk.path`; lines count from 1."""

    file: str
    line: int
    field: str
    sentence: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.sentence}" if self.field else f"{where}: {self.sentence}"


_BEGINS = 24
"""Characters that tell a secret of which a sentence quotes only the beginning."""


def discreet(problems: Iterable[Problem], secrets: Collection[str]) -> list[Problem]:
    """Without the secrets that their sentences quote: they are printed, logged, and told in the channel."""
    problems = list(problems)
    if not problems:
        return problems
    # RE2 takes longer to import than most configurations take to be read, and most have no mistakes.
    from bot.domain.masking import MASK, Masker

    written = {form for secret in secrets for form in _forms(secret)}
    masker = Masker(written)
    long = [form for form in written if len(form) > _BEGINS]
    told = []
    for problem in problems:
        sentence = masker.mask(problem.sentence)
        for secret in long:
            while (at := sentence.find(secret[:_BEGINS])) >= 0:
                pairs = zip(secret, sentence[at:], strict=False)
                quoted = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
                sentence = sentence[:at] + MASK + sentence[at + quoted :]
        told.append(replace(problem, field=masker.mask(problem.field), sentence=sentence))
    return told


def _forms(secret: str) -> set[str]:
    """As it stands, and as a sentence quotes it: a backslash or the end of a line is escaped there."""
    quoted = repr(secret)[1:-1]
    return {secret, quoted, quoted.replace("\\'", "'")}


class ConfigError(Exception):
    """The configuration cannot be used; `problems` says why, in the order of the lines.

    Args:
        places: what was looked at to find that out, as in a `Configuration`.
    """

    def __init__(self, problems: Sequence[Problem], places: Iterable[Path] = ()) -> None:
        told = sorted(set(problems))
        if len(told) > MOST:
            left, last = len(told) - MOST, told[MOST - 1]
            told = [*told[:MOST], Problem(last.file, last.line, "", f"and {left} more mistakes, from here on")]
        self.problems = tuple(told)
        self.places = tuple(places)
        super().__init__("\n".join(str(problem) for problem in self.problems))
