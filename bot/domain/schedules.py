"""When: schedules from words, cron or `every:`, and the slots they make.

Three calendars (docs/adr/0004). *Fixed times* mean the clock on the wall: their slots are named by local wall time, a
repeated autumn hour runs once, and a time that spring skips runs once, as much later as the clock jumped. *Hourly*
patterns mean hours as they pass: 25 on the long day. *Intervals* do not know the wall at all. The last two are named by
UTC instant.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import cast
from zoneinfo import ZoneInfo

from bot.domain.cron import read_cron
from bot.domain.days import HORIZON_YEARS, BadSchedule, Pattern
from bot.domain.durations import LONGEST, instant, say
from bot.domain.sayings import describe
from bot.domain.words import read_words

__all__ = ["BadSchedule", "Schedule", "Slot", "by_instant", "every", "parse_cron", "parse_schedule"]

SHORTEST = timedelta(seconds=5)

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")
_CRON = re.compile(
    r"(?:cron:? +(?P<said>.+)|(?P<bare>@\w+|[\d*?][^ :]*(?: [\d*?][^ :]*)(?: [^ :]+){1,5}))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment at which something is due.

    Args:
        key: names the slot for ever: `2026-10-25T02:30` (wall time) or `2026-10-25T00:30:00Z` (instant).
        due: UTC.
    """

    key: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Interval:
    """Every `length`, counted from 1970 UTC, `phase` later. Both are whole seconds."""

    length: timedelta
    phase: timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule that yields slots.

    Args:
        zone: whose wall clock and calendar are meant.
        exceptions: local days without slots.
    """

    rule: Pattern | Interval
    zone: ZoneInfo
    exceptions: frozenset[date] = frozenset()

    def next_after(self, instant: datetime) -> Slot | None:
        """The first slot due later than `instant` (aware); `None` when there is none within forty years."""
        if instant.tzinfo is None:
            raise ValueError("a schedule needs an aware instant")
        moment = instant.astimezone(UTC)
        if isinstance(self.rule, Interval):
            return self._next_interval(self.rule, moment)
        if self.rule.hourly is not None:
            return self._next_hourly(self.rule, self.rule.hourly, moment)
        return self._next_fixed(self.rule, moment)

    def between(self, start: datetime, end: datetime, limit: int) -> list[Slot]:
        """The slots due later than `start` and not later than `end`, at most the first `limit`."""
        found: list[Slot] = []
        slot = self.next_after(start)
        while slot is not None and slot.due <= end and len(found) < limit:
            found.append(slot)
            slot = self.next_after(slot.due)
        return found

    def latest(self, start: datetime, end: datetime) -> tuple[Slot, int] | None:
        """The last slot of an interval later than `start` and not later than `end`, and how many there are before it.

        Reckoned, not walked: between them there may be a year of seconds.
        """
        assert isinstance(self.rule, Interval)
        assert not self.exceptions
        length = self.rule.length
        due = _EPOCH + self.rule.phase + (end - _EPOCH - self.rule.phase) // length * length
        return (by_instant(due), -((start - due) // length) - 1) if due > start else None

    def describe(self) -> str:
        """In canonical words, which `parse_schedule` reads back: `weekdays at 09:00`, `every 6 hours`."""
        return describe(self.rule.length if isinstance(self.rule, Interval) else self.rule)

    def _next_fixed(self, pattern: Pattern, moment: datetime) -> Slot | None:
        # From yesterday on: a time that spring skipped just before midnight is due today.
        day = pattern.days.first_from(moment.astimezone(self.zone).date() - _DAY)
        last = moment.year + HORIZON_YEARS
        while day is not None and day.year <= last:
            slot = None if day in self.exceptions else self._first_on(day, pattern, moment)
            if slot is not None:
                return slot
            day = pattern.days.first_from(day + _DAY)
        return None

    def _first_on(self, day: date, pattern: Pattern, moment: datetime) -> Slot | None:
        """The first slot of one local day that is due after `moment`."""
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall has no zone
        offset, next_offset = (self._offset(each) for each in (midnight, midnight + _DAY))
        if offset == next_offset:
            passed = (moment.replace(tzinfo=None) + offset - midnight) // _MINUTE
            place = bisect_right(pattern.times, passed)
            if place == len(pattern.times):
                return None
            wall = midnight + pattern.times[place] * _MINUTE
            return Slot(wall.isoformat(timespec="minutes"), (wall - offset).replace(tzinfo=UTC))
        return self._first_on_uneven_day(midnight, pattern, moment)

    def _first_on_uneven_day(self, midnight: datetime, pattern: Pattern, moment: datetime) -> Slot | None:
        """A day on which the clock is changed: every time is looked up by itself."""
        slots = _uneven_day(pattern.times, self.zone, midnight)
        place = bisect_right(slots, moment, key=itemgetter(0))
        if place == len(slots):
            return None
        due, skipped, wall = slots[place]
        shown = due.astimezone(self.zone).date()
        if skipped and shown > wall.date() and shown not in self.exceptions and pattern.days.means(shown):
            rival = self._first_on(shown, pattern, moment)
            if rival is not None and rival.due <= due:
                return rival
        return Slot(wall.isoformat(timespec="minutes"), due)

    def _offset(self, wall: datetime) -> timedelta:
        return cast(timedelta, wall.replace(tzinfo=self.zone).utcoffset())

    def _next_hourly(self, pattern: Pattern, minutes: tuple[int, ...], moment: datetime) -> Slot | None:
        moment = moment.replace(second=0, microsecond=0) + _MINUTE
        last = moment.year + HORIZON_YEARS
        while moment.year <= last:
            local = moment.astimezone(self.zone)
            today = local.date()
            if today in self.exceptions or not pattern.days.means(today):
                day = pattern.days.first_from(today + _DAY)
                if day is None:
                    return None
                midnight = instant(datetime.combine(day, datetime.min.time()), self.zone)
                # A midnight that happens twice may lie behind us; then time itself brings us to the day.
                moment = midnight if midnight > moment else moment + _MINUTE
                continue
            place = bisect_right(minutes, local.minute - 1)
            wait = (minutes[place] if place < len(minutes) else 60) - local.minute
            later = moment + wait * _MINUTE
            if wait and later.astimezone(self.zone).utcoffset() != local.utcoffset():
                # The clock is changed on the way: go there minute by minute.
                later = moment + _MINUTE
            elif place < len(minutes):
                return by_instant(later)
            moment = later
        return None

    def _next_interval(self, interval: Interval, moment: datetime) -> Slot | None:
        last = moment.year + HORIZON_YEARS
        while True:
            passed = (moment - _EPOCH - interval.phase) // interval.length
            due = _EPOCH + interval.phase + (passed + 1) * interval.length
            day = due.astimezone(self.zone).date() if self.exceptions else None
            if day is None or day not in self.exceptions:
                return by_instant(due)
            moment = instant(datetime.combine(day + _DAY, datetime.min.time()), self.zone) - timedelta(microseconds=1)
            # Where midnight is repeated, its first pass still counts as the excepted day's end.
            moment = max(moment, due)
            if moment.year > last:
                return None


@lru_cache(maxsize=64)
def _uneven_day(
    times: tuple[int, ...], zone: ZoneInfo, midnight: datetime
) -> tuple[tuple[datetime, bool, datetime], ...]:
    """(due, was the wall time skipped, wall time) of a day on which the clock is changed, by due time."""
    found: dict[datetime, tuple[datetime, bool, datetime]] = {}
    for minutes in times:
        wall = midnight + minutes * _MINUTE
        due = instant(wall, zone)
        skipped = due.astimezone(zone).replace(tzinfo=None) != wall
        # Two wall times at one instant: the later one, which is on the wall then, keeps its name.
        found[due] = (due, skipped, wall)
    return tuple(sorted(found.values()))


def by_instant(due: datetime) -> Slot:
    """The slot at that moment, named by it; it is UTC."""
    return Slot(f"{due:%Y-%m-%dT%H:%M:%SZ}", due)


def parse_schedule(
    text: str, *, zone: ZoneInfo, exceptions: frozenset[date] = frozenset(), phase_key: str = ""
) -> Schedule:
    """A schedule in words: `weekdays at 09:00`, `first monday of the month at 10:00`, `every 6 hours`; or in cron.

    Args:
        phase_key: spreads intervals, as in `every`; without it they are aligned to UTC midnight.

    Raises:
        BadSchedule: not understood, or never due.
    """
    cron = _CRON.fullmatch(" ".join(text.split()))
    if cron:
        return parse_cron(cron["said"] or cron["bare"], zone=zone, exceptions=exceptions)
    rule = read_words(text)
    if isinstance(rule, timedelta):
        return every(rule, phase_key=phase_key, zone=zone, exceptions=exceptions)
    return _checked(Schedule(rule, zone, exceptions), text)


def parse_cron(text: str, *, zone: ZoneInfo, exceptions: frozenset[date] = frozenset()) -> Schedule:
    """A schedule from cron's five fields (see `bot.domain.cron`).

    Raises:
        BadSchedule: not five fields, out of range, or never due.
    """
    return _checked(Schedule(read_cron(text), zone, exceptions), text)


def every(
    length: timedelta, *, phase_key: str, zone: ZoneInfo = _UTC, exceptions: frozenset[date] = frozenset()
) -> Schedule:
    """An interval, counted from 1970 UTC.

    Args:
        length: whole seconds, from 5 s to ten years.
        phase_key: what is looked at. Its hash shifts the slots, so that a hundred checks are not due in the same
            second, and stays the same over restarts and replicas. Empty: no shift.
        zone: only for `exceptions`.

    Raises:
        BadSchedule: too short, too long, or not whole seconds.
    """
    if length < SHORTEST:
        raise BadSchedule(f"every {say(length)} is too often; expected at least {say(SHORTEST)}")
    if length > LONGEST:
        raise BadSchedule(f"every {say(length)} is too seldom; expected at most ten years")
    if length.microseconds:
        raise BadSchedule(f"every {length.total_seconds():g} s is not a number of whole seconds")
    digest = hashlib.sha256(phase_key.encode()).digest()
    seconds = int.from_bytes(digest[:8], "big") % int(length.total_seconds()) if phase_key else 0
    return Schedule(Interval(length, timedelta(seconds=seconds)), zone, exceptions)


def _checked(schedule: Schedule, text: str) -> Schedule:
    # From a leap year on, and without exceptions: those may well cover all that is near.
    if isinstance(schedule.rule, Pattern) and schedule.rule.days.first_from(date(2000, 1, 1)) is None:
        raise BadSchedule(f'"{text.strip()}" never happens: no month that is meant has such a day')
    return schedule
