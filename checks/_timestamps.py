"""When a line of a log was written, and where in a file a moment is."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import IO

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name.encode(): number for number, name in enumerate(_NAMES, start=1)}
_ISO = re.compile(
    rb"(?<!\d)(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})? ?(Z|[+-]\d\d:?\d\d)?(?!\d)"
)
_WEB = re.compile(rb"(?<!\d)(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})")
_SYSLOG = re.compile(rb"^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)")
_KLOG = re.compile(rb"^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)")
_EPOCH = re.compile(rb"\[?(\d{10})(?:\d{3})?(?!\d)")
_KEYS = ("@timestamp", "timestamp", "ts", "time", "datetime", "asctime", "eventtime", "date", "t")
"""What loggers that write JSON call the time of a line, in small letters."""
_LOOKED_AT = 300
_LONGEST_JSON = 64 << 10
_PROBE = 64 << 10
_STEP = 1 << 20


def stamp(line: bytes, *, now: datetime, zone: tzinfo) -> datetime | None:
    """When the line was written; `zone` is for stamps without one.

    It is the line's own stamp that counts, not a time that its message tells, which anybody may have put there: in
    JSON the one behind a key such as `time`, else the one at the very beginning, else the first.
    """
    try:
        if line.startswith(b"{") and (written := _in_json(line, zone)):
            return written
        line = line[:_LOOKED_AT]
        if found := _SYSLOG.match(line):
            month, day, *clock = found.groups()
            return _this_year(_MONTHS[month], int(day), clock, now, zone)
        if found := _KLOG.match(line):
            month, day, *clock = found.groups()
            return _this_year(int(month), int(day), clock, now, zone)
        starts = [found.start() for form in (_ISO, _WEB) if (found := form.search(line))]
        return _at(line, min(starts, default=0), zone)
    except (ValueError, KeyError):
        return None


def _in_json(line: bytes, zone: tzinfo) -> datetime | None:
    """The moment behind a key for it, of a line that is a JSON object."""
    try:
        found = json.loads(line[:_LONGEST_JSON])
    except (ValueError, RecursionError):
        return None
    said = {str(key).lower(): value for key, value in found.items()} if isinstance(found, dict) else {}
    times = (_at(str(said[key]).encode(errors="replace"), 0, zone) for key in _KEYS if key in said)
    return next((written for written in times if written), None)


def _at(line: bytes, place: int, zone: tzinfo) -> datetime | None:
    """The moment that is written at that place of the line."""
    if found := _ISO.match(line, place):
        *parts, offset = found.groups()
        return datetime(*(int(part) for part in parts), tzinfo=_zone(offset, zone))  # type: ignore[misc,arg-type]
    if found := _WEB.match(line, place):
        day, month, year, *clock, offset = found.groups()
        return datetime(int(year), _MONTHS[month], int(day), *map(int, clock), tzinfo=_zone(offset, zone))  # type: ignore[misc,arg-type]
    if found := _EPOCH.match(line, place):
        return datetime.fromtimestamp(int(found[1]), UTC)
    return None


def _zone(offset: bytes | None, zone: tzinfo) -> tzinfo:
    if not offset:
        return zone
    if offset == b"Z":
        return UTC
    digits = offset[1:].replace(b":", b"")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if offset.startswith(b"-") else size)


def _this_year(month: int, day: int, clock: list[bytes], now: datetime, zone: tzinfo) -> datetime:
    """A stamp without a year is of this one, unless that were tomorrow or later."""
    found = datetime(now.year, month, day, *map(int, clock), tzinfo=zone)  # type: ignore[misc,arg-type]
    return found if found <= now + timedelta(days=1) else found.replace(year=now.year - 1)


class Unstamped(Exception):
    """No line near the place has a time stamp."""


def begins(file: IO[bytes], size: int, *, since: datetime, now: datetime, zone: tzinfo) -> int:
    """Where the lines since a moment begin, found by halving; the lines are taken to be in order.

    Raises:
        Unstamped: no stamp was found at all.
    """
    low, high, any_stamp = 0, size, False
    while high - low > _PROBE:
        middle = (low + high) // 2
        written = next((when for _, when in _stamps(file, middle, high, now=now, zone=zone)), None)
        any_stamp = any_stamp or written is not None
        if written is not None and written < since:
            low = middle
        else:
            high = middle
    for place, written in _stamps(file, low, size, now=now, zone=zone, most=2 * _PROBE):
        any_stamp = True
        if written >= since:
            return place
    if not any_stamp and size:
        raise Unstamped
    return high  # the file's end, or a long stretch without stamps, which then counts


def begins_unpacked(file: IO[bytes], *, since: datetime, now: datetime, zone: tzinfo, until: float) -> int | None:
    """Where the lines since a moment begin in a file that can only be read forwards; `None`: it holds none.

    Raises:
        TimeoutError: it was not found in time (`time.monotonic()`).
        Unstamped: no stamp was found at all.
    """
    before = place = 0
    any_stamp = False
    while file.seek(place) == place:
        if time.monotonic() > until:
            raise TimeoutError
        written = next((when for _, when in _stamps(file, place, place + _PROBE, now=now, zone=zone)), None)
        any_stamp = any_stamp or written is not None
        if written is not None and written >= since:
            break
        before, place = place, place + _STEP
    for line, written in _stamps(file, before, place + _PROBE, now=now, zone=zone, most=_STEP + _PROBE):
        any_stamp = True
        if written >= since:
            return line
    if not any_stamp and file.seek(1) == 1:
        raise Unstamped
    return None


def first(file: IO[bytes], size: int, *, now: datetime, zone: tzinfo) -> datetime | None:
    """When the first line with a stamp was written."""
    return next((when for _, when in _stamps(file, 0, size, now=now, zone=zone)), None)


def _stamps(
    file: IO[bytes], start: int, end: int, *, now: datetime, zone: tzinfo, most: int = _PROBE
) -> Iterator[tuple[int, datetime]]:
    """The stamped lines from the first whole line after `start`: their place and their time."""
    file.seek(start)
    text = file.read(min(most, end - start))
    position = 0 if start == 0 else text.find(b"\n") + 1
    if start and not position:
        return
    while position < len(text):
        line_end = text.find(b"\n", position)
        line = text[position : line_end if line_end >= 0 else len(text)]
        if (written := stamp(line, now=now, zone=zone)) is not None:
            yield start + position, written
        if line_end < 0:
            return
        position = line_end + 1
