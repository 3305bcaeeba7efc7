"""The help, and the hint in Slack's composer; both from the table of verbs."""

from __future__ import annotations

from bot.domain.naming import find
from bot.domain.near import quoted
from bot.slack.parts import prose
from commands.grammar.verbs import ALIASES, HINTED, VERBS

FOOT = (
    "A name may be cut short while it is clear: `/rounds sta`. In a direct message, and after mentioning Rounds, leave "
    "`/rounds` away; in an incident's thread, leave the incident away."
)


def help_text(said: str = "") -> str:
    """The help, or one verb's: that of the first word, or of what it was probably meant to be."""
    word = said.split(maxsplit=1)[0].casefold() if said.split() else ""
    found = find(ALIASES.get(word, word), {name: "" for name in VERBS}) if word else None
    name = (found.name or (found.perhaps[0] if found.near and found.perhaps else None)) if found else None
    unknown = "" if not word or (found and found.name) else f"Rounds does not know {quoted(word)}."
    if name is None:
        lines = [f"• `/rounds {prose(verb.usage)}` {verb.summary}" for verb in VERBS.values()]
        return "\n".join((*([unknown] if unknown else []), "*What you can say*", *lines, "", FOOT))
    verb = VERBS[name]
    instead = f"{unknown} This is about `{name}`.\n" if unknown else ""
    undo = f"\n`/rounds {verb.undo}` takes it back." if verb.undo else ""
    usage, example = prose(verb.usage), prose(verb.example)
    return f"{instead}`/rounds {usage}`\n{verb.summary}{undo}\nExample: `/rounds {example}`"


def usage_hint() -> str:
    """For the app manifest."""
    return " | ".join(VERBS[name].usage for name in HINTED)
