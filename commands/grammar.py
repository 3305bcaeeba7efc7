"""What can be said: one table, from which parsing, help and the manifest's hints come."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from bot.domain.near import nearest, quoted
from bot.slack.parts import escape


@dataclass(frozen=True, slots=True)
class Verb:
    """One word of the language."""

    name: str
    usage: str
    summary: str
    example: str
    needs: str = ""
    """What has to follow it, if anything has to."""


VERBS = {
    verb.name: verb
    for verb in (
        Verb("status", "status", "What is wrong now, what waits for a person, what comes next.", "status"),
        Verb("run", "run <checklist or check>", "Run it now; its message shows the progress.", "run morning", "a name"),
        Verb(
            "ack",
            "ack <incident, check or all> [note]",
            "You have it: nobody else is called.",
            "ack #12 looking at it",
            "an incident",
        ),
        Verb("unack", "unack <incident>", "Give it back; the escalation goes on.", "unack #12", "an incident"),
        Verb(
            "escalate",
            "escalate <incident or check> [why]",
            "Call the next step of the escalation policy now.",
            "escalate #12 needs a database person",
            "an incident or check",
        ),
        Verb(
            "resolve", "resolve <incident> [note]", "It is over, whatever the check says.", "resolve #12", "an incident"
        ),
        Verb("help", "help [word]", "This list, or one word of it.", "help ack"),
    )
}
ALIASES = {"acknowledge": "ack", "unacknowledge": "unack", "check": "run", "": "status", "?": "help"}


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said: a verb, what it is about, and the rest."""

    verb: str
    target: str = ""
    rest: str = ""


class Misunderstood(Exception):
    """It is no command; the text says what was expected."""


def parse(text: str) -> Said:
    """A slash command's text as Slack sends it.

    Raises:
        Misunderstood: no such word, or something is missing.
    """
    words = re.sub("[\x00-\x1f\x7f\ud800-\udfff]+", " ", html.unescape(text)).split()
    first = words[0].casefold() if words else ""
    verb = VERBS.get(ALIASES.get(first, first))
    if verb is None:
        known = nearest(first, [*VERBS, *ALIASES])
        meant = VERBS.get(ALIASES.get(known, known)) if known else None
        hint = f"Did you mean `/rounds {shown(meant.usage)}`?" if meant else "`/rounds help` lists what you can say."
        raise Misunderstood(f"Rounds does not know {quoted(first)}. {hint}")
    target = words[1] if len(words) > 1 else ""
    if verb.needs and not target:
        raise Misunderstood(f"`/rounds {verb.name}` needs {verb.needs}: for example `/rounds {verb.example}`.")
    return Said(verb.name, target, " ".join(words[2:])[:500])


def shown(usage: str) -> str:
    """A usage between backticks; Slack would make a link of its `<…>`."""
    return escape(usage)


def help_text(word: str = "") -> str:
    """The help, or one verb's."""
    verb = VERBS.get(ALIASES.get(word.casefold(), word.casefold())) if word else None
    if verb is not None:
        return f"`/rounds {shown(verb.usage)}`\n{verb.summary}\nExample: `/rounds {verb.example}`"
    lines = [f"• `/rounds {shown(verb.usage)}`: {verb.summary}" for verb in VERBS.values()]
    return "\n".join(("*What you can say*", *lines))


def usage_hint() -> str:
    """For the app manifest."""
    return " | ".join(verb.usage for verb in VERBS.values() if verb.name not in ("unack",))
