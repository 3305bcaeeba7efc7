"""Overdue runs: their incident, and the moment at which they are told, follow what people do with the items."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.config.configuration import Configuration
from bot.domain.incidents import Incident, Reason, State, acknowledge, recover, unacknowledge
from bot.domain.runs import ItemState, Run, RunItem
from storage.tx import Tx

BY_ITEM = "item"
"""By way of what an incident is acknowledged whose items somebody has; it is open again when they give one back."""


def overdue_of(tx: Tx, run_id: int) -> Incident | None:
    """The unresolved incident of a run that is overdue."""
    subject = f"run:{run_id}"
    return tx.incidents.of_subjects(subject).get(subject)


def close_overdue(tx: Tx, run_id: int, *, summary: str, now: datetime, reason: Reason = Reason.RECOVERED) -> None:
    """Nobody is asked for its items any more, because they are done, say: an overdue incident is over."""
    if (incident := overdue_of(tx, run_id)) is not None:
        tx.incidents.apply(recover(incident, summary=summary, now=now, reason=reason))


def follow(tx: Tx, run: Run, item: RunItem, *, by: str, via: str, configuration: Configuration, now: datetime) -> None:
    """Somebody has done, taken, given back or opened an item of this run again, and some are open still.

    Args:
        run: as it was before.
        item: as it is now.
    """
    after = replace(run, items=tuple(item if each.item.id == item.item.id else each for each in run.items))
    incident = overdue_of(tx, run.id)
    if incident is None:
        if item in after.ownerless:
            _rearm(tx, run, configuration, now)
    elif not after.ownerless and incident.state is State.OPEN:
        has = item if item.state is ItemState.OPEN else after.open_items[0]
        note = "Somebody has every item that is still open."
        effect = acknowledge(incident, by=has.owner or by, now=now, via=BY_ITEM, note=note)
        tx.incidents.apply(effect)
    elif after.ownerless and incident.state is State.ACKNOWLEDGED and _by_item(tx, incident):
        within = configuration.within.get(incident.severity)
        tx.incidents.apply(unacknowledge(incident, by=by, now=now, via=via, within=within))


def _rearm(tx: Tx, run: Run, configuration: Configuration, now: datetime) -> None:
    """An item is open again, or nobody's: that it is overdue may have been told before, and is told anew."""
    checklist = configuration.checklists.get(run.checklist)
    if run.overdue_at is None and checklist is not None and checklist.due_in is not None:
        tx.runs.overdue_from(run.id, max(now, run.due_at + checklist.due_in))


def _by_item(tx: Tx, incident: Incident) -> bool:
    """Whoever acknowledged it by its number has it, whatever becomes of the items."""
    taken = [entry for entry in tx.incidents.timeline(incident.id) if entry.reason is Reason.ACKNOWLEDGED]
    return bool(taken) and taken[-1].via == BY_ITEM
