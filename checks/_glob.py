"""Files that match a pattern, found lazily and never more than so many entries looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, NamedTuple

import re2
from pydantic import AfterValidator

from checks._regex import compiled
from checks._types import AbsolutePath

MOST_ENTRIES = 100_000


class Found(NamedTuple):
    """A regular file that matched; times in seconds since 1970."""

    path: str
    size: int
    changed: float


@dataclass(slots=True)
class Walk:
    """One walk over a pattern: `*`, `?`, `[a-z]` within a name, `**` over any depth.

    As in a shell, wildcards pass over hidden names, and `**` does not follow links to folders.

    Args:
        seen: entries looked at so far.
        cut: whether it stopped at `most`; then what it found is not all.
        denied: the first folder that we may not read.
    """

    pattern: str
    most: int = MOST_ENTRIES
    seen: int = 0
    cut: bool = False
    denied: str | None = None
    _parts: list[str] = field(default_factory=list)

    def top(self) -> str:
        """The folder (or the file) above the first wildcard."""
        parts = self.pattern.split("/")
        fixed = next((n for n, part in enumerate(parts) if wild(part)), len(parts))
        self._parts = parts[fixed:]
        return "/".join(parts[:fixed]) or "/"

    def __iter__(self) -> Iterator[Found]:
        top = self.top()
        if not self._parts:
            if (file := _file(top)) is not None:
                yield file
            return
        folders = [(top, self._closure({0}))]
        while folders:
            folder, states = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    fit = self._last(states)
                    for entry in entries:
                        if self.seen >= self.most:
                            self.cut = True
                            return
                        self.seen += 1
                        matched, deeper = (fit(entry.name), None) if fit else self._step(entry.name, states)
                        # What is no file for sure, as most folders tell, need not be asked for its size.
                        if matched and entry.is_file() and (file := _file(entry.path)) is not None:
                            yield file
                        if deeper and entry.is_dir(follow_symlinks="**" not in self._parts):
                            folders.append((entry.path, deeper))
            except PermissionError:
                self.denied = self.denied or folder
            except (FileNotFoundError, NotADirectoryError):
                continue

    def _last(self, states: frozenset[int]) -> Callable[[str], bool] | None:
        """In the folder that holds the files, as most entries are: whether a name matches. Elsewhere nothing."""
        last = len(self._parts) - 1
        return fitting(self._parts[last]) if states == {last} and self._parts[last] != "**" else None

    def _step(self, name: str, states: frozenset[int]) -> tuple[bool, frozenset[int]]:
        """Whether an entry matches to the end, and at which parts of the pattern to go on below it."""
        after: set[int] = set()
        for state in states:
            part = self._parts[state]
            if part == "**":
                if not name.startswith("."):
                    after |= {state} if state + 1 < len(self._parts) else {state, state + 1}
            elif fits(part, name):
                after.add(state + 1)
        end = len(self._parts)
        return end in after, self._closure(after - {end})

    def _closure(self, states: set[int]) -> frozenset[int]:
        """`**` also stands for no folder at all."""
        found: set[int] = set()
        for state in states:
            for part in range(state, len(self._parts)):
                found.add(part)
                if self._parts[part] != "**":
                    break
        return frozenset(found)


def _file(path: str) -> Found | None:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Found(path, found.st_size, found.st_mtime) if stat.S_ISREG(found.st_mode) else None


def wild(part: str) -> bool:
    """Whether a part of a pattern holds wildcards."""
    return any(sign in part for sign in "*?[")


def fits(part: str, name: str) -> bool:
    """Whether a name matches one part of a pattern."""
    return fitting(part)(name)


@lru_cache(maxsize=256)
def fitting(part: str) -> Callable[[str], bool]:
    """A function that says whether a name matches one part of a pattern."""
    if part == "*":
        return lambda name: not name.startswith(".")
    if not wild(part):
        return part.__eq__
    expression, hidden = compiled(translated(part)), part.startswith(".")
    return lambda name: (hidden or not name.startswith(".")) and expression.fullmatch(os.fsencode(name)) is not None


def translated(part: str) -> str:
    """A part of a pattern as a regular expression of RE2."""
    expression, position = "(?s)", 0
    while position < len(part):
        sign = part[position]
        end = part.find("]", position + 2) if sign == "[" else -1
        if sign == "*":
            expression += r"\C*"
        elif sign == "?":
            expression += "."
        elif end > 0:
            inside = part[position + 1 : end]
            negated = inside[0] in "!^"
            body = inside[negated:].replace("\\", "\\\\").replace("[", "\\[").replace("^", "\\^")
            expression += f"[{'^' * negated}{body}]"
            position = end
        else:
            expression += re2.escape(sign)
        position += 1
    return expression


def _valid(pattern: str) -> str:
    for part in pattern.split("/"):
        if "**" in part and part != "**":
            raise ValueError("`**` must stand alone between slashes")
        compiled(translated(part))
    return pattern


PathPattern = Annotated[AbsolutePath, AfterValidator(_valid)]
"""An absolute path with wildcards: `*`, `?`, `[a-z]` within a name, `**` over any depth."""
