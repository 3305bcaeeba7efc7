"""The card of an incident, and the replies in its thread."""

from __future__ import annotations

from bot.domain.climbing import next_call
from bot.domain.escalation import StepState, told_by
from bot.domain.escalation import numbered as in_words
from bot.domain.incidents import Entry, Incident, Reason, State
from bot.domain.notifications import IncidentView
from bot.slack.cards.card import Card, Names, mentions, person
from bot.slack.cards.following import by_name
from bot.slack.cards.unusable import detoured, spoken_detour
from bot.slack.ids import EVIDENCE, Opens, Press
from bot.slack.parts import Block, actions, button, context, cut, escape, header, length, moment, named, prose, section
from bot.slack.wording import WORD, ago, incident_emoji, lasted
from checks import Outcome


def incident_card(view: IncidentView, names: Names) -> Card:
    """An incident as it is now. State picks colour and buttons together, so they cannot disagree."""
    incident = view.incident
    latest = view.result.headline if view.result is not None and incident.unresolved else incident.summary
    calls = mentions(_called(incident), names)
    called = f"\n:bell: {calls}" if calls and incident.unresolved else ""
    found = cut(escape(latest), max(1_500 - length(called), 300))
    blocks: list[Block] = [
        header(f"{incident_emoji(incident)} #{incident.id} {incident.title}"),
        section(f"*{_state(incident)}*\n{found}{called}"),
        context(*_facts(view)),
        *detoured(view.detour),
    ]
    if incident.unresolved and (view.why or view.what_to_do):
        blocks.append(context(*_advice(view)))
    if buttons := _buttons(incident):
        blocks.append(actions(*buttons))
    text = f"#{incident.id} {named(incident.title)}: {_state(incident)}. {found}"
    if calls and incident.state is State.OPEN:
        text += f" {calls}"
    return Card(text + spoken_detour(view.detour), blocks)


def _called(incident: Incident) -> list[str]:
    return [target for step in incident.steps if step.state is StepState.FIRED for target in step.notify]


def _state(incident: Incident) -> str:
    if incident.state is State.RESOLVED:
        how = f"Resolved by {person(incident.resolved_by)}" if incident.resolved_by else "Recovered"
        return f"{how} after {lasted(incident)}"
    severity = WORD[incident.severity]
    if incident.state is State.ACKNOWLEDGED:
        return f"{severity}, {person(incident.acknowledged_by)} has it"
    return f"{severity}, open: nobody has it yet"


def _facts(view: IncidentView) -> list[str]:
    incident, zone = view.incident, view.timezone
    raised = next((entry.by for entry in view.timeline if entry.reason is Reason.OPENED and entry.by), None)
    by = f" by {person(raised)}" if raised else ""
    facts = [f"opened {moment(incident.opened_at, zone, day=True)}{by}"]
    if incident.acknowledged_at is not None:
        facts.append(f"acknowledged {moment(incident.acknowledged_at, zone)}")
    if incident.resolved_at is not None:
        facts.append(f"over {moment(incident.resolved_at, zone, day=True)}")
    if (previous := view.previous) is not None and previous.resolved_at is not None:
        before = ago(previous.resolved_at, incident.opened_at)
        facts.append(f"#{previous.id} was resolved by {person(previous.resolved_by)} {before} before this one")
    if incident.unresolved and incident.snoozed_until is not None:
        until = moment(incident.snoozed_until, zone, day=True)
        facts.append(f"quiet until {until}, asked for by {person(incident.snoozed_by)}")
    elif (following := next_call(incident)) is not None:
        step, at = following
        facts.append(f"next call: {by_name(step)} at {moment(at, zone)} ({in_words(step, incident.steps)})")
    elif incident.state is State.OPEN:
        facts.append("no further escalation step" if incident.steps else "no escalation policy: nobody will be called")
    return facts


def _advice(view: IncidentView) -> list[str]:
    parts = (("Why it matters", view.why), ("What to do", view.what_to_do))
    return [f"*{title}:* {cut(prose(text), 700)}" for title, text in parts if text]


