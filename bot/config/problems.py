"""What is wrong with a configuration: every mistake at once, each with its place and its repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


class ConfigError(Exception):
    """The configuration cannot be used; `problems` says why, in the order of the lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = sorted(set(problems))
        if len(told) > MOST:
            left, last = len(told) - MOST, told[MOST - 1]
            told = [*told[:MOST], Problem(last.file, last.line, "", f"and {left} more mistakes, from here on")]
        self.problems = tuple(told)
        super().__init__("\n".join(str(problem) for problem in self.problems))
