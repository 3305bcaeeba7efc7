"""Counts the lines of a log that match, at the speed of RE2 and in constant memory."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from checks._packed import read_at
from checks._regex import found, line_search, line_stride, literal, meets_any_byte, sound
from checks._rotation import Part
from checks._text import clean

CHUNK = 4 << 20
WINDOW = 256 << 10
SAMPLED = 2_000
"""Matching lines that are looked at one by one for the evidence; the rest is only counted."""
_STRIDE = 16
_EXACT = 64 << 20
_ONE_IN = 8
_SIGNATURES = 500
_VARYING = re.compile(r"0[xX][0-9a-fA-F]+|\b[0-9a-fA-F]{4,}(?:-[0-9a-fA-F]{4,})+\b|\b(?=[a-f]*\d)[0-9a-f]{7,}\b|\d+")
_MERGED = re.compile(r"#(?:[-:.,T/+ ]{0,2}#)+Z?")


def signature(line: str) -> str:
    """A line without what varies: numbers, times, identifiers, hexadecimal."""
    return _MERGED.sub("#", _VARYING.sub("#", line)).strip()


class Tally:
    """The lines that match one pattern and not `ignore`."""

    def __init__(self, name: str, pattern: str, ignore: str | None = None) -> None:
        self.name = name
        self.count = 0
        self.sampled = 0
        self.signatures: Counter[str] = Counter()
        self.last = ""
        self._ignore = ignore
        self._search = line_search(pattern)
        self._literal = literal(pattern)
        self._stride = None if self._literal else line_stride(pattern, _STRIDE)
        self._each = re.compile(b"()" + re.escape(self._literal) + b".*") if self._literal else None
        self._dense = False
        self.needs_sound = meets_any_byte(pattern)
        """Whether it must be fed UTF-8 only."""

    def feed(self, text: bytes | bytearray, end: int) -> None:
        """Count in `text[:end]`, which ends with a line. Where much matches, lines are no longer found singly."""
        many = 100 if self._each else 400
        position = 0
        while position < end:
            stop = min(position + WINDOW, end)
            stop = text.find(b"\n", stop - 1, end) + 1 or end
            quick = self._dense and self.sampled >= SAMPLED and self._ignore is None
            before = self.count
            if quick and self._each:
                self.count += len(self._each.findall(text, position, stop))
            else:
                self._singly(text, self._by_strides(text, position, stop) if quick else position, stop)
            self._dense = self.count - before > many
            position = stop

    def _by_strides(self, text: bytes | bytearray, position: int, stop: int) -> int:
        """Count sixteen matching lines at a time; where fewer are left."""
        while self._stride and (passed := self._stride(text, position, stop)) >= 0:
            self.count += _STRIDE
            position = passed
        return position

    def _singly(self, text: bytes | bytearray, position: int, stop: int) -> None:
        search, find, count = self._search, text.find, 0
        closely = self._ignore is not None or self.sampled < SAMPLED
        while position < stop:
            start, end = search(text, position, stop)
            if start < 0 or start >= stop:
                break
            position = find(b"\n", end, stop) + 1 or stop
            if not closely or self._counts(bytes(text[text.rfind(b"\n", 0, start) + 1 : position])):
                count += 1
        self.count += count

    def _counts(self, line: bytes) -> bool:
        """Whether a matching line is not to be ignored; it becomes evidence."""
        if self._ignore is not None and found(self._ignore, line):
            return False
        if self.sampled < SAMPLED:
            self.sampled += 1
            self.last = clean(line.rstrip(), 300)
            sign = signature(self.last)
            if sign in self.signatures or len(self.signatures) < _SIGNATURES:
                self.signatures[sign] += 1
        return True


class Reading:
    """Reads parts of files by large pieces, and feeds the tallies."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self.tallies = tallies
        self.read = 0
        self.complete = True
        self._lines = 0
        self._counted = 0
        self._pieces = 0
        self._buffer = bytearray(CHUNK)
        self._needs_sound = any(tally.needs_sound for tally in tallies)

    @property
    def lines(self) -> int:
        """Lines read: counted in the first 64 MiB, and reckoned from every eighth piece beyond."""
        return round(self._lines * self.read / self._counted) if self._counted else 0

    def go(self, part: Part, *, until: float, partial: bool) -> int:
        """Read a part, as far as there is time (`time.monotonic()`); where it stopped.

        With `partial`, a last line without an end is read, too; without, it is left for the next look.
        """
        position, view = part.start, memoryview(self._buffer)
        while position < part.end:
            if time.monotonic() > until:
                self.complete = False
                break
            size = read_at(part.file, view[: min(CHUNK, part.end - position)], position)
            end = self._buffer.rfind(b"\n", 0, size) + 1
            if not end:
                if not size or (size < CHUNK and not partial):
                    break
                end = size  # a line that is longer than a piece, or the last one
            self._take(end)
            position += end
        return position

    def _take(self, end: int) -> None:
        text: bytes | bytearray = self._buffer
        if self._needs_sound:
            text = sound(self._buffer[:end])
        length = end if text is self._buffer else len(text)
        for tally in self.tallies:
            tally.feed(text, length)
        self.read += end
        self._pieces += 1
        if self.read <= _EXACT or self._pieces % _ONE_IN == 0:
            self._lines += self._buffer.count(b"\n", 0, end) + (self._buffer[end - 1] != ord("\n"))
            self._counted += end


@dataclass(frozen=True, slots=True)
class Count:
    """The lines that match one pattern; `top` are the most frequent messages among those sampled."""

    name: str
    count: int
    sampled: int = 0
    top: tuple[tuple[str, int], ...] = ()
    last: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a log showed."""

    counts: tuple[Count, ...] = ()
    lines: int = 0
    read: int = 0
    age_s: float | None = None
    complete: bool = True
    first_look: bool = False
    lost: bool = False
    unread: tuple[str, ...] = ()
    off_s: float | None = None
    memory: dict[str, Any] = field(default_factory=dict)
