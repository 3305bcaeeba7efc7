"""The rules of a check, compiled, and what is wrong or doubtful with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from bot.config.document import Path
from bot.config.schema import Envelope
from bot.domain.contradictions import always_or_never, never_seen, other_scale
from bot.domain.expressions import BadRule, UnknownMetric
from bot.domain.rules import CompiledRules, Rule
from checks import Check, Measure, Outcome

_LEVELS = ("info", "warning", "critical")


class RuleParts:
    """Compiles the rules of checks.

    Args:
        complain: is told mistakes.
        doubt: is told what is allowed, and hardly meant; `None` if nothing is.
    """

    def __init__(self, complain: Callable[[Path, str], None], doubt: Callable[[Path, str | None], None]) -> None:
        self._complain = complain
        self._doubt = doubt

    def compiled(self, check: Check, envelope: Envelope, path: Path) -> CompiledRules | None:
        """The rules of a check: its own, and those of its kind for the levels that it leaves alone."""
        defaults, measures = check.default_rules(), check.measured()
        compiled: dict[str, Rule | None] = {}
        good = self._no_bare_true(envelope, path)
        for level in _LEVELS:
            given = getattr(envelope, level)
            source = getattr(defaults, level) if given is None else given
            if _is_rule(source):
                compiled[level] = self._compiled(level, source, check, measures, path)
                good &= compiled[level] is not None
        self._shadowed(compiled, envelope, measures, path)
        return CompiledRules(**compiled) if good else None

    def beside_mistakes(self, model: type[Check], own: Mapping[str, Any], envelope: Envelope, path: Path) -> None:
        """Tell the mistakes in the rules of a check that cannot be built, because a parameter is wrong as well."""
        if model.measured is Check.measured and model.default_rules is Check.default_rules:
            self.compiled(model.model_construct(**own), envelope, path)  # its metrics do not depend on what is wrong
            return
        self._no_bare_true(envelope, path)
        for level in _LEVELS:
            source = getattr(envelope, level)
            if not _is_rule(source):
                continue
            try:
                Rule.compile(source, level=Outcome(level), measures=model.measures)
            except UnknownMetric:
                pass  # which metrics it has follows from its parameters
            except BadRule as error:
                self._complain((*path, level), str(error))

    def _no_bare_true(self, envelope: Envelope, path: Path) -> bool:
        bare = [level for level in _LEVELS if getattr(envelope, level) is True]
        for level in bare:
            self._complain((*path, level), "must be a rule such as `used_percent > 90`, or off")
        return not bare

    def _shadowed(
        self, compiled: Mapping[str, Rule | None], envelope: Envelope, measures: Mapping[str, Measure], path: Path
    ) -> None:
        """Warn of a level that was given and can never be seen, because a worse one is always there first."""
        for level, worse in (("info", "warning"), ("info", "critical"), ("warning", "critical")):
            rule, above = compiled.get(level), compiled.get(worse)
            if rule is None or above is None or getattr(envelope, level) is None or always_or_never(rule, measures):
                continue
            self._doubt((*path, level), never_seen(rule, above, measures))

    def _compiled(
        self, level: str, source: str, check: Check, measures: Mapping[str, Measure], path: Path
    ) -> Rule | None:
        try:
            rule = Rule.compile(source, level=Outcome(level), measures=measures)
        except BadRule as error:
            others = [name for name in check.measures.keys() - measures.keys() if str(error).startswith(f'"{name}" ')]
            how = f"; {check.how_to_measure(others[0])}" if others else ""
            if source.strip().lower() in _MEANT_OFF:
                how = "; to switch this level off, write off"
            self._complain((*path, level), f"{error}{how}")
            return None
        self._doubt((*path, level), always_or_never(rule, measures) or other_scale(rule, measures))
        return rule


_MEANT_OFF = ("off", "no", "none", "never", "false", "disabled")


def _is_rule(source: str | bool | None) -> TypeGuard[str]:
    return isinstance(source, str) and source != "off"
