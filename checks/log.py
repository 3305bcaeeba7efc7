"""A log holds no more errors than it should, and is still being written.

Why: an application says what is wrong long before it stops; nobody reads along.

What to do: the evidence shows the most frequent messages, with what varies (numbers, identifiers) taken out, and the
last one in full. Start with the most frequent; look in the log at what came right before its first one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from checks._apart import StillHanging, apart, patience
from checks._contract import Check, Context, CouldNotCheck, Evidence, Finding, Look, Measure, Metric, Outcome, Rules
from checks._packed import DAMAGED
from checks._regex import Re2Pattern
from checks._rotation import Part, Rotated, Stretch, missing, opened, remembered, rotated, since_last_look
from checks._tally import SAMPLED, Count, Read, Reading, Tally
from checks._timestamps import Unstamped, begins, begins_unpacked, first, hours_off
from checks._types import AbsolutePath, Duration, MetricName
from checks._units import duration, show

LEVELS = {
    "errors": r"\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERGENCY)\b|\blevel\"?[=:] ?\"?(?i:error|fatal|critical|panic)"
    r"|\[(?:\w+:)?(?:error|crit|alert|emerg)\]|^[EF]\d{4} \d\d:",
    "warnings": r"\bWARN(?:ING)?\b|\blevel\"?[=:] ?\"?(?i:warn)|\[(?:\w+:)?warn(?:ing)?\]|^W\d{4} \d\d:",
}
_ROTATIONS = 10


class LogCheck(Check):
    """Counts lines of one file: those written since the last look, or those with time stamps in a window.

    The position is remembered by inode, size and a hash of the beginning, so that rotation loses and doubles nothing
    as long as the rotated file is there, as it was or packed by gzip, bzip2 or xz. The first look remembers where the
    log ends, and counts nothing; a log that was missing before counts from its beginning.

    A window knows these time stamps: ISO 8601, those of syslog, web servers, Redis, Tomcat, java.util.logging, klog and
    `date`, seconds since 1970, and in JSON those behind a key such as `time` or `ts`.
    """

    kind: Literal["log"] = "log"
    path: AbsolutePath = Field(description="The file, an absolute path.")
    window: Duration | Literal["last-look"] = Field(
        "last-look",
        description="What to read: since the last look, or a window such as `1h` by the lines' time stamps.",
    )
    match: Re2Pattern | None = Field(None, description="A pattern (RE2); lines that match are counted as `matches`.")
    patterns: dict[MetricName, Re2Pattern] = Field({}, description="Further patterns (RE2), each with its metric.")
    ignore: Re2Pattern | None = Field(None, description="Lines that match this pattern (RE2) do not count.")
    levels: bool = Field(
        False, description="Whether to count lines by level, too: `errors`, `warnings`. Always so without patterns."
    )
    may_be_missing: bool = Field(False, description="Whether it is fine that there is no such file.")
    timezone: str | None = Field(None, description="Zone of time stamps that name none; default: that of the run.")

    measures: ClassVar[Mapping[str, Measure]] = {
        "lines": Measure(
            "", "lines read; beyond 64 MiB in one look reckoned from samples", "has {value} line(s)", lowest=0
        ),
        "read_bytes": Measure("B", "size of what was read", "has {value} to read"),
        "age_s": Measure("s", "since the file was last written", "was last written {value} ago", lowest=0),
        "errors": Measure("", "lines of level error or above", "has {value} error(s)", lowest=0),
        "warnings": Measure("", "lines of level warning", "has {value} warning(s)", lowest=0),
        "matches": Measure("", "lines that match `match`", "has {value} matching line(s)", lowest=0),
    }
    rules: ClassVar[Rules] = Rules(warning="errors > 0")
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: log, path: /var/log/shop/app.log}",
        "kind: log\npath: /var/log/nginx/access.log\nwindow: 1h\npatterns: {server_errors: '\" 5[0-9][0-9] '}\n"
        "warning: server_errors > 10\ncritical: server_errors > 100",
        "{kind: log, path: /var/log/auth.log, match: Failed password, critical: matches > 50}",
    )

    @field_validator("path")
    @classmethod
    def _one_file(cls, path: str) -> str:
        if "*" in path or "?" in path:
            raise ValueError("is one file, without wildcards; write a check for each log")
        return path

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        try:
            return name and ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("must be a time zone such as Europe/Amsterdam") from error

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if taken := sorted(self.patterns.keys() & self.measures.keys()):
            raise ValueError(f"{', '.join(taken)}: a name that this kind measures itself; choose another")
        return self

    def about(self) -> str:
        return self.path

    def _wanted(self) -> dict[str, str]:
        """The patterns to count, by metric."""
        wanted = dict(LEVELS) if self.levels or not (self.match or self.patterns) else {}
        return wanted | ({"matches": self.match} if self.match else {}) | self.patterns

    def measured(self) -> Mapping[str, Measure]:
        always = {name: self.measures[name] for name in ("lines", "read_bytes", "age_s")}
        own = {
            name: Measure("", f"lines that match {pattern}", f"has {{value}} {name}", lowest=0)
            for name, pattern in self.patterns.items()
        }
        # Twenty errors are many or few by the time in which they were.
        within = "" if self.window == "last-look" else f" in {duration(self.window)}"
        counted = {name: self.measures.get(name) or own[name] for name in self._wanted()}
        return always | {name: replace(one, phrase=one.phrase + within) for name, one in counted.items()}

    def default_rules(self) -> Rules:
        judged = [name for name in self._wanted() if name != "warnings"]
        return Rules(warning=" || ".join(f"{name} > 0" for name in judged))

    async def look(self, ctx: Context) -> Look:
        waits = patience(ctx)
        try:
            found = await apart(self.read, ctx.now, ctx.memory, time.monotonic() + 0.9 * waits, patience_s=waits)
        except StillHanging:
            return Look.broken(f"{self.path} could not be read within {duration(waits)}; its file system hangs")
        except FileNotFoundError:
            if self.window == "last-look":
                _replace(ctx.memory, missing(self.path, ctx.memory))
            if not self.may_be_missing:
                return Look.broken(f"{self.path} does not exist")
            found = Read(tuple(Count(name, 0) for name in self._wanted()))
        except PermissionError as error:
            raise CouldNotCheck(f"may not read {self.path}; give our user the right to") from error
        except DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:
                return Look.broken(f"{self.path} cannot be read: {error.strerror}")
            # The system numbers its errors; what unpacks does not.
            raise CouldNotCheck(f"cannot unpack what was rotated beside {self.path}: {error}") from error
        except ValueError as error:
            return Look.broken(f"{self.path} {error}")
        if found.memory:
            _replace(ctx.memory, found.memory)
        return self.judge(found)

    def read(self, now: datetime, memory: Mapping[str, Any], until: float) -> Read:
        """Read what is new, or in the window; hangs where the file system does.

        Raises:
            ValueError: it is no regular file.
        """
        tallies = [Tally(name, pattern, self.ignore) for name, pattern in self._wanted().items()]
        reading = Reading(tallies)
        with ExitStack() as files:
            by_position = self.window == "last-look"
            stretch = since_last_look(self.path, memory, files) if by_position else self._window(now, files, until)
            part, stopped = stretch.parts[-1], stretch.parts[-1].start
            for part in stretch.parts:
                stopped = reading.go(part, until=until, partial=not by_position or part is not stretch.parts[-1])
                if not reading.complete:
                    break
            return Read(
                counts=tuple(
                    Count(tally.name, tally.count, tally.sampled, tuple(tally.signatures.most_common(5)), tally.last)
                    for tally in tallies
                ),
                lines=reading.lines,
                read=reading.read,
                age_s=max(now.timestamp() - _changed(stretch.parts[-1]), 0.0),
                complete=reading.complete,
                first_look=stretch.first_look,
                lost=stretch.lost,
                unread=stretch.unread,
                off_s=stretch.off_s,
                memory=remembered(self.path, part, stopped) if by_position else {},
            )

    def _window(self, now: datetime, files: ExitStack, until: float) -> Stretch:
        """The parts of the log, and of what was rotated away, that hold the window."""
        assert self.window != "last-look"
        zone: tzinfo | None = ZoneInfo(self.timezone) if self.timezone else now.tzinfo
        assert zone is not None
        since = now - timedelta(seconds=self.window)
        file, found = opened(self.path, files)
        parts: list[Part] = []
        unread: list[str] = []
        for old in (Rotated(self.path, file, found, packed=False), *rotated(self.path, files)[:_ROTATIONS]):
            if parts and old.found.st_mtime < since.timestamp():
                break  # nothing was written to it since
            if old.file is None:
                unread.append(old.path)
                continue
            try:
                start = self._start(old, since=since, now=now, zone=zone, until=until)
            except Unstamped:
                if parts:
                    break
                raise CouldNotCheck(
                    f"found no time stamp that we know in {self.path}; without one, use `window: last-look`"
                ) from None
            parts.insert(0, Part(old.file, start, old.size))
            begun = first(old.file, old.size, now=now, zone=zone)
            if start > 0 or (begun is not None and begun < since):
                break
        off = hours_off(file, found.st_size, changed=found.st_mtime, now=now, zone=zone)
        return Stretch(parts, unread=tuple(unread), off_s=off)

    def _start(self, old: Rotated, *, since: datetime, now: datetime, zone: tzinfo, until: float) -> int:
        """Where the window begins in a part of the log."""
        assert old.file is not None
        if not old.packed:
            return begins(old.file, old.size, since=since, now=now, zone=zone)
        try:
            place = begins_unpacked(old.file, since=since, now=now, zone=zone, until=until)
        except TimeoutError:
            raise CouldNotCheck(
                f"could not unpack {old.path} in time; give it a longer `timeout:`, or let logrotate `delaycompress`"
            ) from None
        except DAMAGED as error:
            raise CouldNotCheck(f"cannot unpack {old.path}: {error}") from error
        return old.size if place is None else place

    def judge(self, found: Read) -> Look:
        """No I/O here."""
        metrics = [Metric("lines", found.lines), Metric("read_bytes", found.read)]
        metrics += [Metric("age_s", found.age_s)] if found.age_s is not None else []
        metrics += [Metric(count.name, count.count) for count in found.counts]
        text = "\n\n".join(self._report(found))
        evidence = Evidence(f"log {self.path}", text)
        absent = frozenset(("age_s",)) if found.age_s is None else frozenset[str]()
        return Look(tuple(metrics), tuple(self._findings(found)), (evidence,), absent)

    def _report(self, found: Read) -> Iterator[str]:
        when = "since the last look" if self.window == "last-look" else f"of the last {duration(self.window)}"
        if found.age_s is None:
            yield "there is no such file, which is fine here"
            return
        if found.first_look:
            yield "first look: counting begins here"
        yield f"{_lines(found.lines)} {when}, {show(found.read, 'B')}; last written {duration(found.age_s)} ago"
        for count in found.counts:
            if count.count:
                among = f", of which {SAMPLED:,} were sampled" if count.count > count.sampled else ""
                tops = [f"{times:>6}× {text}" for text, times in count.top]
                yield "\n".join([f"{count.name}: {_lines(count.count)}{among}", *tops, f"the last: {count.last}"])

    def _findings(self, found: Read) -> Iterator[Finding]:
        if found.age_s is None:
            yield Finding(Outcome.OK, f"{self.path} is not there, which is fine here")
        if found.first_look:
            # "has 0 errors" alone would sound as if somebody had looked.
            text = (
                f"{self.path} is looked at for the first time; this look counts nothing, the next what is written since"
            )
            yield Finding(Outcome.INFO, text)
        if found.lost:
            text = f"{self.path} was rotated since the last look; what was written before that is not counted"
            yield Finding(Outcome.INFO, text)
        if found.unread:
            packed = ", ".join(found.unread[:3])
            yield Finding(Outcome.INFO, f"{packed} cannot be unpacked here, and is not counted; gzip, bzip2 and xz can")
        if found.off_s is not None:
            text = f"{self.path} was last written {duration(found.off_s)} after the last time stamp in it"
            yield Finding(Outcome.INFO, f"{text}; if that is of another zone, lines are missed: give its `timezone:`")
        if not found.complete:
            rest = "the rest counts at the next look" if self.window == "last-look" else "the rest is not counted"
            yield Finding(
                Outcome.INFO, f"{self.path} was read for {show(found.read, 'B')} only, then time was up; {rest}"
            )


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _replace(memory: dict[str, Any], new: Mapping[str, Any]) -> None:
    memory.clear()
    memory.update(new)


def _changed(part: Part) -> float:
    return os.fstat(part.file.fileno()).st_mtime
