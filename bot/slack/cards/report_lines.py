"""The lines of a day's report, written with the pen of a card or of a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Protocol

from bot.domain.incidents import Incident, Reason, State
from bot.domain.logbook import LogEntry
from bot.domain.reports import Deed, Figure, Report, Round
from bot.slack.cards.card import is_group_id, is_user_id
from bot.slack.wording import EMOJI, WORD, incident_emoji, lasted, many
from checks import Outcome, show


class Pen(Protocol):
    """How texts, names and moments are written, so that nothing in them is markup."""

    def text(self, raw: str) -> str:
        """What somebody wrote, on one line."""

    def name(self, raw: str) -> str:
        """A title or name."""

    def who(self, user: str) -> str:
        """Somebody in Slack."""

    def group(self, group: str) -> str:
        """A user group in Slack, by its id."""

    def time(self, at: datetime) -> str:
        """A time of the day."""

    def moment(self, at: datetime) -> str:
        """A time of some day."""

    def link(self, url: str, label: str) -> str:
        """A link to a page."""

    def mark(self, emoji: str, word: str) -> str:
        """How something went."""


DONE = {
    Reason.ACKNOWLEDGED: "took",
    Reason.UNACKNOWLEDGED: "gave back",
    Reason.ESCALATED: "escalated",
    Reason.SNOOZED: "snoozed",
    Reason.WOKEN: "ended the quiet of",
    Reason.RESOLVED: "resolved",
    Reason.REOPENED: "reopened",
}
"""What people do to incidents, as a sentence says it."""


def summary(report: Report) -> str:
    """The day in one sentence."""
    took_place = sum(one.count for one in report.rounds)
    parts = [many(took_place, "round")] if took_place else []
    if missed := sum(one.missed for one in report.rounds):
        parts.append(f"{missed} missed")
    parts.append(f"{many(len(report.opened), 'incident')} opened, {len(report.closed)} closed")
    if report.unresolved:
        parts.append(f"{len(report.unresolved)} going on")
    if left := sum(len(run.open_items) for run in report.waiting):
        parts.append(f"{left} to do by hand")
    return ", ".join(parts)


def day(report: Report) -> str:
    """`Monday, 2 March 2026`."""
    return f"{report.day:%A}, {report.day.day} {report.day:%B %Y}"


def small_print(report: Report, until: str) -> list[str]:
    """What one has to know to read it. `until`: the moment up to which it is known, as written."""
    told = [f"up to {until}, days as in {report.timezone}"]
    return told if report.complete else [*told, "its rounds are no longer known: they are kept for some weeks only"]


def parts(report: Report, pen: Pen) -> list[tuple[str, list[str]]]:
    """Each part with its lines; empty ones are left out."""
    incidents = {incident.id: incident for incident in (*report.opened, *report.closed)}
    told = [
        ("Rounds", [_round(one, pen) for one in report.rounds]),
        ("Incidents", [_incident(incidents[number], report, pen) for number in sorted(incidents)]),
        ("Issues", [_entry(entry, pen) for entry in report.issues]),
        ("Actions", [_deed(deed, pen) for deed in report.actions]),
        ("Notes", [_entry(entry, pen) for entry in report.notes]),
        ("Left", list(_left(report, pen))),
        ("Figures", _figures(report.figures, pen)),
    ]
    return [(title, lines) for title, lines in told if lines]


def _round(one: Round, pen: Pen) -> str:
    told = [many(one.count, "run")] if one.count else []
    if one.missed:
        told.append(f"{one.missed} missed")
    if one.worst is not None and one.count > 1:
        told.append(f"worst: {WORD[one.worst]}")
    if one.outcomes:
        last = ", ".join(f"{count} {WORD[outcome].lower()}" for outcome, count in _by_rank(one.outcomes.items()))
        told.append(f"last: {last}" if one.count > 1 else last)
    for count, what in ((one.done, "done by hand"), (one.skipped, "skipped"), (one.left, "left open")):
        if count:
            told.append(f"{count} {what}")
    emoji, word = (EMOJI[one.worst], WORD[one.worst]) if one.worst is not None else (":fast_forward:", "Not done")
    return f"{pen.mark(emoji, word)} {pen.name(one.title)}: {', '.join(told)}"


def _by_rank(counted: Iterable[tuple[Outcome, int]]) -> list[tuple[Outcome, int]]:
    return sorted(((outcome, count) for outcome, count in counted if count), key=lambda each: -each[0].rank)


def _incident(incident: Incident, report: Report, pen: Pen) -> str:
    if incident.state is State.RESOLVED:
        how = f"resolved by {pen.who(incident.resolved_by)}" if incident.resolved_by else "recovered"
        now = f"{how} after {lasted(incident)}"
    else:
        now = _whose(incident, pen)
    mark = pen.mark(incident_emoji(incident), WORD[incident.severity])
    opened = pen.time(incident.opened_at) if incident in report.opened else pen.moment(incident.opened_at)
    return f"{mark} #{incident.id} {pen.name(incident.title)}, opened {opened}, {now}: {pen.text(incident.summary)}"


def _whose(incident: Incident, pen: Pen) -> str:
    if incident.state is State.ACKNOWLEDGED and incident.acknowledged_by:
        return f"{pen.who(incident.acknowledged_by)} has it"
    return "nobody has it" if incident.unresolved else "over by now"


def _entry(entry: LogEntry, pen: Pen) -> str:
    about = f" (#{entry.incident_id})" if entry.incident_id is not None else ""
    source = f" {pen.link(entry.link, 'message')}" if entry.link else ""
    return f"{pen.time(entry.at)} {pen.who(entry.by)}: {pen.text(entry.text)}{about}{source}"


def _deed(deed: Deed, pen: Pen) -> str:
    about = f"#{deed.incident_id}" if deed.incident_id is not None else ""
    if deed.reason is None:
        return f"{pen.time(deed.at)} {pen.who(deed.by)}: {pen.text(deed.text)}" + (f" ({about})" if about else "")
    said = f": {pen.text(deed.text)}" if deed.text else ""
    whom = f" to {' '.join(_whom(target, pen) for target in deed.called)}" if deed.called else ""
    return f"{pen.time(deed.at)} {pen.who(deed.by)} {DONE[deed.reason]} {about} {pen.name(deed.title)}{whom}{said}"


def _whom(target: str, pen: Pen) -> str:
    """Whom a call called; nobody is called by reading of it."""
    kind, _, name = target.partition(":")
    if kind == "usergroup" and is_group_id(name):
        return pen.group(name)
    return pen.who(name) if kind == "user" and is_user_id(name) else f"@{pen.name(name)}"


def _left(report: Report, pen: Pen) -> Iterable[str]:
    for incident in report.unresolved:
        mark = pen.mark(incident_emoji(incident), WORD[incident.severity])
        yield f"{mark} #{incident.id} {pen.name(incident.title)}, {_whose(incident, pen)}"
    for run in report.waiting:
        for item in run.open_items:
            mark = pen.mark(":white_large_square:", "To do")
            yield f"{mark} {pen.text(item.item.text)} ({pen.name(run.title)})"


def _figures(figures: Iterable[Figure], pen: Pen) -> list[str]:
    """A line for each check: what is read at the width of a phone has no room for one a number."""
    return [
        f"{pen.name(first.title or first.check)}: {', '.join(_figure(figure, pen) for figure in (first, *rest))}"
        for _, each in groupby(figures, key=lambda figure: figure.check)
        for first, *rest in (list(each),)
    ]


def _figure(figure: Figure, pen: Pen) -> str:
    about = f" ({pen.name(figure.about)})" if figure.about else ""
    last, low, high = (pen.text(show(each, figure.unit)) for each in (figure.last, figure.lowest, figure.highest))
    spread = f" (from {low} to {high})" if low != high else ""
    return f"{pen.name(_in_words(figure.metric))}{about} {last}{spread}"


def _in_words(metric: str) -> str:
    """`used_percent` as `used`: its unit stands behind the number."""
    for unit in ("_percent", "_bytes", "_ms", "_s"):
        metric = metric.removesuffix(unit)
    return metric.replace("_", " ")
