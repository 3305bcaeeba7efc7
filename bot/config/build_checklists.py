"""The parts of a checklist: its items, and when it is due."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from bot.config.configuration import ConfiguredCheck
from bot.config.document import Document, Path
from bot.config.problems import ConfigError, Problem
from bot.config.schema import ChecklistModel, ItemModel
from bot.config.targets import bad_target, joined
from bot.domain import schedules
from bot.domain.holidays import BadHolidays, holidays
from bot.domain.near import did_you_mean
from bot.domain.runs import Checklist, Item, Overdue
from bot.domain.schedules import BadSchedule, Schedule

NOBODY = "off"
"""What `escalation:` says where nobody is to be called although there is a policy."""


class ChecklistParts:
    """Understands one checklist, collecting problems as it goes."""

    def __init__(self, model: ChecklistModel, path: Path, document: Document, problems: list[Problem]) -> None:
        self._model = model
        self._path = path
        self._document = document
        self._problems = problems

    def _complain(self, path: Path, sentence: str) -> None:
        self._problems.append(self._document.problem(path, sentence))

    def items(self, checks: Mapping[str, ConfiguredCheck], named: Collection[str]) -> tuple[Item, ...]:
        """Its items.

        Args:
            checks: those that could be built.
            named: the names of all checks, also of those with a mistake.
        """
        items: dict[str, Item] = {}
        section: str | None = None
        for n, given in enumerate(self._model.items):
            place = (*self._path, "items", n)
            entry = ItemModel(check=given) if isinstance(given, str) else given
            said = [word for word in (entry.section, entry.manual, entry.check) if word is not None]
            if len(said) != 1:
                self._complain(place, "must be exactly one of: a check's name, `manual:` or `section:`")
                continue
            self._misplaced(entry, place)
            if entry.section is not None:
                section = entry.section
                continue
            item = self._item(entry, section, place, checks, named)
            if item is None:
                continue
            if item.id in items:
                other = ", or give it an `id:`" if item.check is None else ""
                twice = f"is in this checklist already; name each item once{other}"
                self._complain(place, f"{item.id!r} {twice}")
            items[item.id] = item
        if not items and not self._problems:
            self._complain((*self._path, "items"), "has only sections; expected at least one check or manual item")
        return tuple(items.values())

    def _misplaced(self, entry: ItemModel, place: Path) -> None:
        """Say what would have no effect beside a check's name or a section."""
        beside = entry.model_fields_set - {"check", "section"}
        if entry.section is not None:
            for key in sorted(beside):
                self._complain((*place, key), "a section has nothing beside it; put this on the items below")
        elif entry.check is not None:
            for key in sorted(beside & {"id", "owner", "evidence"}):
                called = "; a check's `escalation` says who is called" if key == "owner" else ""
                self._complain((*place, key), f"goes with a manual item{called}")

    def _item(
        self,
        entry: ItemModel,
        section: str | None,
        place: Path,
        checks: Mapping[str, ConfiguredCheck],
        named: Collection[str],
    ) -> Item | None:
        if entry.check is not None:
            check = checks.get(entry.check)
            if check is None:
                if entry.check not in named:
                    near = did_you_mean(entry.check, named)
                    expected = joined(entry.check) or f"{near}; expected a name under `checks:`"
                    self._complain(place, f"{entry.check!r:.200} is no check{expected}")
                return None
            return Item(check.name, check.title, check.name, section, entry.link, entry.how)
        if entry.owner is not None and (sentence := bad_target(entry.owner)) is not None:
            self._complain((*place, "owner"), sentence)
        text = entry.manual or ""
        item_id = entry.id or re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "item"
        return Item(item_id, text, None, section, entry.link, entry.how, entry.owner, entry.evidence)

    def schedule(self, name: str, zone: ZoneInfo, read: Callable[[str], str]) -> Schedule | None:
        """When it is due; `None` if it has no schedule, or none that can be understood.

        Args:
            zone: of its times, unless it names one itself.
            read: gives the text of an iCalendar file.
        """
        model = self._model
        given = [key for key in ("schedule", "cron", "every") if getattr(model, key) is not None]
        if len(given) > 1:
            self._complain((*self._path, given[1]), f"and {given[0]} are both given; keep one")
            return None
        if not given:
            return None
        if model.timezone is not None:
            try:
                zone = ZoneInfo(model.timezone)
            except (KeyError, ValueError, OSError):
                self._complain((*self._path, "timezone"), no_zone(model.timezone))
                return None
        if (exceptions := self._exceptions(read)) is None:
            return None
        try:
            if model.every is not None:
                return schedules.every(model.every, phase_key=name)
            if model.cron is not None:
                return schedules.parse_cron(model.cron, zone=zone, exceptions=exceptions)
            return schedules.parse_schedule(model.schedule or "", zone=zone, exceptions=exceptions)
        except BadSchedule as error:
            self._complain((*self._path, given[0]), str(error).removeprefix("cron: "))
            return None

    def _exceptions(self, read: Callable[[str], str]) -> frozenset[date] | None:
        """The days without a run; `None` if they cannot be told."""
        model = self._model
        given = [model.except_] if isinstance(model.except_, str) else model.except_
        days: set[date] = set()
        if given and model.every is not None:
            self._complain((*self._path, "except"), "goes with `schedule:` or `cron:`; a rhythm has no days")
            return None
        told = len(self._problems)
        for text in given:
            try:
                days.update(_days(text, read))
            except BadHolidays as error:
                self._complain((*self._path, "except"), str(error))
        return frozenset(days) if len(self._problems) == told else None


