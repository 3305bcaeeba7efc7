"""The help, and the hint in Slack's composer; both from the table of verbs."""

from __future__ import annotations

from bot.domain.naming import find
from bot.slack.parts import escape
from commands.grammar.verbs import ALIASES, HINTED, VERBS

FOOT = (
    "A name may be cut short while it is clear: `/rounds sta`. In a direct message, and after mentioning Rounds, leave "
    "`/rounds` away; in an incident's thread, leave the incident away."
)


def help_text(word: str = "") -> str:
    """The help, or one verb's."""
    known = ALIASES.get(word.casefold(), word.casefold()) if word else ""
    name = find(known, {verb: "" for verb in VERBS}).name if known else None
    if name is None:
        lines = [f"• `/rounds {escape(verb.usage)}` {verb.summary}" for verb in VERBS.values()]
        return "\n".join(("*What you can say*", *lines, "", FOOT))
    verb = VERBS[name]
    undo = f"\n`/rounds {verb.undo}` takes it back." if verb.undo else ""
    return f"`/rounds {escape(verb.usage)}`\n{verb.summary}{undo}\nExample: `/rounds {escape(verb.example)}`"


def usage_hint() -> str:
    """For the app manifest."""
    return " | ".join(VERBS[name].usage for name in HINTED)
