"""Loads the state that a message shows, at the moment when it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import checks
from bot.config.configuration import Configuration, ConfiguredCheck
from bot.domain.incidents import Incident
from bot.domain.notifications import Due, IncidentView, NoticeView, Place, RunView, Series, StatusView, View
from bot.domain.runs import Result, Trigger
from bot.engine.clock import AHEAD
from storage.tx import Tx

CHARTED = timedelta(hours=22)
"""Less than a day, so that no hour of the clock stands twice in a chart."""
LATELY = timedelta(days=1)
"""How long a message that was given up is shown; whoever looks once a day sees it."""
CHART_POINTS = 20
"""Of Slack's charts."""
FEWEST = 3
"""Points that make a line."""


def view_of(tx: Tx, subject: str, configuration: Configuration) -> View | None:
    """The state of a subject, such as `run:ID`, `incident:ID`, `notice:ID` or `home:USER`; `None` if it is gone."""
    what, _, name = subject.partition(":")
    match what:
        case "run":
            run = run_view(tx, int(name), configuration)
            return replace(run, detour=tx.detours.of(subject)) if run else None
        case "incident":
            return replace(incident_view(tx, int(name), configuration), detour=tx.detours.of(subject))
        case "notice":
            said = tx.notices.get(int(name))
            return NoticeView(said.text, said.at, configuration.timezone, tx.detours.of(subject)) if said else None
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
        series=series_of(tx, configuration.checks.get(incident.check or ""), result),
    )


def series_of(tx: Tx, check: ConfiguredCheck | None, result: Result | None) -> Series | None:
    """The last day of the number that the rules of this check look at first, of the object that is worst."""
    if check is None or result is None:
        return None
    measured = check.check.measured()
    judged = {name for rule in check.rules.levels for name in rule.named}
    worst = max(result.findings, key=lambda finding: finding.outcome.rank, default=None)
    reported = [metric for metric in result.metrics if metric.name in measured]
    chosen = sorted(
        reported,
        # A rule's own metric first, of the worst object, in the order in which the kind declares them.
        key=lambda m: (m.name not in judged, worst is None or m.about != worst.about, list(measured).index(m.name)),
    )
    if not chosen:
        return None
    name, about = chosen[0].name, chosen[0].about
    since, until = tx.now - CHARTED, tx.now + AHEAD
    points = tx.history.series(check.name, name, about=about, since=since, until=until, most=CHART_POINTS)
    if len(points) < FEWEST:
        return None
    return Series(name, measured[name].unit, tuple(points), about)


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
        losses=tx.losses.since(tx.now - LATELY),
        reader=reader,
    )


def _places(tx: Tx, incidents: Iterable[Incident]) -> dict[int, Place]:
    """Where the messages of these incidents stand, as far as they have been posted."""
    subjects = {f"incident:{incident.id}": incident.id for incident in incidents}
    return {subjects[subject]: place for subject, place in tx.messages.places(list(subjects)).items()}
