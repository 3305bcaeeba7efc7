"""Cards: pure functions from state to a message. They ask nobody and know no channel."""

from bot.slack.cards.card import Card, Names
from bot.slack.cards.chart import CHART, without_charts
from bot.slack.cards.draw import card_of, letter_card, maybe_repeated, plain_card
from bot.slack.cards.status import ask_for_all, home_view, status_card

__all__ = [
    "CHART",
    "Card",
    "Names",
    "ask_for_all",
    "card_of",
    "home_view",
    "letter_card",
    "maybe_repeated",
    "plain_card",
    "status_card",
    "without_charts",
]
