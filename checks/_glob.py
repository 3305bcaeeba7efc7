"""Files that match a pattern, found lazily and never more than so many entries looked at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

import re2
from pydantic import AfterValidator

from checks._regex import compiled
from checks._types import AbsolutePath

MOST_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Found:
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
            yield from _file(top)
            return
        folders = [(top, self._closure({0}))]
        while folders:
            folder, states = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if self.seen >= self.most:
                            self.cut = True
                            return
                        self.seen += 1
                        matched, deeper = self._step(entry.name, states)
                        # What is no file for sure, as most folders tell, need not be asked for its size.
                        if matched and entry.is_file():
                            yield from _file(entry.path)
                        if deeper and entry.is_dir(follow_symlinks="**" not in self._parts):
                            folders.append((entry.path, deeper))
            except PermissionError:
                self.denied = self.denied or folder
            except (FileNotFoundError, NotADirectoryError):
                continue

    def _step(self, name: str, states: frozenset[int]) -> tuple[bool, frozenset[int]]:
        """Whether an entry matches to the end, and at which parts of the pattern to go on below it."""
        last = len(self._parts) - 1
        if states == {last} and self._parts[last] != "**":  # in the folder that holds the files, as most entries are
            return fits(self._parts[last], name), frozenset()
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


def _file(path: str) -> Iterator[Found]:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISREG(found.st_mode):
        yield Found(path, found.st_size, found.st_mtime)


def wild(part: str) -> bool:
    """Whether a part of a pattern holds wildcards."""
    return any(sign in part for sign in "*?[")


def fits(part: str, name: str) -> bool:
    """Whether a name matches one part of a pattern."""
    if part == "*":
        return not name.startswith(".")
    if not wild(part):
        return part == name
    if name.startswith(".") and not part.startswith("."):
        return False
    return compiled(translated(part)).fullmatch(os.fsencode(name)) is not None


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
