"""Who is called: the escalation policies, in words. By name only: a mention would call them now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.durations import say
from bot.domain.escalation import Policy, PolicyStep
from bot.slack.cards.card import Card, PlainNames
from bot.slack.parts import TEXT, Block, context, cut, fitted, header, listing, named, section

_EACH = 1_500
"""Characters of one policy."""


def oncall_card(policies: Sequence[Policy]) -> Card:
    """The answer to `/rounds oncall`."""
    if not policies:
        sentence = "Nobody would be called: no escalation policy is configured. Add one under `escalations:`."
        return Card(sentence, [section(sentence)])
    told = [f"*{named(policy.name)}*\n{cut(_steps(policy), _EACH)}" for policy in policies]
    body: list[Block] = [section(each) for each in told]
    foot = [context("The times count from the opening of an incident, while nobody acknowledges it.")]
    text = listing(["Who is called:", *told], TEXT)
    return Card(text, fitted([header("Who is called")], body, foot, more="… and {n} more policies"))


def _steps(policy: Policy) -> str:
    return "\n".join(f"{n}. {_when(step)}: {_whom(step)}" for n, step in enumerate(policy.steps, 1))


def _when(step: PolicyStep) -> str:
    return f"after {say(step.after)}" if step.after > timedelta() else "at once"


def _whom(step: PolicyStep) -> str:
    return ", ".join(PlainNames().mention(target) for target in step.notify)
