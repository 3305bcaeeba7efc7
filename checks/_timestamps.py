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
_MONTH = rb"(?P<month>" + b"|".join(_MONTHS) + rb")"
_DAY = rb"(?P<day>\d\d?)"
_YEAR = rb"(?P<year>\d{4})"
_HALF = rb"(?:(?: |\xe2\x80\xaf)?(?P<half>[AaPp][Mm])(?![A-Za-z0-9]))?"
_CLOCK = rb"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,]\d{1,9})?" + _HALF
_HOURS = {
    b"Z": 0, b"UTC": 0, b"GMT": 0, b"WEST": 1, b"CET": 1, b"CEST": 2, b"EET": 2, b"EEST": 3, b"MSK": 3, b"JST": 9,
    b"KST": 9, b"AEST": 10, b"AEDT": 11, b"EST": -5, b"EDT": -4, b"CDT": -5, b"MDT": -6, b"MST": -7, b"PDT": -7,
    b"PST": -8,
}  # fmt: skip
"""Hours ahead of UTC by the words that mean one zone; CST, IST and BST mean several."""
_ZONE = rb"(?: ?(?P<zone>(?:" + b"|".join(_HOURS) + rb")(?![A-Za-z])|[+-]\d\d:?\d\d))?"
_ASCTIME = re.compile(
    _MONTH + rb" {1,2}" + _DAY + rb" " + _CLOCK + rb"(?: (?P<zone>[A-Z]{3,5}))? " + _YEAR + rb"(?!\d)"
)
"""`Wed Nov 25 08:30:00.123 2026` of Apache's error log and `Wed Nov 25 08:30:00 UTC 2026` of `date`."""
_FORMS = (
    re.compile(rb"(?<!\d)" + _YEAR + rb"[-/](?P<month>\d\d)[-/](?P<day>\d\d)[T ]" + _CLOCK + _ZONE + rb"(?!\d)"),
    # 25/Nov/2026:08:30:00 of access logs, 25 Nov 2026 08:30:00 of Redis and mail, 25-Nov-2026 08:30:00 of Tomcat
    re.compile(
        rb"(?<!\d)" + _DAY + rb"(?P<between>[-/ ])" + _MONTH + rb"(?P=between)" + _YEAR + rb"[ :]" + _CLOCK + _ZONE
    ),
    _ASCTIME,
    # Nov 25, 2026 8:30:00 AM of java.util.logging
    re.compile(_MONTH + rb" " + _DAY + rb", " + _YEAR + rb",? " + _CLOCK),
)
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
        if (found := _SYSLOG.match(line)) and not _ASCTIME.match(line):
            month, day, *clock = found.groups()
            return _this_year(_MONTHS[month], int(day), clock, now, zone)
        if found := _KLOG.match(line):
            month, day, *clock = found.groups()
            return _this_year(int(month), int(day), clock, now, zone)
        if written := _at(line, 0, zone):
            return written
        starts = [found.start() for form in _FORMS if (found := form.search(line))]
        return _at(line, min(starts), zone) if starts else None
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
    for form in _FORMS:
        if found := form.match(line, place):
            return _moment(found.groupdict(), zone)
    if found := _EPOCH.match(line, place):
        return datetime.fromtimestamp(int(found[1]), UTC)
    return None


def _moment(said: dict[str, bytes], zone: tzinfo) -> datetime:
    month = _MONTHS.get(said["month"]) or int(said["month"])
    hour = int(said["hour"])
    if (half := said.get("half")) and hour <= 12:
        hour = hour % 12 + (12 if half.upper() == b"PM" else 0)
    clock = (hour, int(said["minute"]), int(said["second"]))
    return datetime(int(said["year"]), month, int(said["day"]), *clock, tzinfo=_zone(said.get("zone"), zone))


def _zone(said: bytes | None, zone: tzinfo) -> tzinfo:
    """The zone that a stamp names; `zone` if it names none, or by a word such as CST, which only its writer knows."""
    if said in _HOURS:
        return timezone(timedelta(hours=_HOURS[said]))
    if not said or said.isalpha():
        return zone
    digits = said[1:].replace(b":", b"")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if said.startswith(b"-") else size)


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


def hours_off(file: IO[bytes], size: int, *, changed: float, now: datetime, zone: tzinfo) -> float | None:
    """By how many seconds the last stamp lies before the last write, if it looks like another zone's; else `None`."""
    written = [when for _, when in _stamps(file, max(size - _PROBE, 0), size, now=now, zone=zone)]
    if not written:
        return None
    off = changed - written[-1].timestamp()
    quarters = round(off / 900)
    return 900.0 * quarters if 1 <= quarters <= 56 and abs(off - 900 * quarters) <= 30 else None


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
