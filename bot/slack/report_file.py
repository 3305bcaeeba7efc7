"""The report of a day as a Markdown file: whole, and with names, because nobody looks up an id in a file."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.reports import Report
from bot.slack.cards.report_lines import day, parts, small_print, summary
from bot.slack.parts import clean

_MARKUP = re.compile(r"[\\`*_\[\]<>#|~!&]")
_PAGE = re.compile(r"https?://[^\s<>|]+")


def report_file(report: Report) -> str:
    """Every line of the report."""
    until = report.until.astimezone(ZoneInfo(report.timezone))
    pieces = [f"# Report of {day(report)}\n\n{summary(report)}\n"]
    for title, lines in parts(report, _InFile(report)):
        pieces += [f"\n## {title}\n\n", *(f"- {line}\n" for line in lines)]
    pieces += ["\n", *(f"{line}\n" for line in small_print(report, f"{until:%Y-%m-%d %H:%M %Z}"))]
    return "".join(pieces)


class _InFile:
    """Nothing that somebody wrote is markup, and each entry stays on its line."""

    def __init__(self, report: Report) -> None:
        self._zone = ZoneInfo(report.timezone)
        self._people = report.people

    def text(self, raw: str) -> str:
        return _MARKUP.sub(r"\\\g<0>", " ".join(clean(raw).split()))

    def name(self, raw: str) -> str:
        return self.text(raw)

    def who(self, user: str) -> str:
        return self.text(self._people.get(user, user))

    def group(self, group: str) -> str:
        return f"@{self.text(self._people.get(group, group))}"

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%H:%M}"

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def link(self, url: str, label: str) -> str:
        return f"[{label}](<{url}>)" if _PAGE.fullmatch(url) else self.text(url)

    def mark(self, emoji: str, word: str) -> str:
        del emoji
        return f"{word}:"
