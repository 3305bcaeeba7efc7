"""What is wrong now: as the answer to `/rounds status`, and as App Home."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from bot.domain.incidents import Incident, State
from bot.domain.notifications import StatusView, Trouble
from bot.domain.runs import Run, RunItem
from bot.slack.cards.card import Card, Names, PlainNames, channel_named, numbered, person
from bot.slack.cards.ticking import tick_button
from bot.slack.cards.unusable import explained
from bot.slack.ids import Opens, Press
from bot.slack.parts import (
    BLOCKS,
    HOME_BLOCKS,
    SECTION,
    TEXT,
    Block,
    actions,
    button,
    context,
    cut,
    divider,
    escape,
    fitted,
    header,
    listing,
    moment,
    named,
    section,
    spoken,
)
from bot.slack.wording import WORD, ago, incident_emoji, many

T = TypeVar("T")

_UPCOMING = 8
_TROUBLES = 5
_LOSSES = 3
_SHORT = 60

_TAKEN_AT_ONCE = 200
"""Numbers that fit a button's value."""


_NOBODY = PlainNames()


def status_card(view: StatusView, names: Names = _NOBODY) -> Card:
    """The answer to `/rounds status`."""
    return Card(_text(view), _blocks(view, names, blocks=BLOCKS))


def home_view(view: StatusView, names: Names = _NOBODY) -> dict[str, object]:
    """Somebody's App Home: what is theirs first."""
    return {"type": "home", "blocks": _blocks(view, names, blocks=HOME_BLOCKS)}


def ask_for_all(incidents: Sequence[Incident]) -> Card:
    """Before somebody takes everything: what exactly that is."""
    if not incidents:
        sentence = "No incident is open in this channel; there is nothing to acknowledge."
        return Card(sentence, [section(sentence)])
    chosen = incidents[:_TAKEN_AT_ONCE]
    all_of_them = f"all {len(chosen)}" if len(chosen) == len(incidents) else f"{len(chosen)} of {len(incidents)}"
    question = f"Acknowledge {all_of_them}? Nobody else is called for them then."
    lines = [question, *(f"• #{i.id} {named(i.title)}: {cut(escape(i.summary), 200)}" for i in chosen)]
    value = ",".join(str(incident.id) for incident in chosen)
    press = button(Press.ACKNOWLEDGE_ALL, f"Acknowledge {many(len(chosen), 'incident')}", value, style="primary")
    return Card(listing(lines, TEXT), [section(listing(lines, SECTION)), actions(press)])


def _sentence(view: StatusView) -> str:
    if not view.incidents:
        return "Nothing is wrong that Rounds can see."
    unclaimed = sum(1 for incident in view.incidents if incident.state is State.OPEN)
    if len(view.incidents) == 1:
        who = "nobody has it yet" if unclaimed else "somebody has it"
    elif unclaimed == len(view.incidents):
        who = "nobody has any of them yet"
    else:
        who = f"nobody has {unclaimed} of them" if unclaimed else "somebody has each of them"
    return f"{many(len(view.incidents), 'incident')} going on; {who}."


