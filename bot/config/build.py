"""From validated file parts to the domain: references resolved, rules compiled, schedules understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.build_checklists import NOBODY, ChecklistParts, doubtful_zone, without_effect
from bot.config.build_roles import build_roles
from bot.config.build_rules import RuleParts
from bot.config.configuration import Configuration, ConfiguredCheck, Planned, rhythms
from bot.config.document import Document, Path
from bot.config.problems import MOST, Problem
from bot.config.schema import Envelope, FileModel
from bot.config.targets import bad_target
from bot.config.unfilled import unfilled
from bot.config.validate import keys, validated
from bot.domain import schedules
from bot.domain.durations import say
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.near import did_you_mean, listed, nearest
from bot.domain.runs import Checklist, Trigger
from bot.domain.watching import Damping
from checks import Check, Outcome, kind, kind_names

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")

_ALSO_CALLED = {"command": "argv", "cmd": "argv", "integrity": "verify", "rhythm": "expect", "severity": "critical"}
"""What somebody may call a parameter, and the word that stands for it here; no letters need be alike."""


class _Everything(frozenset[str]):
    """The names of a section that cannot be read: any may be there."""

    def __contains__(self, name: object) -> bool:
        return True


class Builder:
    """Builds one configuration, collecting problems as it goes."""

    def __init__(
        self,
        model: FileModel,
        document: Document,
        zone: ZoneInfo,
        problems: list[Problem],
        *,
        read: Callable[[str], str],
    ) -> None:
        self._model = model
        self._read = read
        self._warnings: list[Problem] = []
        levels = (Outcome.CRITICAL, Outcome.WARNING, Outcome.INFO)
        given = {level: getattr(model.severities, level.value) for level in levels}
        self._within = {level: part.acknowledge_within for level, part in given.items() if part is not None}
        self._document = document
        self._zone = zone
        self._problems = problems
        self._rules = RuleParts(self._complain, self._doubt)

    def build(self) -> Configuration:
        """The configuration; only to be used if no problem was added."""
        policies = self._policies()
        checks = self._checks(policies)
        checklists: dict[str, Checklist] = {}
        planned: dict[str, Planned] = {}
        at_start: list[str] = []
        for name, model in self._model.checklists.items():
            path: Path = ("checklists", name)
            if len(self._problems) > MOST:
                break
            if not self._good_name(name, path):
                continue
            if name in checks:
                self._complain(path, "has the name of a check, too; `/rounds run` could not tell them apart")
            parts = ChecklistParts(model, path, self._document, self._problems)
            checklist = Checklist(
                name,
                model.title or name,
                parts.items(checks, self._named("checks")),
                model.channel or self._model.channel,
                model.post,
                due_in=model.due_in,
                overdue=model.overdue,
                policy=self._policy(model.escalation, policies, (*path, "escalation")),
            )
            checklists[name] = checklist
            self._doubt((*path, "timezone"), doubtful_zone(model.timezone))
            for key, sentence in without_effect(model, checklist):
                self._doubt((*path, key), sentence)
            if (schedule := parts.schedule(name, self._zone, self._read)) is not None:
                planned[name] = Planned(name, schedule, checklist, Trigger.SCHEDULE)
            if model.at_start:
                at_start.append(name)
        self._doubt(("timezone",), doubtful_zone(self._model.timezone))
        self._idle(checks, checklists.values())
        self._uncalled(policies)
        for place, sentence in unfilled(self._document.value, self._document.secrets):
            self._doubt(place, sentence)
        self._warnings += self._document.swallowed
        if not any(self._document.value.get(section) for section in ("checks", "checklists")):
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
            within=self._within,
            roles=build_roles(self._model.roles, self._complain),
            warnings=tuple(self._warnings),
            secrets=frozenset(self._document.secrets),
        )

    def _idle(self, checks: Mapping[str, ConfiguredCheck], checklists: Iterable[Checklist]) -> None:
        """Warn of checks that nothing ever looks at by itself."""
        listed_ = {name for checklist in checklists for name in checklist.checks}
        for name, check in checks.items():
            if check.every is None and name not in listed_:
                self._doubt(("checks", name), "is in no checklist and has no `every:`, so it is looked at only by hand")

    def _uncalled(self, policies: Mapping[str, Policy]) -> None:
        """Warn of checks that call nobody because a second policy was added, and so none is the only one."""
        without = [name for name, given in self._model.checks.items() if not given.get("escalation")]
        if len(policies) > 1 and without:
            which = listed((f"`{name}`" for name in policies), last="or")
            sentence = (
                f"of several policies none is meant by itself, so nobody is called for {listed(without, most=6)}; "
                f"give each check `escalation:` with {which}, or `{NOBODY}`"
            )
            self._doubt(("escalations",), sentence)

    def _doubt(self, path: Path, sentence: str | None) -> None:
        if sentence is not None:
            self._warnings.append(self._document.problem(path, sentence))

    def _complain(self, path: Path, sentence: str) -> None:
        self._problems.append(self._document.problem(path, sentence))

    def _named(self, section: str) -> Collection[str]:
        """The names that stand in a section, also those of parts with a mistake, and under a misspelt heading."""
        names: set[str] = set()
        for heading, given in self._document.value.items():
            if nearest(heading, FileModel.model_fields) == section:
                if not isinstance(given, dict):
                    return _Everything()
                names |= given.keys()
        return names

    def _good_name(self, name: str, path: Path) -> bool:
        if _NAME.fullmatch(name):
            return True
        self._complain(path, "is no name; expected letters, digits, dots, dashes or underscores, 80 at most")
        return False

    def _policies(self) -> dict[str, Policy]:
        policies: dict[str, Policy] = {}
        for name, steps in self._model.escalations.items():
            path: Path = ("escalations", name)
            if not self._good_name(name, path):
                continue
            if not steps:
                self._complain(path, "has no step; expected at least `- {after: 0m, notify: [user:NAME]}`")
            for n, step in enumerate(steps):
                if n and step.after <= steps[n - 1].after:
                    before = say(steps[n - 1].after)
                    self._complain((*path, n, "after"), f"must be later than the step before it ({before})")
                for m, target in enumerate(step.notify):
                    if (sentence := bad_target(target)) is not None:
                        self._complain((*path, n, "notify", m), sentence)
            policies[name] = Policy(name, tuple(PolicyStep(s.after, tuple(s.notify)) for s in steps))
        return policies

    def _checks(self, policies: Mapping[str, Policy]) -> dict[str, ConfiguredCheck]:
        checks: dict[str, ConfiguredCheck] = {}
        for name, given in self._model.checks.items():
            path: Path = ("checks", name)
            if len(self._problems) > MOST:
                break
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
        meant = self._unknown(kind_name, model, own, path)
        amiss: list[Problem] = []
        check = validated(model, own, self._document, path, amiss)
        # A word that is there and misspelt is not missing as well: one mistake is told once.
        misspelt = {self._document.problem((*path, key), "").field for key in meant - given.keys()}
        self._problems += (one for one in amiss if one.field not in misspelt)
        envelope = validated(Envelope, around, self._document, path, self._problems)
        if check is None or envelope is None:
            if envelope is not None:
                self._rules.beside_mistakes(model, own, envelope, path)
            return None
        if not self._good_times(envelope, path):
            return None
        policy_name = self._policy(envelope.escalation, policies, (*path, "escalation"))
        for key, sentence in check.doubts():
            self._doubt((*path, key), sentence)
        rules = self._rules.compiled(check, envelope, path)
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
            every=envelope.every or check.rhythm,
            labels=envelope.labels,
            within=self._within,
        )

    def _unknown(self, kind_name: str, model: type[Check], own: dict[str, Any], path: Path) -> set[str]:
        """Take out what a kind does not know, and say so; the words that were probably meant."""
        known = [*(key for key in keys(model) if key != "kind"), *Envelope.model_fields]
        meant = set()
        for key in [key for key in own if key not in keys(model)]:
            word = _ALSO_CALLED.get(key, key)
            near = did_you_mean(word, known)
            self._complain((*path, key), f"is not known in a check of kind {kind_name}{near}; known: {listed(known)}")
            meant.add(nearest(word, known) or key)
            del own[key]
        return meant

    def _good_times(self, envelope: Envelope, path: Path) -> bool:
        every = schedules.SHORTEST if envelope.every is None else envelope.every
        if every < schedules.SHORTEST:
            self._complain((*path, "every"), "is too often; expected at least 5s")
            return False
        if every % timedelta(seconds=1):
            self._complain((*path, "every"), "is not a number of whole seconds")
            return False
        if not envelope.timeout:
            self._complain((*path, "timeout"), "leaves no time to look; expected for example 10s")
            return False
        return True

    def _policy(self, given: str | None, policies: Mapping[str, Policy], path: Path) -> str | None:
        """The policy that was named; the only one, if none was."""
        if given == NOBODY and NOBODY not in policies:
            return None
        name = given or (next(iter(policies)) if len(policies) == 1 else None)
        if name is not None and name not in policies and name not in self._named("escalations"):
            near = did_you_mean(name, policies)
            known = f"known: {listed(policies) or 'none'}; `{NOBODY}` calls nobody"
            self._complain(path, f"{name!r} is no escalation policy{near}; {known}")
        return name
