"""The team of a simulated world: what it looks at, how that is today, and what it writes into its configuration."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Literal

from bot.config.configuration import Configuration
from bot.config.load import parse
from bot.domain.rules import CompiledRules
from checks import Check, Context, CouldNotCheck, Evidence, Finding, Look, Outcome

CHECKS = ("alpha", "beta", "gamma", "delta")
PEOPLE = ("U1", "U2", "U3")
ALWAYS_POSTED = ("often", "hand")
DAMPING = {"alpha": (2, 2), "beta": (1, 1), "delta": (1, 2)}
"""`open_after` and `close_after` of the checks for which it is always the same."""

_SPEC = re.compile(r"cron \*/(?P<cron>\d+)|every (?:(?P<number>\d+) )?(?P<unit>second|minute)")


def length_s(spec: str) -> int:
    """Seconds from slot to slot of a schedule of this team."""
    said = _SPEC.match(spec)
    assert said is not None, spec
    if said["cron"]:
        return int(said["cron"]) * 60
    return int(said["number"] or 1) * (60 if said["unit"] == "minute" else 1)


_CHECKS = """
timezone: UTC
channel: "#record"
severities:
  critical: {{acknowledge_within: {within}}}
checks:
  alpha: {{kind: disk, path: /, every: 1m, timeout: 20s}}
  beta: {{kind: disk, path: /, every: 1m, open_after: 1, close_after: 1, channel: "#beta"}}
  gamma: {{kind: disk, path: /, open_after: {after}, close_after: 1, channel: "#lists"}}
"""
_DELTA = """
  delta: {kind: disk, path: /, every: 2m, open_after: 1, channel: "#beta"}
"""
_LISTS = """
checklists:
  often: {{every: 2m, channel: "#lists", items: [alpha, gamma]}}
  quick: {{every: 30s, channel: "#lists", post: changes, items: [gamma]}}
  cron: {{cron: "*/{minutes} * * * *", channel: "#beta", post: problems, items: [beta]}}
  hand:
    every: 4m
    channel: "#hand"
    due_in: 3m
    overdue: {overdue}
    items: [gamma, {{manual: Look around}}, {{manual: Sign, owner: "user:ann"}}]
"""
_MORE = """
  more: {every: 40s, post: problems, items: [alpha], at_start: true}
"""
_STEPS = """
escalations:
  climb:
    - {{after: 0m, notify: ["user:ann"]}}
    - {{after: {second}, notify: ["user:ben"]}}
    - {{after: 5m, notify: ["user:chi"]}}
    - {{after: 9m, notify: ["usergroup:sre"]}}
"""


def configuration_text(chance: random.Random) -> str:
    """A configuration that this team might have."""
    parts = [
        _CHECKS.format(within=chance.choice(("90s", "6m", "1h")), after=chance.choice(("2", "3", "2m"))),
        _DELTA.lstrip("\n") if chance.random() < 0.7 else "",
        _LISTS.format(minutes=chance.choice((1, 2)), overdue=chance.choice(("remind", "escalate"))),
        _MORE.lstrip("\n") if chance.random() < 0.5 else "",
        _STEPS.format(second=chance.choice(("1m", "2m"))),
    ]
    return "".join(parts)


class Looked(Check):
    """A check whose look the world answers."""

    kind: Literal["looked"] = "looked"
    name: str
    ask: Any

    def about(self) -> str:
        return self.name

    async def look(self, ctx: Context) -> Look:
        outcome, said, evident = await self.ask(self.name)
        ctx.memory["looks"] = ctx.memory.get("looks", 0) + 1
        if outcome is Outcome.UNKNOWN:
            raise CouldNotCheck(said)
        return Look(findings=(Finding(outcome, said),), evidence=(Evidence("seen", said),) * evident)


def configuration(text: str, ask: Callable[[str], Awaitable[tuple[Outcome, str, bool]]]) -> Configuration:
    """That configuration, in a process whose looks go out through `ask`."""
    read = parse(text)
    checks = {
        name: replace(check, check=Looked(name=name, ask=ask), rules=CompiledRules())
        for name, check in read.checks.items()
    }
    return replace(read, checks=checks)
