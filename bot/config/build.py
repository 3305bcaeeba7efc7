"""From validated file parts to the domain: references resolved, rules compiled, schedules understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.configuration import Configuration, ConfiguredCheck, Planned, rhythms
from bot.config.document import Document, Path
from bot.config.problems import Problem
from bot.config.schema import ChecklistModel, Envelope, FileModel, ItemModel
from bot.config.validate import validated
from bot.domain import schedules
from bot.domain.durations import say
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.expressions import BadRule
from bot.domain.near import did_you_mean, listed
from bot.domain.rules import CompiledRules
from bot.domain.runs import Checklist, Item, Trigger
from bot.domain.schedules import BadSchedule, Schedule
from bot.domain.watching import Damping
from checks import Check, Rules, kind, kind_names

SHORTEST = timedelta(seconds=5)
"""A rhythm below this would look more often than anybody can act (docs/design, "Schedules and runs")."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_TARGET = re.compile(r"(user|usergroup):(\S.*)")


class Builder:
    """Builds one configuration, collecting problems as it goes."""

    def __init__(self, model: FileModel, document: Document, zone: ZoneInfo, problems: list[Problem]) -> None:
        self._model = model
        self._document = document
        self._zone = zone
        self._problems = problems

    def build(self) -> Configuration:
        """The configuration; only to be used if no problem was added."""
        policies = self._policies()
        checks = self._checks(policies)
        checklists: dict[str, Checklist] = {}
        planned: dict[str, Planned] = {}
        at_start: list[str] = []
        for name, model in self._model.checklists.items():
            path: Path = ("checklists", name)
            if not self._good_name(name, path):
                continue
            if name in checks:
                self._complain(path, "has the name of a check, too; `/rounds run` could not tell them apart")
            checklist = Checklist(
                name,
                model.title or name,
                self._items(model, path, checks),
                model.channel or self._model.channel,
                model.post,
            )
            checklists[name] = checklist
            if (schedule := self._schedule(name, model, path)) is not None:
                planned[name] = Planned(name, schedule, checklist, Trigger.SCHEDULE)
            if model.at_start:
                at_start.append(name)
        if not self._model.checks and not checklists:
            self._complain((), "has neither checks nor checklists; there is nothing to do")
        return Configuration(
            file=self._document.file,
            timezone=self._zone.key,
            channel=self._model.channel,
            checks=checks,
            checklists=checklists,
            planned={**planned, **rhythms(checks, self._model.channel)},
            at_start=tuple(at_start),
            policies=policies,
            people=self._model.people,
            secrets=frozenset(self._document.secrets),
        )

    def _complain(self, path: Path, sentence: str) -> None:
        self._problems.append(self._document.problem(path, sentence))

    def _good_name(self, name: str, path: Path) -> bool:
        if _NAME.fullmatch(name):
            return True
        self._complain(path, "is no name; expected letters, digits, dots, dashes or underscores, 80 at most")
        return False

    def _policies(self) -> dict[str, Policy]:
        policies: dict[str, Policy] = {}
        for name, steps in self._model.escalations.items():
            path: Path = ("escalations", name)
            if not steps:
                self._complain(path, "has no step; expected at least `- {after: 0m, notify: [user:NAME]}`")
            for n, step in enumerate(steps):
                if n and step.after <= steps[n - 1].after:
                    before = say(steps[n - 1].after)
                    self._complain((*path, n, "after"), f"must be later than the step before it ({before})")
                for m, target in enumerate(step.notify):
                    self._target(target, (*path, n, "notify", m))
            policies[name] = Policy(name, tuple(PolicyStep(s.after, tuple(s.notify)) for s in steps))
        return policies

    def _target(self, target: str, path: Path) -> None:
        found = _TARGET.fullmatch(target)
        if found is None:
            self._complain(path, f"{target!r} is nobody; expected user:NAME or usergroup:HANDLE")

    def _checks(self, policies: Mapping[str, Policy]) -> dict[str, ConfiguredCheck]:
        checks: dict[str, ConfiguredCheck] = {}
        for name, given in self._model.checks.items():
            path: Path = ("checks", name)
            if self._good_name(name, path) and (built := self._check(name, given, path, policies)) is not None:
                checks[name] = built
        return checks

    def _check(
        self, name: str, given: Mapping[str, Any], path: Path, policies: Mapping[str, Policy]
    ) -> ConfiguredCheck | None:
        kind_name = given.get("kind")
        if kind_name is None:
            self._complain(path, f"has no kind; expected `kind:` with one of {listed(kind_names(), last='or')}")
            return None
        if kind_name not in kind_names():
            near = did_you_mean(str(kind_name), kind_names())
            self._complain((*path, "kind"), f"{kind_name!r} is no kind{near}; known: {listed(kind_names())}")
            return None
        own = {key: value for key, value in given.items() if key not in Envelope.model_fields}
        around = {key: value for key, value in given.items() if key in Envelope.model_fields}
        model = kind(kind_name).model
        unknown = [key for key in own if key not in model.model_fields]
        for key in unknown:
            known = [*(f for f in model.model_fields if f != "kind"), *Envelope.model_fields]
            near = did_you_mean(key, known)
            self._complain((*path, key), f"is not known in a check of kind {kind_name}{near}; known: {listed(known)}")
            del own[key]
        check = validated(model, own, self._document, path, self._problems)
        envelope = validated(Envelope, around, self._document, path, self._problems)
        if check is None or envelope is None:
            return None
        if envelope.every is not None and envelope.every < SHORTEST:
            self._complain((*path, "every"), "is too often; expected at least 5s")
            return None
        policy_name = envelope.escalation or (next(iter(policies)) if len(policies) == 1 else None)
        if policy_name is not None and policy_name not in policies:
            near = did_you_mean(policy_name, policies)
            known_policies = listed(policies) or "none is configured"
            self._complain(
                (*path, "escalation"), f"{policy_name!r} is no escalation policy{near}; known: {known_policies}"
            )
        rules = self._rules(check, envelope, path)
        if rules is None:
            return None
        return ConfiguredCheck(
            name=name,
            title=envelope.title or name,
            check=check,
            rules=rules,
            timeout=envelope.timeout,
            damping=Damping(envelope.open_after, envelope.close_after),
            channel=envelope.channel or self._model.channel,
            policy=policies.get(policy_name) if policy_name else None,
            every=envelope.every,
        )

    def _rules(self, check: Check, envelope: Envelope, path: Path) -> CompiledRules | None:
        defaults = check.default_rules()
        sources: dict[str, str | None] = {}
        good = True
        for level in ("info", "warning", "critical"):
            given = getattr(envelope, level)
            if given is True:
                self._complain((*path, level), "must be a rule such as `used_percent > 90`, or off")
                good = False
            source = getattr(defaults, level) if given is None else None if given in (False, "off") else given
            sources[level] = source
            if isinstance(source, str):
                good &= self._compiles(level, source, check, path)
        return CompiledRules.compile(Rules(**sources), check.measured()) if good else None

    def _compiles(self, level: str, source: str, check: Check, path: Path) -> bool:
        try:
            rules = CompiledRules.compile(Rules(**{level: source}), check.measured())
        except BadRule as error:
            self._complain((*path, level), str(error).removeprefix(f"{level}: "))
            return False
        if rules.needs:
            self._complain((*path, level), "asks for history, which this version does not keep yet; compare metrics")
            return False
        return True

    def _items(self, model: ChecklistModel, path: Path, checks: Mapping[str, ConfiguredCheck]) -> tuple[Item, ...]:
        items: dict[str, Item] = {}
        section: str | None = None
        for n, given in enumerate(model.items):
            place = (*path, "items", n)
            entry = ItemModel(check=given) if isinstance(given, str) else given
            said = [word for word in (entry.section, entry.manual, entry.check) if word is not None]
            if len(said) != 1:
                self._complain(place, "must be exactly one of: a check's name, `manual:` or `section:`")
                continue
            if entry.section is not None:
                section = entry.section
                continue
            item = self._item(entry, section, place, checks)
            if item is None:
                continue
            if item.id in items:
                twice = "is in this checklist already; name each item once, or give it an `id:`"
                self._complain(place, f"{item.id!r} {twice}")
            items[item.id] = item
        if not items and not self._problems:
            self._complain((*path, "items"), "has only sections; expected at least one check or manual item")
        return tuple(items.values())

    def _item(
        self, entry: ItemModel, section: str | None, place: Path, checks: Mapping[str, ConfiguredCheck]
    ) -> Item | None:
        if entry.check is not None:
            check = checks.get(entry.check)
            if check is None:
                if entry.check not in self._model.checks:
                    near = did_you_mean(entry.check, self._model.checks)
                    self._complain(place, f"{entry.check!r} is no check{near}; expected a name under `checks:`")
                return None
            return Item(check.name, check.title, check.name, section, entry.link)
        text = entry.manual or ""
        item_id = entry.id or re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "item"
        return Item(item_id, text, None, section, entry.link)

    def _schedule(self, name: str, model: ChecklistModel, path: Path) -> Schedule | None:
        given = [key for key in ("schedule", "cron", "every") if getattr(model, key) is not None]
        if len(given) > 1:
            self._complain((*path, given[1]), f"and {given[0]} are both given; keep one")
            return None
        if not given:
            return None
        zone = self._zone
        if model.timezone is not None:
            try:
                zone = ZoneInfo(model.timezone)
            except (KeyError, ValueError, OSError):
                sentence = f"{model.timezone!r} is no IANA time zone; expected one such as Europe/Amsterdam"
                self._complain((*path, "timezone"), sentence)
                return None
        try:
            if model.every is not None:
                return schedules.every(model.every, phase_key=name)
            if model.cron is not None:
                return schedules.parse_cron(model.cron, zone=zone)
            return schedules.parse_schedule(model.schedule or "", zone=zone)
        except BadSchedule as error:
            self._complain((*path, given[0]), str(error))
            return None
