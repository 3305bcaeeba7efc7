"""The report of a day as a card that fits one message."""

from __future__ import annotations

from datetime import datetime

from bot.domain.reports import Report
from bot.slack.cards.card import Card, person
from bot.slack.cards.report_lines import day, parts, small_print, summary
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
    link,
    listing,
    moment,
    named,
    section,
    spoken,
)

_EACH = 1_200
"""Characters of one part, so that each has its place."""

_WORDS = 250
"""Characters of one entry; the file has it whole."""


def report_card(report: Report) -> Card:
    """The answer to `/rounds report`."""
    told = parts(report, _OnCard(report.timezone))
    head: list[Block] = [header(f"Report of {day(report)}"), section(f"*{summary(report)}*")]
    body: list[Block] = [
        section(f"*{title}*\n{listing([_point(line) for line in lines], _EACH)}") for title, lines in told
    ]
    save = button(
        Press.REPORT_FILE, "Post as a file", report.day.isoformat(), spoken_as=f"Post {day(report)} as a file"
    )
    foot = [context(*small_print(report, moment(report.until, report.timezone, day=True))), actions(save)]
    lines = [f"Report of {day(report)}: {summary(report)}"]
    lines += [f"{title}: {line}" for title, lines_of in parts(report, _Spoken(report.timezone)) for line in lines_of]
    return Card(listing(lines, TEXT), fitted(head, body, foot, more="… and {n} more parts; the file has them"))


def _point(line: str) -> str:
    """A line of a list; what begins with an emoji has its point."""
    return line if line.startswith(":") else f"• {line}"


class _OnCard:
    """Escaped, short, and with moments in the reader's zone."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone

    def text(self, raw: str) -> str:
        return cut(escape(" ".join(raw.split())), _WORDS)

    def name(self, raw: str) -> str:
        return named(raw)

    def who(self, user: str) -> str:
        return person(user)

    def group(self, group: str) -> str:
        return f"<!subteam^{group}>"

    def time(self, at: datetime) -> str:
        return moment(at, self.timezone)

    def moment(self, at: datetime) -> str:
        return moment(at, self.timezone, day=True)

    def link(self, url: str, label: str) -> str:
        return link(url, label)

    def mark(self, emoji: str, word: str) -> str:
        del word
        return emoji


class _Spoken(_OnCard):
    """For the text that screen readers and notifications have."""

    def time(self, at: datetime) -> str:
        return spoken(at, self.timezone)

    def mark(self, emoji: str, word: str) -> str:
        del emoji
        return f"{word}:"
