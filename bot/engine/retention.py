"""What is forgotten, and when (docs/adr/0010). What is still open, to be told or pointed to is never old enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.history import FURTHEST
from storage.tx import Tx

INBOX_KEPT = timedelta(days=2)
"""What Slack has told us: it repeats an event for at most a day."""

RESULTS_KEPT = timedelta(days=14)
"""Runs with their items and results, and pings."""

NOTICES_KEPT = timedelta(days=90)
"""What Rounds said of itself."""

LONGEST_KEPT = FURTHEST
"""Roll-ups, resolved incidents with their timelines, versions of the configuration, the last run of each checklist."""

PINGS_KEPT = 400
"""Of each check and sort, and none for longer than results: a job gone wild does not fill the disk."""

Forget = Callable[[Tx], int]
"""Forgets a batch, small enough that no other transaction waits long for it; returns how many, 0 when all is done."""


def forgetting(now: datetime) -> tuple[Forget, ...]:
    """What to do at that moment, each until it returns 0."""
    recent, long_ago = now - RESULTS_KEPT, now - LONGEST_KEPT
    return (
        lambda tx: tx.inbox.forget(older_than=INBOX_KEPT),
        lambda tx: tx.old_runs.forget(before=recent, long_before=long_ago),
        lambda tx: tx.pings.forget(before=recent, most=PINGS_KEPT),
        lambda tx: tx.history.forget(before=long_ago),
        lambda tx: tx.old_incidents.forget(before=long_ago),
        lambda tx: tx.versions.forget(before=long_ago),
        lambda tx: tx.old_notices.forget(before=now - NOTICES_KEPT),
    )
