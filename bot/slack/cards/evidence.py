"""Evidence in a digest's thread: what each check saw, to the letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.domain.notifications import Series
from bot.domain.runs import Result
from bot.slack.cards.card import Card
from bot.slack.cards.chart import chart, in_words
from bot.slack.parts import BLOCKS, TEXT, Block, context, cut, escape, fitted, listing, named, preformatted, section
from bot.slack.wording import EMOJI, WORD, many
from checks import Outcome, show

_EACH = 900
"""Characters of one evidence; enough for the lines that matter, short enough for a phone."""


def evidence_card(
    results: Iterable[Result],
    series: Series | None = None,
    timezone: str = "UTC",
    *,
    titles: Mapping[str, str] = MappingProxyType({}),
) -> Card:
    """Every result in the order of the digest, each with the evidence that fits; above it the history of one number.

    Args:
        titles: how people call the checks; their names where it is not said.
    """
    # What we could not see comes after what we saw to be wrong.
    results = sorted(results, key=lambda r: (not _failing(r), r.outcome is not Outcome.UNKNOWN, -r.outcome.rank))
    called = {result.check: named(titles.get(result.check) or result.check) for result in results}
    body: list[Block] = []
    for result in results:
        body.append(section(f"{EMOJI[result.outcome]} *{called[result.check]}* · {_findings(result)}"))
        body += [preformatted(each.text, title=each.title, limit=_EACH) for each in result.evidence[:2]]
    lines = [f"{WORD[r.outcome]}: {called[r.check]}: {cut(escape(r.headline), 300)}" for r in results]
    more = "… and {n} more pieces of evidence; `/rounds show` and its name shows one in full"
    if series is not None:
        lines.append(in_words(series))
    took = sum(result.duration_ms for result in results)
    foot = [context(f"{many(len(results), 'look')}, {show(took, 'ms')}")]
    return Card(
        text=listing(["Evidence:", *lines], TEXT),
        blocks=fitted([chart(series, timezone)] if series else [], body, foot, blocks=BLOCKS, more=more),
    )


def _failing(result: Result) -> bool:
    return result.outcome in (Outcome.CRITICAL, Outcome.WARNING)


def _findings(result: Result) -> str:
    return cut(escape("; ".join(finding.text for finding in result.findings)), 900)
