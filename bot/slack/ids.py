"""Every name that Slack hands back to us: one place, so that a test can press every button."""

from __future__ import annotations

from enum import StrEnum

COMMAND = "/rounds"

PATH = "/slack/events"
"""Where Slack reaches us over HTTP: events, commands and interactions; the app's manifest names it for each."""

METADATA = "rounds_outbox"
"""The `event_type` of our messages' metadata; its payload holds the outbox key."""


class Press(StrEnum):
    """Buttons. Their value says what they are about."""

    ACKNOWLEDGE = "acknowledge"
    ACKNOWLEDGE_ALL = "acknowledge_all"
    UNACKNOWLEDGE = "unacknowledge"
    RESOLVE = "resolve"
    RUN_AGAIN = "run_again"
    RUN = "run"
    TICK = "tick"
    UNTICK = "untick"
    UNSNOOZE = "unsnooze"
    SAY = "say"
    """Its value is a command, as if whoever presses it had typed it."""
    REPORT_FILE = "report_file"
    """Its value is a day."""


class Opens(StrEnum):
    """Buttons and menus that open a dialog; the dialog is called the same."""

    ESCALATE = "escalate"
    SNOOZE = "snooze"
    SKIP = "skip"
    PROVE = "prove"
    """Tick with a note, a link or a file."""
    LOG = "log"
    CHOOSE = "choose"
    """Choose what to run."""


EVIDENCE = "evidence"
"""The button that shows what a check saw, to whoever presses it."""

NAMES = "names"
"""The field of a dialog whose suggestions are what can be run."""


class Shortcut(StrEnum):
    """Entries of Slack's own menus: on a message, or everywhere."""

    ACKNOWLEDGE = "acknowledge_message"
    ESCALATE = "escalate_message"
    LOG = "log_message"
    RUN = "run_check"
