"""The card of a run: its progress first, then its digest."""

from __future__ import annotations

from bot.domain.comparing import changes
from bot.domain.incidents import State
from bot.domain.near import listed
from bot.domain.notifications import RunView
from bot.domain.runs import Gap, ItemState, Run, RunItem, RunState, Trigger, headline
from bot.slack.cards.card import Card, Names, numbered, person
from bot.slack.cards.ticking import tick_button
from bot.slack.cards.unusable import detoured, spoken_detour
from bot.slack.ids import Opens, Press
from bot.slack.parts import (
    SECTION,
    TEXT,
    Block,
    actions,
    button,
    code,
    context,
    cut,
    escape,
    fitted,
    header,
    link,
    listing,
    moment,
    named,
    prose,
    section,
    spoken,
    unmarked,
)
from bot.slack.wording import EMOJI, WORD, incident_emoji, many
from checks import Outcome, duration

_GAPS_NAMED = 12
"""Slots that one digest names one by one; the rest are counted, with the first and the last."""

_CHANGES = 6
"""Changes that one line names; the findings themselves stand below."""

_BAR = 12
"""Characters of the progress bar; it fits a phone."""


def run_card(view: RunView, names: Names) -> Card:
    """A run as it is now."""
    match view.run.state:
        case RunState.NEW | RunState.RUNNING:
            return _progress(view)
        case RunState.MISSED:
            return _missed(view)
        case _:
            return _digest(view, names)


def _asked(run: Run) -> str:
    if run.trigger is Trigger.HAND:
        return f"asked for by {person(run.requested_by)}"
    return "at start" if run.trigger is Trigger.START else "on schedule"


def _progress(view: RunView) -> Card:
    total = sum(1 for item in view.run.items if not item.manual)
    filled = _BAR * view.done // total if total else 0
    bar = "▓" * filled + "░" * (_BAR - filled)
    title = named(view.run.title)
    return Card(
        text=f"{title}: looking, {view.done} of {total} done{spoken_detour(view.detour)}",
        blocks=[
            header(view.run.title),
            section(f":hourglass_flowing_sand: Looking … {bar} {view.done} of {many(total, 'check')}"),
            context(f"{_asked(view.run)} · {moment(view.run.due_at, view.timezone, day=True)}"),
            *detoured(view.detour),
        ],
    )


def _missed(view: RunView) -> Card:
    title = named(view.run.title)
    sentence = "did not take place: Rounds was not running, or could not keep up"
    again = code(f"/rounds run {view.run.checklist}")
    return Card(
        text=f"{title}, {spoken(view.run.due_at, view.timezone)}: {sentence}{spoken_detour(view.detour)}",
        blocks=[
            header(view.run.title),
            section(f":fast_forward: *Missed.* It {sentence}. Ask for it with {again}."),
            context(moment(view.run.due_at, view.timezone, day=True)),
            *detoured(view.detour),
        ],
    )


def _digest(view: RunView, names: Names) -> Card:
    run = view.run
    by_rank = sorted(
        (item for item in run.items if item.result is not None and item.result.outcome.rank >= Outcome.WARNING.rank),
        # Failing first, the worst at the top; what we could not see comes after what we saw.
        key=lambda item: (_unseen(item), -item.result.outcome.rank if item.result else 0),
    )
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0.0
    head = [
        header(run.title),
        section(f"{EMOJI[run.outcome]} *{escape(headline(run))}*"),
    ]
    head += detoured(view.detour)
    if changed := _changes(view):
        head.append(section(changed))
    if run.gaps:
        head.append(section(_gaps(run.gaps, view.timezone)))
    body = [section(_finding(item, view, names)) for item in by_rank]
    body += [_manual(item, run, view.timezone, names) for item in run.items if item.manual]
    fine = [item for item in run.items if item.result is not None and item not in by_rank]
    foot: list[Block] = []
    if fine:
        foot.append(context(cut(_fine(fine), 1_500)))
    foot.append(
        context(f"{_asked(run)} · {moment(run.due_at, view.timezone, day=True)} · took {duration(took)} · run {run.id}")
    )
    again = button(Press.RUN, "Run again", run.checklist, spoken_as=f"Run {run.title} again")
    foot.append(actions(again, *_more(run)))
    return Card(
        text=_text(view, by_rank),
        blocks=fitted(head, body, foot, more="… and {n} more; the evidence is in the thread"),
    )


def _unseen(item: RunItem) -> bool:
    return item.result is not None and item.result.outcome is Outcome.UNKNOWN


def _finding(item: RunItem, view: RunView, names: Names) -> str:
    result = item.result
    assert result is not None  # only called for items with one
    place = f"{named(item.item.section)} › " if item.item.section else ""
    text = f"{EMOJI[result.outcome]} *{WORD[result.outcome]}* · {place}*{named(item.item.text)}*"
    # What we could not see says so already.
    text += f"\n{cut(escape(result.headline.removeprefix(f'{WORD[Outcome.UNKNOWN].lower()}: ')), 700)}"
    if incident := view.incidents.get(result.check):
        who = f" by {person(incident.acknowledged_by)}" if incident.state is State.ACKNOWLEDGED else ""
        number = numbered(incident, view.places, names)
        text += f"\n{incident_emoji(incident)} incident {number}, {incident.state.value}{who}"
    if item.item.link:
        text += f"\n{link(item.item.link, 'open')}"
    if item.item.how:
        text += f"\n{cut(prose(item.item.how), 600)}"
    return text


