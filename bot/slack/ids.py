"""Every name that Slack hands back to us: one place, so that a test can press every button."""

from __future__ import annotations

from enum import StrEnum

COMMAND = "/rounds"

METADATA = "rounds_outbox"
"""The `event_type` of our messages' metadata; its payload holds the outbox key."""


class Press(StrEnum):
    """Buttons. Their value says what they are about."""

    ACKNOWLEDGE = "acknowledge"
    ACKNOWLEDGE_ALL = "acknowledge_all"
    UNACKNOWLEDGE = "unacknowledge"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    RUN_AGAIN = "run_again"
    RUN = "run"
    TICK = "tick"
    UNTICK = "untick"