def _buttons(incident: Incident) -> list[Block]:
    if not incident.unresolved:
        return []
    value, name = str(incident.id), f"#{incident.id} {incident.title}"
    first = (
        button(Press.ACKNOWLEDGE, "Acknowledge", value, spoken_as=f"Acknowledge {name}", style="primary")
        if incident.state is State.OPEN
        else button(Press.UNACKNOWLEDGE, "Give it back", value, spoken_as=f"Give {name} back")
    )
    # A person or a group can be called even where no step is left.
    buttons = [first, button(Opens.ESCALATE, "Escalate", value, spoken_as=f"Escalate {name}")]
    if incident.snoozed_until is None:
        buttons.append(button(Opens.SNOOZE, "Snooze", value, spoken_as=f"Snooze {name}"))
    else:
        buttons.append(button(Press.UNSNOOZE, "End the quiet", value, spoken_as=f"End the quiet of {name}"))
    if incident.check is not None:
        buttons.append(button(Press.RUN_AGAIN, "Run again", value, spoken_as=f"Run the check of {name} again"))
        buttons.append(button(EVIDENCE, "Show evidence", value, spoken_as=f"Show the evidence of {name}"))
    question = "Is it really over? If its check still fails, a new incident opens."
    buttons.append(button(Press.RESOLVE, "Resolve", value, spoken_as=f"Resolve {name}", confirm=question))
    return buttons


def reply_card(view: IncidentView, entry: Entry, names: Names) -> Card:
    """One line of the timeline, told in the thread."""
    sentence = _sentence(view, entry, names)
    return Card(f"#{view.incident.id} {named(view.incident.title)}: {sentence}", [section(sentence)])


def _sentence(view: IncidentView, entry: Entry, names: Names) -> str:
    incident, text = view.incident, cut(escape(entry.text), 1_500)
    match entry.reason:
        case Reason.WOKEN if entry.by is None or text:
            called = f" {mentions(_called(incident), names)}" if incident.state is State.OPEN else ""
            over = "The quiet is over" if entry.by is None else f"{person(entry.by)} ended the quiet"
            name = f"#{incident.id} {named(incident.title)}"
            still = f"{name} is not" if entry.by is None else f"{name} is not over"
            return f":bell: *{over}, {still}:* {_state(incident)}. {text}{called}"
        case Reason.ESCALATED:
            # After a long absence several steps are told at the same moment; each line names its own.
            told = told_by(entry.text, incident.steps)
            calls = mentions((target for step in told for target in step.notify), names) or "nobody"
            why = f"{person(entry.by)} asks for help" if entry.by else "nobody has acknowledged yet"
            open_for = ago(incident.opened_at, entry.at)
            return (
                f":arrow_up: *Escalated to* {calls} ({text}): {why}. "
                f"*#{incident.id} {named(incident.title)}* has been open for {open_for}.\n"
                f"{cut(escape(incident.summary), 700)}"
            )
        case Reason.REMINDED:
            open_for = ago(incident.opened_at, entry.at)
            return (
                f":alarm_clock: *Nobody has acknowledged* #{incident.id} {named(incident.title)} for {open_for}, "
                "and no escalation step is left that could be called."
            )
        case Reason.WORSENED:
            return f":red_circle: *Worse: now {WORD[Outcome.CRITICAL].lower()}.* {text}"
        case Reason.EASED:
            return f":large_yellow_circle: Eased: now {WORD[Outcome.WARNING].lower()}. {text}"
        case Reason.RECOVERED:
            return f":large_green_circle: *Recovered* after {lasted(incident)}: {text}"
        case Reason.NO_LONGER_CHECKED:
            return f":large_green_circle: *No longer checked:* {text}."
        case Reason.OPENED:
            return f":rotating_light: Opened: {text}"
        case _:
            return _done(incident, entry, text)


def _done(incident: Incident, entry: Entry, text: str) -> str:
    """What a person did."""
    who, more = person(entry.by), f" {text}" if text else ""
    match entry.reason:
        case Reason.ACKNOWLEDGED:
            return f":eyes: {who} has it.{more}"
        case Reason.UNACKNOWLEDGED:
            return f":leftwards_arrow_with_hook: {who} gave it back; it is open again."
        case Reason.REOPENED:
            return f":leftwards_arrow_with_hook: *Open again:* {who} took the resolution back.{more}"
        case Reason.SNOOZED:
            return f":zzz: {who} snoozed it{more}"
        case Reason.WOKEN:
            return f":bell: {who} ended the quiet."
        case _:
            return f":large_green_circle: *Resolved* by {who} after {lasted(incident)}.{more}"