def overdue_card(view: RunView, names: Names) -> Card:
    """The reminder in a digest's thread: what is still open, and who was to do it."""
    lines = []
    for item in view.run.open_items:
        who = f" · {_owner(item.owner, names)}" if item.owner else ""
        lines.append(f"• {cut(escape(item.item.text), 300)}{who}")
    lines = [f":alarm_clock: *{named(view.run.title)} is overdue.* Still to do:", *lines]
    return Card(listing(lines, TEXT), [section(listing(lines, SECTION))])


def _owner(owner: str, names: Names) -> str:
    return names.mention(owner) if ":" in owner else person(owner)


def _more(run: Run) -> list[Block]:
    """What is done with few items: with a note, or not this time. The dialog asks which one."""
    if run.state is RunState.CARRIED or not run.open_items:
        return []
    value = str(run.id)
    return [
        button(Opens.PROVE, "Tick with a note …", value, spoken_as=f"Tick an item of {run.title} with a note"),
        button(Opens.SKIP, "Skip …", value, spoken_as=f"Skip an item of {run.title}"),
    ]


def _manual(item: RunItem, run: Run, timezone: str, names: Names) -> Block:
    place = f"{named(item.item.section)} › " if item.item.section else ""
    text = cut(unmarked(item.item.text), 1_200)
    where = f" · {link(item.item.link, 'open')}" if item.item.link else ""
    value = f"{run.id}:{item.item.id}"
    if item.state is ItemState.OPEN:
        if run.state is RunState.CARRIED:
            return section(f":fast_forward: {place}{text}{where}\ntaken over by a later run")
        how = f"\n{cut(prose(item.item.how), 600)}" if item.item.how else ""
        owner = ""
        if item.owner is not None:
            assigned = item.owner != item.item.owner
            owner = f"\n:eyes: {_owner(item.owner, names)} has it" if assigned else f"\n{_owner(item.owner, names)}"
        tick = tick_button(run, item, style="primary")
        return section(f":white_large_square: {place}{text}{where}{how}{owner}", accessory=tick)
    when = f" at {moment(item.at, timezone)}" if item.at else ""
    note = f" · {cut(escape(item.note), 600)}" if item.note else ""
    what = "skip" if item.state is ItemState.SKIPPED else "tick"
    undo = button(Press.UNTICK, "Undo", value, spoken_as=f"Undo the {what} of {item.item.text}")
    attached = f" · {link(item.attached, 'evidence')}" if item.attached else ""
    if item.state is ItemState.SKIPPED:
        return section(f":fast_forward: {place}{text}{where}\nskipped by {person(item.by)}{when}{note}", accessory=undo)
    done = f":ballot_box_with_check: {place}~{text}~{where}\n{person(item.by)}{when}{note}{attached}"
    return section(done, accessory=undo)


def _changes(view: RunView) -> str:
    """What is different from the round before, in two lines at most; empty when nothing is."""
    found = changes(view.run, view.before)
    if not found or view.before is None:
        return ""
    worse = [f"{named(c.text)} ({WORD[c.after].lower()})" for c in found if c.worse]
    better = [f"{named(c.text)} (was: {WORD[c.before].lower()})" for c in found if not c.worse and c.before]
    since = moment(view.before.due_at, view.timezone, day=True)
    lines = [f":arrow_heading_down: *New since {since}:* {listed(worse, most=_CHANGES)}"] if worse else []
    if better:
        lines.append(f":arrow_heading_up: *Better since {since}:* {listed(better, most=_CHANGES)}")
    return "\n".join(lines)


def _fine(items: list[RunItem]) -> str:
    return f":white_check_mark: {len(items)} ok: " + " · ".join(named(item.item.text) for item in items)


def _gaps(gaps: tuple[Gap, ...], timezone: str) -> str:
    named = [f"{moment(gap.due_at, timezone, day=True)} ({gap.state.value})" for gap in gaps]
    if len(named) > _GAPS_NAMED:
        count = len(named) - _GAPS_NAMED
        named = [*named[: _GAPS_NAMED - 1], f"{count} more", named[-1]]
    slots = many(len(gaps), "slot")
    return f":fast_forward: *{slots} without a run of {'its' if len(gaps) == 1 else 'their'} own:* {', '.join(named)}"


def _text(view: RunView, failing: list[RunItem]) -> str:
    run = view.run
    first = f"{named(run.title)}, {spoken(run.due_at, view.timezone)}: {escape(headline(run))}"
    lines = [first + spoken_detour(view.detour)]
    if run.gaps:
        slots = ", ".join(f"{gap.slot} {gap.state.value}" for gap in run.gaps[:_GAPS_NAMED])
        more = f" and {len(run.gaps) - _GAPS_NAMED} more" if len(run.gaps) > _GAPS_NAMED else ""
        lines.append(f"without a run of their own: {escape(slots)}{more}")
    for item in failing:
        assert item.result is not None
        lines.append(f"{WORD[item.result.outcome]}: {named(item.item.text)}: {cut(escape(item.result.headline), 300)}")
    lines += [f"to do: {cut(escape(item.item.text), 300)}" for item in run.open_items]
    return listing(lines, TEXT)
