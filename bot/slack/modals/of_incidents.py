"""Dialogs about an incident: how long to be quiet, and whom to call."""

from __future__ import annotations

from bot.domain.escalation import StepState, planned
from bot.domain.incidents import Incident
from bot.slack.cards.card import PlainNames
from bot.slack.ids import Opens
from bot.slack.modals.parts import View, choice, dialog, field, words
from bot.slack.parts import cut, escape, named, section

LENGTHS = (
    ("30 minutes", "30m"),
    ("1 hour", "1h"),
    ("2 hours", "2h"),
    ("4 hours", "4h"),
    ("until tomorrow, 09:00", "until tomorrow 09:00"),
    ("until Monday, 09:00", "until monday 09:00"),
)
NEXT, STEP = "next", "step:"


def snooze_modal(incident: Incident, *, channel: str, timezone: str) -> View:
    """How long nobody is to be called for it. `timezone`: whose clock is meant."""
    return dialog(
        Opens.SNOOZE,
        f"Snooze #{incident.id}",
        "Snooze",
        [
            section(_what(incident)),
            field("length", "Quiet for", choice(LENGTHS, chosen=1), hint=f"Times of day are those of {timezone}."),
            field(
                "until",
                "or as long as you say",
                words(placeholder="90m, until 18:00, until friday 10:00"),
                optional=True,
                hint="What you write here counts instead.",
            ),
            field("why", "Why", words(placeholder="a deployment is on"), optional=True),
        ],
        about={"incident": incident.id, "channel": channel},
    )


def escalate_modal(incident: Incident, *, channel: str) -> View:
    """Whom to call now: the next step, another one, or somebody in particular."""
    names = PlainNames()
    steps = planned(incident.steps)
    following = next((step for step in steps if step.state is not StepState.FIRED), None)
    options = []
    if following is not None:
        who = " ".join(names.mention(target) for target in following.notify)
        options.append((f"The next step: {who}", NEXT))
    for number, step in enumerate(steps, start=1):
        who = " ".join(names.mention(target) for target in step.notify)
        again = " (called already)" if step.state is StepState.FIRED else ""
        options.append((f"Step {number}{again}: {who}", f"{STEP}{number}"))
    groups = sorted({target for step in steps for target in step.notify if target.startswith("usergroup:")})
    options += [(f"The group {names.mention(target)}", target) for target in groups]
    blocks = [section(_what(incident))]
    if options:
        blocks.append(field("step", "Call", choice(options)))
    blocks.append(
        field(
            "person",
            "or somebody in particular" if options else "Call",
            {"type": "users_select"},
            optional=bool(options),
            hint="If you choose somebody here, only they are called.",
        )
    )
    blocks.append(field("why", "Why", words(placeholder="needs a database person"), optional=True))
    about = {"incident": incident.id, "channel": channel}
    return dialog(Opens.ESCALATE, f"Escalate #{incident.id}", "Call them", blocks, about=about)


def _what(incident: Incident) -> str:
    return f"*#{incident.id} {named(incident.title)}*\n{cut(escape(incident.summary), 500)}"
