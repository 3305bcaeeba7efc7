"""What a new configuration changes, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.config.configuration import Configuration
from bot.domain.near import listed

_CALLED = {
    "at_start": "what runs at start",
    "within": "how soon severities want somebody",
    "roles": "who may do what",
}

_MOST = 8
"""Names that one sentence lists."""


def differences(old: Configuration, new: Configuration) -> list[str]:
    """One sentence for each sort of change; none when both mean the same."""
    told: list[str] = []
    for what, before, after in (
        ("check", old.checks, new.checks),
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


def _checklists(configuration: Configuration) -> dict[str, Any]:
    """Checklists with their schedules: either can change without the other."""
    planned = configuration.planned
    return {
        name: (checklist, planned[name].spec if name in planned else None)
        for name, checklist in configuration.checklists.items()
    }


def _compared(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    changed = [name for name in after if name in before and before[name] != after[name]]
    groups = (
        ("new", [name for name in after if name not in before]),
        ("gone", [name for name in before if name not in after]),
        ("changed", changed),
    )
    return [f"{how}: {_many(what, len(names))} {listed(names, most=_MOST)}" for how, names in groups if names]


def _many(what: str, count: int) -> str:
    if count == 1:
        return what
    return {"person": "people", "escalation policy": "escalation policies"}.get(what, f"{what}s")
