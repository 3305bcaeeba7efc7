"""One thing in full, for whoever asked to see it: an incident with its story, a check with its results, a round."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.escalation import told_by
from bot.domain.incidents import Entry, Reason
from bot.domain.notifications import CheckView, IncidentView, RunView
from bot.domain.runs import Result
from bot.slack.cards.card import Card, Names, PlainNames, Readers, mentions, person
from bot.slack.cards.chart import in_words
from bot.slack.cards.incident import incident_card
from bot.slack.cards.run import run_card
from bot.slack.ids import Press
from bot.slack.parts import (
    TEXT,
    Block,
    actions,
    button,
    context,
    cut,
    escape,
    fitted,
    header,
    listing,
    moment,
    named,
    preformatted,
    section,
)
from bot.slack.wording import EMOJI, WORD, ago, incident_emoji, many
from checks import show

_NOBODY = PlainNames()

_STORY = 12
"""Lines of a story; the thread has them all."""

_EVIDENCE = 1_200
_METRICS = 12


def shown_card(view: IncidentView | CheckView | RunView, names: Names = _NOBODY) -> Card:
    """The answer to `/rounds show`. Looking calls no one."""
    names = Readers(names)
    match view:
        case IncidentView():
            return _incident(view, names)
        case CheckView():
            return _check(view)
        case RunView():
            return run_card(view, names)


def _incident(view: IncidentView, names: Names) -> Card:
    card = incident_card(view, names)
    first = next((n for n, block in enumerate(card.blocks) if block["type"] == "actions"), len(card.blocks))
    told = view.timeline[-_STORY:]
    lines = [_line(entry, view, names) for entry in told]
    if len(view.timeline) > len(told):
        lines.insert(0, f"… {len(view.timeline) - len(told)} earlier; its thread has them")
    body: list[Block] = [section(listing(lines, 2_500))] if lines else []
    if view.result is not None:
        body += _evidence(view.result)
    more = "… and {n} more pieces; the thread has them"
    blocks = fitted(card.blocks[:first], body, card.blocks[first:], more=more)
    return Card(listing([card.text, *lines], TEXT), blocks)


def _line(entry: Entry, view: IncidentView, names: Names) -> str:
    said = f": {cut(escape(' '.join(entry.text.split())), 300)}" if entry.text else ""
    told = told_by(entry.text, view.incident.steps)
    calls = mentions((target for step in told for target in step.notify), names)
    whom = f" to {calls}" if calls and entry.reason is Reason.ESCALATED else ""
    what = "ended the quiet" if entry.reason is Reason.WOKEN else entry.reason.value
    return f"{moment(entry.at, view.timezone, day=True)} · {person(entry.by)} · {what}{whom}{said}"


def _check(view: CheckView) -> Card:
    latest = view.results[0] if view.results else None
    head: list[Block] = [header(view.title)]
    run = button(Press.RUN, "Run now", f"check:{view.name}", spoken_as=f"Run {view.title} now")
    if latest is None:
        sentence = f"{named(view.title)} has not been looked at yet."
        head += [section(sentence), context(f"kind {named(view.kind)}"), actions(run)]
        return Card(sentence, head)
    since = ago(latest.looked_at, view.now)
    summary = f"{WORD[latest.outcome]}: {cut(escape(latest.headline), 700)}"
    head.append(section(f"{EMOJI[latest.outcome]} *{WORD[latest.outcome]}* · {since} ago\n{_findings(latest)}"))
    if (incident := view.incident) is not None:
        what = f"{incident_emoji(incident)} incident #{incident.id}, {incident.state.value}"
        head.append(section(f"{what}: {cut(escape(incident.summary), 300)}"))
    body: list[Block] = []
    if measured := _measured(latest, view.units):
        body.append(section(cut(measured, 1_500)))
    if view.series is not None:
        body.append(section(in_words(view.series)))
    body += _evidence(latest)
    if len(view.results) > 1:
        earlier = [f"{EMOJI[r.outcome]} {moment(r.looked_at, view.timezone, day=True)}" for r in view.results[1:]]
        body.append(context("before: " + " · ".join(earlier)))
    foot = [context(f"{named(view.name)}, kind {named(view.kind)}"), actions(run)]
    text = f"{named(view.title)}, {since} ago: {summary}"
    return Card(text, fitted(head, body, foot, more="… and {n} more; `/rounds run` looks again"))


def _findings(result: Result) -> str:
    return cut(escape("\n".join(finding.text for finding in result.findings)) or "nothing to say", 1_500)


def _measured(result: Result, units: Mapping[str, str]) -> str:
    """The numbers, one a line."""
    lines = []
    for metric in result.metrics[:_METRICS]:
        about = f" ({named(metric.about)})" if metric.about else ""
        lines.append(f"{named(metric.name)}{about}: {escape(show(metric.value, units.get(metric.name, '')))}")
    rest = len(result.metrics) - len(lines)
    return "\n".join([*lines, f"… and {many(rest, 'more number')}"] if rest > 0 else lines)


def _evidence(result: Result) -> list[Block]:
    return [preformatted(each.text, title=each.title, limit=_EVIDENCE) for each in result.evidence[:3]]