def _split(each: Iterable[T], chosen: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """Those that are chosen, and the rest."""
    found: tuple[list[T], list[T]] = ([], [])
    for one in each:
        found[0 if chosen(one) else 1].append(one)
    return found


def _blocks(view: StatusView, names: Names, *, blocks: int) -> list[Block]:
    emoji = ":rotating_light:" if view.incidents else ":white_check_mark:"
    head = [header("Wrong now"), section(f"{emoji} *{_sentence(view)}*")]
    head += [section(_trouble(trouble)) for trouble in view.troubles[:_TROUBLES]]
    if view.losses:
        head.append(section(listing(_losses(view), SECTION)))
    mine, theirs = _split(view.incidents, lambda i: bool(view.reader) and view.reader == i.acknowledged_by)
    todo = [(run, item) for run in view.waiting for item in run.open_items]
    own, others = _split(todo, lambda each: bool(view.reader) and each[1].owner == view.reader)
    body = [_incident(incident, view, names) for incident in theirs]
    if mine or own:
        body += [divider(), header("Yours")]
        body += [_incident(incident, view, names) for incident in mine]
        body += [_open_item(run, item, view) for run, item in own]
    if others:
        body += [divider(), header("To do by hand")]
        body += [_open_item(run, item, view) for run, item in others]
    foot: list[Block] = [actions(*_quick())] if view.reader else []
    foot += [divider(), header("Due next")]
    foot.append(section("\n".join(_due(view)) or "No checklist has a schedule."))
    facts = f"{many(view.checks, 'check')}, {many(view.checklists, 'checklist')}"
    now = f" · as of {moment(view.now, view.timezone)}" if view.now else ""
    foot.append(context(f"{facts}{now} · `/rounds help` lists what you can say"))
    return fitted(head, body, foot, blocks=blocks, more="… and {n} more")


def _quick() -> list[Block]:
    """What people come to their Home for."""
    return [button(Opens.CHOOSE, "Run a check …", "home"), button(Opens.LOG, "Add to the log …", "home")]


def _trouble(trouble: Trouble) -> str:
    waiting = many(trouble.waiting, "message waits", "messages wait")
    return f":no_entry: *{waiting} for {channel_named(trouble.channel)}:* {explained(trouble.error)}"


def _losses(view: StatusView) -> list[str]:
    count = many(len(view.losses), "message was", "messages were")
    lines = [f":no_entry: *{count} given up in the last day.* `rounds why` tells all of it."]
    for loss in view.losses[:_LOSSES]:
        where = f" for {cut(channel_named(loss.channel), _SHORT)}" if loss.channel else ""
        when = moment(loss.at, view.timezone, day=True)
        lines.append(
            f"• {named(loss.reason)} of {cut(named(loss.about), _SHORT)}{where}, {when}: {cut(escape(loss.error), 120)}"
        )
    rest = len(view.losses) - _LOSSES
    return [*lines, f"… and {rest} more"] if rest > 0 else lines


def _incident(incident: Incident, view: StatusView, names: Names) -> Block:
    since = f" for {ago(incident.opened_at, view.now)}" if view.now else ""
    who = f"{person(incident.acknowledged_by)} has it" if incident.state is State.ACKNOWLEDGED else "nobody has it"
    quiet = ""
    if incident.snoozed_until is not None:
        quiet = f" · quiet until {moment(incident.snoozed_until, view.timezone, day=True)}"
    number = numbered(incident, view.places, names)
    title = f"{incident_emoji(incident)} *{number} {named(incident.title)}*"
    text = f"{title} · {WORD[incident.severity]}{since} · {who}{quiet}\n{cut(escape(incident.summary), 500)}"
    if incident.state is not State.OPEN:
        return section(text)
    name = f"#{incident.id} {incident.title}"
    press = button(Press.ACKNOWLEDGE, "Acknowledge", str(incident.id), spoken_as=f"Acknowledge {name}", style="primary")
    return section(text, accessory=press)


def _open_item(run: Run, item: RunItem, view: StatusView) -> Block:
    has = f" · :eyes: {person(item.owner)} has it" if item.owner and ":" not in item.owner else ""
    # Asked for by hand, the same round may wait twice: its moment tells them apart.
    when = moment(run.due_at, view.timezone, day=True)
    text = f":white_large_square: {cut(escape(item.item.text), 800)}\n{named(run.title)}, {when}{has}"
    return section(text, accessory=tick_button(run, item))


def _due(view: StatusView) -> list[str]:
    lines = [f"{moment(due.at, view.timezone, day=True)} · {named(due.title)}" for due in view.upcoming[:_UPCOMING]]
    rest = len(view.upcoming) - _UPCOMING
    return [*lines, f"… and {rest} more"] if rest > 0 else lines


def _text(view: StatusView) -> str:
    lines = [_sentence(view)]
    lines += [
        f"#{i.id} {named(i.title)}: {WORD[i.severity]}, {i.state.value}. {cut(escape(i.summary), 300)}"
        for i in view.incidents
    ]
    lines += [
        f"{t.waiting} waiting for {channel_named(t.channel)}: {cut(escape(t.error), 100)}"
        for t in view.troubles[:_TROUBLES]
    ]
    lines += [
        f"given up: {named(loss.reason)} of {named(loss.about)}: {cut(escape(loss.error), 100)}"
        for loss in view.losses[:_LOSSES]
    ]
    todo = [item.item.text for run in view.waiting for item in run.open_items]
    lines += [f"to do: {cut(escape(text), 300)}" for text in todo]
    lines += [f"due next: {named(due.title)}, {spoken(due.at, view.timezone)}" for due in view.upcoming[:1]]
    return listing(lines, TEXT)