def _days(text: str, read: Callable[[str], str]) -> Collection[date]:
    """A day that is written as a date, or those of an iCalendar file.

    Raises:
        BadHolidays: it is neither; the message says what was expected.
    """
    try:
        return (date.fromisoformat(text),)
    except ValueError:
        pass
    try:
        return holidays(read(text))
    except ConfigError as error:
        why = error.problems[0].sentence.partition(";")[0]
        raise BadHolidays(
            f"{text!r} is no date, and as a file it {why}; expected for example 2026-12-25, or an iCalendar file "
            "beside this one"
        ) from error
    except BadHolidays as error:
        raise BadHolidays(f"{text}: {error}") from error


def without_effect(model: ChecklistModel, checklist: Checklist) -> Iterator[tuple[str, str]]:
    """Each key that was written and does nothing, with a sentence."""
    by_hand = any(item.check is None for item in checklist.items)
    if model.due_in is not None and not by_hand:
        yield "due_in", "has no effect: this checklist has no manual items, which alone can be overdue"
    if model.overdue is not Overdue.ESCALATE:
        return
    if model.due_in is None:
        yield "overdue", "has no effect without `due_in:`, which says how long people have for the manual items"
    elif by_hand and checklist.policy is None:
        policy = "name one with `escalation:`" if model.escalation is None else "name another with `escalation:`"
        yield "overdue", f"calls nobody, because no escalation policy is meant; {policy}, or write `overdue: remind`"


def no_zone(name: str) -> str:
    """What is wrong with a time zone that nobody knows."""
    # Abbreviations are near to each other, and mean other hours: CEST is not EST.
    near = did_you_mean(name, (zone for zone in available_timezones() if "/" in zone)) if len(name) > 5 else ""
    return f"{name!r:.80} is no IANA time zone{near}; expected one such as Europe/Amsterdam"


_WITHOUT_SUMMER = {"EST": "America/New_York", "MST": "America/Denver"}
"""Zones whose names people use for others: these have the same hours all year."""


def doubtful_zone(name: str | None) -> str | None:
    """A sentence if a time zone is one that hardly anybody lives in."""
    if (meant := _WITHOUT_SUMMER.get(name or "")) is None:
        return None
    return f"{name} has no summer time; where clocks change, write for example {meant}"
