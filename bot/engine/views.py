"""Loads the state that a message shows, at the moment when it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import checks
from bot.config.configuration import Configuration
from bot.domain.incidents import Incident
from bot.domain.notifications import Due, IncidentView, NoticeView, Place, RunView, StatusView, View
from bot.domain.runs import Trigger
from storage.tx import Tx


def view_of(tx: Tx, subject: str, configuration: Configuration) -> View | None:
    """The state of a subject, such as `run:ID`, `incident:ID`, `notice:ID` or `home:USER`; `None` if it is gone."""
    what, _, name = subject.partition(":")
    match what:
        case "run":
            return run_view(tx, int(name), configuration)
        case "incident":
            return incident_view(tx, int(name), configuration)
        case "notice":
            said = tx.notices.get(int(name))
            return NoticeView(said.text, said.at, configuration.timezone) if said else None
        case _:
            return status_view(tx, configuration, tx.now, reader=name)


def run_view(tx: Tx, run_id: int, configuration: Configuration) -> RunView | None:
    """A run with the incidents of its checks."""
    run = tx.runs.get(run_id)
    if run is None:
        return None
    subjects = [f"{what}:{item.item.check}" for item in run.items if item.item.check for what in ("blind", "check")]
    incidents = tx.incidents.of_subjects(*subjects)
    by_check = {incident.check: incident for incident in incidents.values() if incident.check is not None}
    return RunView(
        run,
        tx.runs.done(run_id),
        by_check,
        configuration.timezone,
        before=tx.runs.before_outcomes(run) if run.trigger is Trigger.SCHEDULE else None,
        places=_places(tx, by_check.values()),
    )


def incident_view(tx: Tx, incident_id: int, configuration: Configuration) -> IncidentView:
    """An incident with its story, and with what its kind says about it."""
    incident = tx.incidents.get(incident_id)
    result = next(iter(tx.runs.latest_results(incident.check)), None) if incident.check else None
    kind = checks.kind(result.kind) if result is not None and result.kind in checks.kind_names() else None
    return IncidentView(
        incident=incident,
        timeline=tx.incidents.timeline(incident_id),
        result=result,
        why=kind.why if kind else "",
        what_to_do=kind.what_to_do if kind else "",
        previous=tx.incidents.get(incident.previous_id) if incident.previous_id else None,
        timezone=configuration.timezone,
    )


def status_view(tx: Tx, configuration: Configuration, now: datetime, *, reader: str | None = None) -> StatusView:
    """What is wrong now, what waits for a person, and what comes next."""
    incidents = tx.incidents.unresolved()
    upcoming = [
        Due(row.name, configuration.planned[row.name].checklist.title, row.next_due)
        for row in tx.schedules.all().values()
        if row.next_due is not None
        and row.name in configuration.planned
        and configuration.planned[row.name].trigger is not Trigger.RHYTHM
    ]
    return StatusView(
        incidents=tuple(incidents),
        waiting=tuple(tx.runs.with_open_items()),
        upcoming=tuple(sorted(upcoming, key=lambda due: due.at)),
        checks=len(configuration.checks),
        checklists=len(configuration.checklists),
        now=now,
        timezone=configuration.timezone,
        places=_places(tx, incidents),
        troubles=tuple(tx.outbox.troubles()),
        reader=reader,
    )


def _places(tx: Tx, incidents: Iterable[Incident]) -> dict[int, Place]:
    """Where the messages of these incidents stand, as far as they have been posted."""
    subjects = {f"incident:{incident.id}": incident.id for incident in incidents}
    return {subjects[subject]: place for subject, place in tx.messages.places(list(subjects)).items()}
