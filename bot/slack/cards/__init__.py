"""Cards: pure functions from state to a message. They ask nobody and know no channel."""

from bot.slack.cards.answer import answer_card, perhaps_card, returned_card, running
from bot.slack.cards.card import Card, Names, PlainNames
from bot.slack.cards.chart import CHART, without_charts
from bot.slack.cards.draw import card_of, letter_card, maybe_repeated, plain_card
from bot.slack.cards.following import following
from bot.slack.cards.help import help_card
from bot.slack.cards.oncall import oncall_card
from bot.slack.cards.report import report_card
from bot.slack.cards.shown import shown_card
from bot.slack.cards.status import ask_for_all, home_view, status_card

__all__ = [
    "CHART",
    "Card",
    "Names",
    "PlainNames",
    "answer_card",
    "ask_for_all",
    "card_of",
    "following",
    "help_card",
    "home_view",
    "letter_card",
    "maybe_repeated",
    "oncall_card",
    "perhaps_card",
    "plain_card",
    "report_card",
    "returned_card",
    "running",
    "shown_card",
    "status_card",
    "without_charts",
]
