"""Dialogs: pure functions from state to a view. What is entered comes back through `commands.dialogs`."""

from bot.slack.modals.of_incidents import escalate_modal, snooze_modal
from bot.slack.modals.of_rounds import choose_modal, log_modal, prove_modal, skip_modal
from bot.slack.modals.parts import failed, loading

__all__ = [
    "choose_modal",
    "escalate_modal",
    "failed",
    "loading",
    "log_modal",
    "prove_modal",
    "skip_modal",
    "snooze_modal",
]
