"""What a new configuration changes, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from bot.config.configuration import Configuration
from bot.domain.near import listed

_Parts = dict[str, Any]

_CALLED = {
    "at_start": "what runs at start",
    "within": "how soon severities want somebody",
    "roles": "who may do what",
}

_MOST = 8
"""Names that one sentence lists."""

_MOST_WORDS = 4
"""Words that tell what is different in one of them."""

_AROUND = {"within": "acknowledge_within", "policy": "escalation"}
"""What the domain calls by another name than the configuration does."""


def differences(old: Configuration, new: Configuration) -> list[str]:
    """One sentence for each sort of change; none when both mean the same."""
    told: list[str] = []
    for what, before, after in (
        ("check", _checks(old), _checks(new)),
        ("checklist", _checklists(old), _checklists(new)),
        ("escalation policy", old.policies, new.policies),
        ("person", old.people, new.people),
    ):
        told += _compared(what, before, after)
    for what in ("channel", "timezone", "at_start", "within", "roles"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            name = _CALLED.get(what, what)
            told.append(f"changed: {name}" + (f", {before} → {after}" if isinstance(after, str) else ""))
    return told


def _checks(configuration: Configuration) -> Mapping[str, _Parts]:
    """Checks, each as the words of the configuration and what they mean."""
    found: dict[str, _Parts] = {}
    for name, check in configuration.checks.items():
        own = {field.alias or key: getattr(check.check, key) for key, field in type(check.check).model_fields.items()}
        rules = {level: getattr(check.rules, level) for level in ("critical", "warning", "info")}
        found[name] = own | rules | _fields(check.damping) | _fields(check, but=("name", "check", "rules", "damping"))
    return found


def _checklists(configuration: Configuration) -> Mapping[str, _Parts]:
    """Checklists with their schedules: either can change without the other."""
    planned = configuration.planned
    return {
        name: {**_fields(checklist, but=("name",)), "schedule": planned[name].spec if name in planned else None}
        for name, checklist in configuration.checklists.items()
    }


def _fields(part: Any, *, but: Collection[str] = ()) -> _Parts:
    return {
        _AROUND.get(each.name, each.name): getattr(part, each.name) for each in fields(part) if each.name not in but
    }


def _compared(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    changed = [
        f"{name}{_how(before[name], after[name])}" for name in after if name in before and before[name] != after[name]
    ]
    groups = (
        ("new", [name for name in after if name not in before]),
        ("gone", [name for name in before if name not in after]),
        ("changed", changed),
    )
    return [f"{how}: {_many(what, len(names))} {listed(names, most=_MOST)}" for how, names in groups if names]


def _how(before: Any, after: Any) -> str:
    """In which words they differ; of another kind, everything does."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    if before.get("kind") != after.get("kind"):
        return " (kind)"
    words = [word for word in after if before.get(word) != after[word]]
    return f" ({listed(words, most=_MOST_WORDS)})" if words else ""


def _many(what: str, count: int) -> str:
    if count == 1:
        return what
    return {"person": "people", "escalation policy": "escalation policies"}.get(what, f"{what}s")
