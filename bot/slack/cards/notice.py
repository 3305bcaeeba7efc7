"""What Rounds says of itself: a configuration that was read, or refused."""

from __future__ import annotations

from bot.domain.notifications import NoticeView
from bot.slack.cards.card import Card
from bot.slack.cards.unusable import detoured, spoken_detour
from bot.slack.parts import TEXT, context, cut, escape, length, moment, preformatted, section, unmarked


def notice_card(view: NoticeView) -> Card:
    """A headline, and what follows it to the letter."""
    first, _, rest = view.text.partition("\n")
    detour = spoken_detour(view.detour)
    blocks = [section(f":gear: *{cut(unmarked(first), 500)}*")]
    if rest.strip():
        blocks.append(preformatted(rest))
    blocks += [context(moment(view.at, view.timezone, day=True)), *detoured(view.detour)]
    text = cut(escape(view.text), TEXT - length(detour)) or "…"
    return Card(text + detour, blocks)
