"""The loaded configuration, in the words of the domain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config.problems import Problem
from bot.domain import schedules
from bot.domain.escalation import Policy
from bot.domain.permissions import Roles
from bot.domain.pings import token_of
from bot.domain.rules import CompiledRules
from bot.domain.runs import Checklist, Item, Trigger
from bot.domain.schedules import Schedule
from bot.domain.watching import Damping, Watched
from checks import Check, Outcome

SHARD = 50
"""Checks with the same rhythm that one run looks at; measured as the knee of the engine's overhead (ADR 0003)."""


@dataclass(frozen=True, slots=True)
class ConfiguredCheck:
    """A check with its envelope: who asks, how it is judged, and what follows."""

    name: str
    title: str
    check: Check
    rules: CompiledRules
    timeout: timedelta
    damping: Damping
    channel: str
    policy: Policy | None = None
    every: timedelta | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[Outcome, timedelta] = field(default_factory=dict)

    @property
    def watched(self) -> Watched:
        """What the incident rules need to know."""
        return Watched(self.name, self.title, self.channel, self.damping, self.policy, self.within)


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule and what it starts. `name` is the checklist's, or that of a shard of checks with one rhythm."""

    name: str
    schedule: Schedule
    checklist: Checklist
    trigger: Trigger

    @property
    def spec(self) -> str:
        """Changes when the schedule does; then the new one's slots count from that moment."""
        schedule = self.schedule
        # A calendar may have thousands of days, and the row is written at every slot.
        days_off = hashlib.sha256(" ".join(map(str, sorted(schedule.exceptions))).encode()).hexdigest()[:12]
        return f"{schedule.describe()} ({schedule.zone.key})" + (f", days off {days_off}" * bool(schedule.exceptions))

    def as_it_was(self, spec: str, *, next_due: datetime) -> Planned | None:
        """This one with the schedule that made `spec`, but without today's days off; `None` if that cannot be told.

        Args:
            next_due: a slot of that schedule.
        """
        words, _, rest = spec.rpartition(" (")
        for phase_key in ("", self.name):  # the words do not say whether they were an interval's, or said in words
            try:
                zone = ZoneInfo(rest.partition(")")[0])
                schedule = schedules.parse_schedule(words, zone=zone, phase_key=phase_key)
            except (schedules.BadSchedule, KeyError, ValueError, OSError):
                return None
            slot = schedule.next_after(next_due - timedelta(microseconds=1))
            if slot is not None and slot.due == next_due:
                return replace(self, schedule=replace(schedule, exceptions=self.schedule.exceptions))
        return None


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that was configured."""

    file: str
    timezone: str
    channel: str
    checks: Mapping[str, ConfiguredCheck]
    checklists: Mapping[str, Checklist]
    planned: Mapping[str, Planned]
    at_start: tuple[str, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[Outcome, timedelta] = field(default_factory=dict)
    """How soon somebody must acknowledge, by severity."""
    roles: Roles = field(default_factory=Roles)
    warnings: tuple[Problem, ...] = ()
    """What can be used as it is, but is probably not meant."""
    places: tuple[Path, ...] = ()
    """Every file that was read, and the folders of included ones: what changes there may change the configuration."""
    digest: str = ""
    """SHA-256 of those files, as they stand: before anything is filled in. Files that hold one secret do not count."""
    secrets: frozenset[str] = frozenset()

    def runnable(self, name: str) -> Checklist | None:
        """What that name would run: a checklist, a shard of a rhythm, or one check (`check:NAME`) by itself."""
        if name in self.checklists:
            return self.checklists[name]
        if name in self.planned:
            return self.planned[name].checklist
        check = self.checks.get(name.removeprefix("check:"))
        if check is None:
            return None
        item = Item(check.name, check.title, check=check.name)
        return Checklist(f"check:{check.name}", check.title, (item,), check.channel)

    def ping_tokens(self, secret: str) -> dict[str, str]:
        """The token of each check that hears pings."""
        hearing = [name for name, check in self.checks.items() if "pings" in check.check.asks]
        return {name: token_of(secret, name) for name in hearing}


def rhythms(checks: Mapping[str, ConfiguredCheck], channel: str) -> dict[str, Planned]:
    """The implicit schedules of checks with their own `every:`, in shards of at most 50 checks.

    A full shard splits in two by the names' hashes, so that adding one check moves those of one shard at most.
    """
    by_rhythm: dict[timedelta, list[ConfiguredCheck]] = {}
    for check in sorted(checks.values(), key=lambda check: check.name):
        if check.every is not None:
            by_rhythm.setdefault(check.every, []).append(check)
    planned: dict[str, Planned] = {}
    for every, members in by_rhythm.items():
        for shard, own in _shards([(_bits(check.name), check) for check in members], ""):
            name = f"rhythm:{int(every.total_seconds())}s" + (f":{shard}" if shard else "")
            items = tuple(Item(check.name, check.title, check=check.name) for check in own)
            planned[name] = Planned(
                name,
                schedules.every(every, phase_key=name),
                Checklist(name, f"every {int(every.total_seconds())} s", items, channel),
                Trigger.RHYTHM,
            )
    return planned


def _bits(name: str) -> str:
    return f"{int.from_bytes(hashlib.sha256(name.encode()).digest()):0256b}"


def _shards(members: list[tuple[str, ConfiguredCheck]], begins: str) -> Iterator[tuple[str, list[ConfiguredCheck]]]:
    """The shards of those whose bits begin like this, by how their bits begin."""
    if len(members) <= SHARD:
        yield begins, [check for _, check in members]
        return
    for bit in "01":
        part = [member for member in members if member[0][len(begins)] == bit]
        yield from _shards(part, begins + bit) if part else ()
