"""The escalator: fires the steps that are due and that nobody has cancelled by acknowledging."""

from __future__ import annotations

import logging
from datetime import datetime

from bot.domain.incidents import fire_due
from storage.tx import Tx

log = logging.getLogger(__name__)


def escalate(tx: Tx, now: datetime) -> int:
    """Fire what is due; returns how many steps. The step and its message commit together, once."""
    fired = 0
    for incident in tx.incidents.with_due_steps(now):
        current = incident
        while (effect := fire_due(current, now=now)) is not None:
            current = tx.incidents.apply(effect)
            fired += 1
            log.info("escalated", extra={"incident": current.id, "step": effect.entry.text})
    return fired
