"""Files are there, as new and as large as they should be.

Why: a backup job that stopped, or writes empty files, is noticed on the day the backup is needed.

What to do: run the job that writes the files by hand and read what it says; look at its schedule and at the room left
on the disk. When the newest file is damaged, keep the one before it and find out whether the disk or the job is at
fault.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heappush, heappushpop
from typing import ClassVar, Literal

from pydantic import Field

from checks._apart import StillHanging, apart, patience
from checks._archive import Verdict, verify
from checks._contract import Check, Context, CouldNotCheck, Evidence, Finding, Look, Measure, Metric, Outcome, Rules
from checks._glob import MOST_ENTRIES, Found, PathPattern, Walk
from checks._text import clean
from checks._units import duration, show

LISTED = 10
AHEAD_S = 600
"""Seconds by which a file server's clock may go before ours; a file dated later has no age."""


@dataclass(frozen=True, slots=True)
class Files:
    """What a walk found.

    Args:
        newest: the newest first; none of those `ahead`, which are dated in the future.
        cut: there is more than was looked at.
        other: what a path without wildcards leads to instead of a file.
    """

    count: int = 0
    total_bytes: int = 0
    newest: tuple[Found, ...] = ()
    oldest: float | None = None
    days: frozenset[date] = frozenset()
    cut: bool = False
    top_exists: bool = True
    ahead: tuple[Found, ...] = ()
    other: Literal["folder", "no regular file"] | None = None
    verdict: Verdict | None = None


_OF_A_FILE = frozenset(("newest_age_s", "newest_bytes", "oldest_age_s"))


