"""What Rounds says of itself: a configuration that was read, or refused."""

from __future__ import annotations

from bot.domain.notifications import NoticeView
from bot.slack.cards.card import Card
from bot.slack.parts import context, cut, escape, moment, preformatted, section


def notice_card(view: NoticeView) -> Card:
    """A headline, and what follows it to the letter."""
    first, _, rest = view.text.partition("\n")
    blocks = [section(f":gear: *{cut(escape(first), 500)}*")]
    if rest.strip():
        blocks.append(preformatted(rest))
    return Card(escape(view.text) or "…", [*blocks, context(moment(view.at, view.timezone, day=True))])
