"""The language: one table, from which parsing, help, the documents and the manifest's hint come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Takes(Enum):
    """What follows a verb."""

    NOTHING = auto()
    NAME = auto()
    """One name, to the end."""
    NAME_AND_TEXT = auto()
    TEXT = auto()


class About(Enum):
    """What the name is one of."""

    NOTHING = auto()
    RUNNABLE = auto()
    """A checklist or a check."""
    ANYTHING = auto()
    """An incident, a check or a checklist."""
    INCIDENT = auto()
    OVER = auto()
    """An incident that somebody resolved."""
    TAKEABLE = auto()
    """An incident or an open manual item."""
    HELPABLE = auto()
    """An incident, or a check that may have none."""
    ITEM = auto()
    """An open manual item."""
    DONE = auto()
    """A manual item that was done or skipped."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One word of the language.

    Args:
        needs: what has to follow it, if anything has to.
        then: what has to follow the name, if anything has to.
        undo: the verb that takes it back.
    """

    name: str
    usage: str
    summary: str
    example: str
    takes: Takes = Takes.NOTHING
    about: About = About.NOTHING
    needs: str = ""
    then: str = ""
    undo: str = ""


VERBS = {
    verb.name: verb
    for verb in (
        Verb("status", "status", "What is wrong now, what waits for a person, what comes next.", "status"),
        Verb(
            "show",
            "show <incident, check or checklist>",
            "How it is now: its story, its latest results, what was seen.",
            "show #12",
            Takes.NAME,
            About.ANYTHING,
            "an incident, check or checklist",
        ),
        Verb(
            "run",
            "run <checklist or check>",
            "Run it now; its message shows the progress.",
            "run morning",
            Takes.NAME,
            About.RUNNABLE,
            "a name",
        ),
        Verb(
            "ack",
            "ack <incident, item or all> [note]",
            "You have it: nobody else is called.",
            "ack #12 looking at it",
            Takes.NAME_AND_TEXT,
            About.TAKEABLE,
            "an incident",
            undo="unack",
        ),
        Verb(
            "unack",
            "unack <incident or item>",
            "Give it back; the answer says who is called next.",
            "unack #12",
            Takes.NAME,
            About.TAKEABLE,
            "an incident",
        ),
        Verb(
            "snooze",
            "snooze <incident> <how long> [why]",
            "Quiet for so long, or until then; what is still so at the end is told anew.",
            "snooze #12 until monday 09:00 a part is ordered",
            Takes.NAME_AND_TEXT,
            About.INCIDENT,
            "an incident",
            then="how long, or until when",
            undo="unsnooze",
        ),
        Verb(
            "unsnooze",
            "unsnooze <incident>",
            "End its quiet now.",
            "unsnooze #12",
            Takes.NAME,
            About.INCIDENT,
            "an incident",
        ),
        Verb(
            "escalate",
            "escalate <incident or check> [to <step, person or group>] [why]",
            "Call the next step of the escalation policy now, or whom you choose.",
            "escalate #12 to @ben knows the database",
            Takes.NAME_AND_TEXT,
            About.HELPABLE,
            "an incident or check",
        ),
        Verb(
            "resolve",
            "resolve <incident> [note]",
            "It is over, whatever the check says.",
            "resolve #12 moved the logs",
            Takes.NAME_AND_TEXT,
            About.INCIDENT,
            "an incident",
            undo="reopen",
        ),
        Verb(
            "reopen",
            "reopen <incident> [why]",
            "It is not over after all.",
            "reopen #12",
            Takes.NAME_AND_TEXT,
            About.OVER,
            "an incident",
        ),
        Verb(
            "tick",
            "tick <item> [link] [note]",
            "You did it.",
            "tick dashboard all green",
            Takes.NAME_AND_TEXT,
            About.ITEM,
            "an item",
            undo="untick",
        ),
        Verb(
            "skip",
            "skip <item> <why>",
            "It is not done this time.",
            "skip dashboard no access today",
            Takes.NAME_AND_TEXT,
            About.ITEM,
            "an item",
            then="the reason",
            undo="untick",
        ),
        Verb(
            "untick",
            "untick <item>",
            "It is open again, done or skipped.",
            "untick dashboard",
            Takes.NAME,
            About.DONE,
            "an item",
        ),
        Verb(
            "log",
            "log [issue, action or note] <text>",
            "Write it down; it stands in the day's report.",
            "log action restarted the queue",
            Takes.TEXT,
            needs="what to write down",
            undo="unlog",
        ),
        Verb("unlog", "unlog [number]", "Take your own entry back: that one, or your last.", "unlog", Takes.TEXT),
        Verb(
            "report",
            "report [day]",
            "A day: its rounds, incidents, issues, actions, notes, what is left, and figures.",
            "report yesterday",
            Takes.TEXT,
        ),
        Verb("oncall", "oncall", "Who is called, in which order and when.", "oncall"),
        Verb("help", "help [word]", "This list, or one word of it.", "help ack", Takes.TEXT),
    )
}
ALIASES = {
    "": "status",
    "?": "help",
    "acknowledge": "ack",
    "take": "ack",
    "unacknowledge": "unack",
    "check": "run",
    "close": "resolve",
    "mute": "snooze",
    "silence": "snooze",
    "unmute": "unsnooze",
    "wake": "unsnooze",
    "done": "tick",
    "note": "log",
    "on-call": "oncall",
    "who": "oncall",
    "list": "status",
}

HINTED = ("status", "show", "run", "ack", "snooze", "escalate", "resolve", "log", "report", "oncall", "help")
"""What the hint in Slack's composer names; `help` names the rest."""