class FilesCheck(Check):
    """Looks for files that match a pattern; links count as what they point to, folders do not count.

    That nothing matches is critical by itself, unless `may_be_empty`. Ages are those of the last change. Beyond
    100,000 entries the look stops and says so; then ages are not measured. Of no files there is no age and no newest:
    a rule about them is not true then, so `may_be_empty: true` with `warning: oldest_age_s > 3600` is a folder that
    must be emptied within the hour.
    """

    kind: Literal["files"] = "files"
    path: PathPattern = Field(description="An absolute path; `*`, `?`, `[a-z]` in names, `**` over any depth.")
    may_be_empty: bool = Field(False, description="Whether it is fine that nothing matches.")
    one_per_day: int | None = Field(
        None,
        ge=1,
        le=400,
        description="Measure on how many of so many days no file was written; days before today, in the run's zone.",
    )
    verify: Literal["gzip", "tar"] | None = Field(
        None, description="Read the newest file to its end and say if it is damaged; tar may be compressed."
    )

    measures: ClassVar[Mapping[str, Measure]] = {
        "count": Measure("", "files that match", "has {value} matching file(s)", lowest=0),
        "total_bytes": Measure("B", "size of all of them", "holds {value}"),
        "newest_age_s": Measure("s", "since the newest was changed", "is {value} old at the newest", lowest=0),
        "newest_bytes": Measure("B", "size of the newest", "has {value} in the newest"),
        "oldest_age_s": Measure("s", "since the oldest was changed", "is {value} old at the oldest", lowest=0),
        "missing_days": Measure(
            "", "days of `one_per_day` on which no file was written", "lacks {value} day(s)", lowest=0
        ),
    }
    rules: ClassVar[Rules] = Rules(critical="count == 0")
    examples: ClassVar[tuple[str, ...]] = (
        "kind: files\npath: /var/backups/shop-*.sql.gz\nverify: gzip\none_per_day: 7\n"
        "critical: newest_age_s > 26 * 3600 || newest_bytes < 1000000",
        "{kind: files, path: /srv/inbox/**/*.csv, may_be_empty: true, warning: count > 500 || oldest_age_s > 3600}",
    )

    def about(self) -> str:
        return self.path

    def measured(self) -> Mapping[str, Measure]:
        if self.one_per_day is not None:
            return self.measures
        return {name: measure for name, measure in self.measures.items() if name != "missing_days"}

    def default_rules(self) -> Rules:
        return Rules(
            warning="missing_days > 0" if self.one_per_day is not None else None,
            critical=None if self.may_be_empty else self.rules.critical,
        )

    async def look(self, ctx: Context) -> Look:
        waits = patience(ctx)
        try:
            found = await apart(self.find, ctx.now, time.monotonic() + 0.9 * waits, patience_s=waits)
        except StillHanging:
            return Look.broken(f"{self.path} could not be read within {duration(waits)}; its file system hangs")
        except PermissionError as error:
            raise CouldNotCheck(f"may not read {error.filename}; give our user the right to") from error
        except OSError as error:
            return Look.broken(f"{self.path} cannot be read: {error.strerror}")
        return self.judge(found, now=ctx.now)

    def find(self, now: datetime, until: float) -> Files:
        """Walk the files; hangs where the file system does.

        Raises:
            PermissionError: a folder may not be read; its name is in the error.
        """
        walk = Walk(self.path)
        count = total = 0
        newest: list[tuple[float, str, Found]] = []
        ahead: list[Found] = []
        oldest: float | None = None
        days: set[date] = set()
        for found in walk:
            path, size, changed = found
            count, total = count + 1, total + size
            if changed > now.timestamp() + AHEAD_S:
                ahead = [*ahead, found][:LISTED]
                continue
            if len(newest) < LISTED:
                heappush(newest, (changed, path, found))
            elif changed >= newest[0][0]:
                heappushpop(newest, (changed, path, found))
            oldest = changed if oldest is None or changed < oldest else oldest
            if self.one_per_day is not None:
                days.add(datetime.fromtimestamp(changed, now.tzinfo).date())
        if walk.denied is not None:
            raise PermissionError(0, "", walk.denied)
        ranked = tuple(found for *_, found in sorted(newest, reverse=True))
        verdict = self._verified(ranked[0], until) if ranked and not walk.cut else None
        return Files(
            count,
            total,
            ranked,
            oldest,
            frozenset(days),
            walk.cut,
            top_exists=bool(count) or os.path.exists(walk.top()),
            ahead=tuple(ahead),
            other=None if count else _other(self.path),
            verdict=verdict,
        )

    def _verified(self, file: Found, until: float) -> Verdict | None:
        if self.verify is None:
            return None
        verdict = verify(file.path, self.verify, until=until)
        now = os.stat(file.path)
        growing = (now.st_size, now.st_mtime) != (file.size, file.changed)
        return Verdict(verdict.read, complete=False) if growing else verdict

    def judge(self, found: Files, *, now: datetime) -> Look:
        """No I/O here."""
        if not found.count:
            if found.cut:
                raise CouldNotCheck(f"none of the first {MOST_ENTRIES:,} entries matches {self.path}; narrow it")
            if not self.may_be_empty or found.other:
                why = "" if found.top_exists else f": {Walk(self.path).top()} does not exist"
                # A path without wildcards is one file; to say that it does not match itself helps nobody.
                plain = Walk(self.path).top() == self.path
                text = f"{self.path} does not exist" if plain else f"no file matches {self.path}{why}"
                if found.other:
                    text = f"{self.path} is a folder; for the files in it write {self.path.rstrip('/')}/*"
                    if found.other != "folder":
                        text = f"{self.path} is {found.other}"
                return Look.broken(text, metrics=[Metric("count", 0)])
        missing = self._missing(found, now)
        metrics = tuple(self._metrics(found, missing, now))
        count = "1 file" if found.count == 1 else f"{found.count:,} files"
        lines = [f"{count}, {show(found.total_bytes, 'B')}" + (", and more" if found.cut else "")]
        for file in (*found.ahead, *found.newest):
            changed = datetime.fromtimestamp(file.changed, now.tzinfo).isoformat(" ")[:16]
            lines.append(f"{changed}  {show(file.size, 'B'):>10}  {clean(file.path, 200)}")
        if missing:
            lines.append("no file on " + ", ".join(str(day) for day in missing))
        evidence = Evidence(f"files {self.path}", "\n".join(lines))
        absent = frozenset[str]() if found.count else _OF_A_FILE
        return Look(metrics, tuple(self._findings(found, now)), (evidence,), absent)

    def _missing(self, found: Files, now: datetime) -> list[date]:
        """The days before today on which no file was written; not known when the walk was cut."""
        wanted = [now.date() - timedelta(days=back) for back in range(1, (self.one_per_day or 0) + 1)]
        return [] if found.cut else [day for day in wanted if day not in found.days]

    def _metrics(self, found: Files, missing: list[date], now: datetime) -> Iterator[Metric]:
        yield Metric("count", found.count)
        yield Metric("total_bytes", found.total_bytes)
        if found.cut:
            return
        if found.newest and found.oldest is not None:
            yield Metric("newest_age_s", max(now.timestamp() - found.newest[0].changed, 0.0))
            yield Metric("newest_bytes", found.newest[0].size)
            yield Metric("oldest_age_s", max(now.timestamp() - found.oldest, 0.0))
        if self.one_per_day is not None:
            yield Metric("missing_days", len(missing))

    def _findings(self, found: Files, now: datetime) -> Iterator[Finding]:
        if not found.count:
            gone = "" if found.top_exists else f" ({Walk(self.path).top()} does not exist)"
            yield Finding(Outcome.OK, f"no file matches {self.path}{gone}, which is fine here")
        if found.cut:
            text = f"{self.path} has more than {MOST_ENTRIES:,} entries to look through; it was not looked at in full"
            yield Finding(Outcome.INFO, text)
        if found.ahead:
            first = found.ahead[0]
            dated = datetime.fromtimestamp(first.changed, now.tzinfo).date().isoformat()
            others = " like others" if len(found.ahead) > 1 else ""
            text = f"{clean(first.path, 200)} is dated {dated},{others} in the future; it does not count as the newest"
            yield Finding(Outcome.INFO, text)
        if found.verdict is None:
            return
        newest = clean(found.newest[0].path, 200)
        if found.verdict.damage:
            yield Finding(Outcome.CRITICAL, f"{newest} is damaged: {clean(found.verdict.damage, 200)}")
        elif not found.verdict.complete:
            read = show(found.verdict.read, "B")
            yield Finding(Outcome.INFO, f"{newest} was not read to its end, but is sound so far ({read})")


def _other(path: str) -> Literal["folder", "no regular file"] | None:
    """What a path leads to that is no file, if it is there; a pattern leads nowhere."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    return "folder" if stat.S_ISDIR(mode) else "no regular file"
