"""Typical dialogs, and those with more of everything than anybody should have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain import incidents
from bot.domain.climbing import fire_due
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.incidents import Incident
from bot.domain.runs import Item, RunItem, Wanted
from bot.slack import modals
from bot.slack.ids import Opens
from bot.slack.parts import escape
from checks import Outcome
from tests.slack.states import NOW


def _incident(said: str, steps: int) -> Incident:
    policy = Policy("team", tuple(PolicyStep(timedelta(minutes=15 * n), _called(said, n)) for n in range(steps)))
    opened = incidents.open_incident(
        subject="check:root-disk",
        title=said or "Disk of web-1",
        severity=Outcome.CRITICAL,
        summary=said or "/ is 93 % used (limit 90 %)",
        channel="#operations",
        policy=policy if steps else None,
        now=NOW,
    )
    first = replace(opened.incident, id=12)
    fired = fire_due(first, now=NOW + timedelta(minutes=15))
    return first if fired is None else fired.incident


def _called(said: str, n: int) -> tuple[str, ...]:
    return (f"user:{said}",) if said else (("user:ann",), ("user:ben",), ("usergroup:sre",))[n % 3]


def _items(said: str, number: int, wanted: Wanted = Wanted.NONE) -> list[RunItem]:
    texts = ("Review the security dashboard", "Read the mail to root", "Try last night's backup")
    how = said or "All tiles are green."
    return [
        RunItem(Item(f"by-hand-{n}", said or texts[n % len(texts)], how=how, evidence=wanted)) for n in range(number)
    ]


def dialogs(said: str = "", *, many: int = 3) -> Mapping[str, dict[str, Any]]:
    """Every dialog that there is, by name.

    Args:
        said: what everything that people or the world may write says; typical words if empty.
        many: how many there are of what there may be several.
    """
    one, several = {"channel": "C0OPS"}, _items(said, many)
    return {
        "dialog-snooze": modals.snooze_modal(_incident(said, many), **one, timezone="Europe/Amsterdam"),
        "dialog-escalate": modals.escalate_modal(_incident(said, many), **one),
        "dialog-escalate-without-a-policy": modals.escalate_modal(_incident(said, 0), **one),
        "dialog-skip": modals.skip_modal(7, _items(said, 1), **one),
        "dialog-skip-which": modals.skip_modal(7, several, **one),
        "dialog-tick-with-a-note": modals.prove_modal(7, _items(said, 1, Wanted.NOTE), **one),
        "dialog-tick-with-a-link": modals.prove_modal(7, _items(said, 1, Wanted.LINK), **one),
        "dialog-tick-with-a-file": modals.prove_modal(7, _items(said, 1, Wanted.FILE), **one),
        "dialog-tick-which": modals.prove_modal(7, several, **one),
        "dialog-log": modals.log_modal(channel="C0OPS"),
        "dialog-log-of-a-message": modals.log_modal(
            channel="C0OPS", incident=12, link="https://example.slack.com/archives/C0OPS/p1", text=said or "restarted"
        ),
        "dialog-run": modals.choose_modal(channel="C0OPS"),
        "dialog-loading": modals.loading(Opens.ESCALATE, "Escalate"),
        "dialog-refused": modals.failed(Opens.ESCALATE, "Escalate", escape(said) or "#12 is resolved already."),
    }
