"""Which card shows which state."""

from __future__ import annotations

from bot.domain.notifications import IncidentView, Letter, NoticeView, RunView, StatusView, View
from bot.domain.runs import headline
from bot.slack.cards.card import Card, Names
from bot.slack.cards.evidence import evidence_card
from bot.slack.cards.incident import incident_card, reply_card
from bot.slack.cards.notice import notice_card
from bot.slack.cards.run import overdue_card, run_card
from bot.slack.cards.status import status_card
from bot.slack.cards.unusable import spoken_detour
from bot.slack.parts import BLOCKS, SECTION, context, cut, escape, length, section


def card_of(view: View, names: Names) -> Card:
    """The card of a subject, as it is now."""
    match view:
        case IncidentView():
            return incident_card(view, names)
        case RunView():
            return run_card(view, names)
        case NoticeView():
            return notice_card(view)
        case StatusView():
            return status_card(view, names)


def letter_card(letter: Letter, names: Names) -> Card:
    """What a letter looks like: a subject's own card, or a reply in its thread."""
    if letter.reason == "evidence":
        if isinstance(letter.view, RunView):
            titles = {item.item.check: item.item.text for item in letter.view.run.items if item.item.check}
            return evidence_card(letter.view.run.results, titles=titles)
        if isinstance(letter.view, IncidentView) and letter.view.result is not None:
            titles = {letter.view.result.check: letter.view.incident.title}
            return evidence_card([letter.view.result], letter.view.series, letter.view.timezone, titles=titles)
    if letter.reason == "overdue" and isinstance(letter.view, RunView):
        return overdue_card(letter.view, names)
    if letter.entry is not None and letter.thread_ts is not None and isinstance(letter.view, IncidentView):
        return reply_card(letter.view, letter.entry, names)
    return card_of(letter.view, names)


def maybe_repeated(card: Card) -> Card:
    """A card that may stand in Slack already, where nobody lets us look or post; it says so itself."""
    sentence = (
        ":repeat: possible repeat: an earlier answer got lost, and this may stand where Rounds cannot look or post"
    )
    return Card(f"(possible repeat) {card.text}", [*card.blocks[: BLOCKS - 1], context(sentence)])


def plain_card(letter: Letter) -> Card:
    """What can be said of a letter without drawing anything; the last resort."""
    match letter.view:
        case IncidentView(incident=incident):
            text = f"#{incident.id} {incident.title}, {incident.state.value}: {incident.summary}"
        case RunView(run=run):
            text = f"{run.title}: {headline(run)}"
        case NoticeView(text=said):
            text = said
        case _:
            text = "something"
    detour = "" if isinstance(letter.view, StatusView) else spoken_detour(letter.view.detour)
    sentence = cut(escape(f"{text} ({letter.reason})"), SECTION - length(detour)) + detour
    return Card(sentence, [section(sentence)])
