"""What a person does with a manual item: do it, skip it, take that back. Pure decisions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.domain.incidents import Refused
from bot.domain.near import quoted, quoted_address
from bot.domain.runs import ItemState, RunItem, Wanted

_LONGEST = 2_000
_ADDRESS = re.compile(rf"https?://[^\s<>|]{{1,{_LONGEST}}}")


def tick(item: RunItem, *, by: str, now: datetime, note: str | None = None, attached: str | None = None) -> RunItem:
    """A person did it.

    Args:
        attached: the web address of a page, or of a file in Slack, that shows it.

    Raises:
        Refused: it is done or skipped already, or the evidence that it asks for is missing.
    """
    _must_be_open(item)
    if attached is not None and not _ADDRESS.fullmatch(attached):
        raise Refused(f"{quoted_address(attached)} is no web address: {_wrong(attached)}.", blames="link")
    missing = {
        Wanted.NOTE: "" if note else "a note: what did you see?",
        Wanted.LINK: "" if attached else "a link to what you saw, such as https://…",
        Wanted.FILE: "" if attached else "a file that shows what you saw: press its *Tick …*, which asks for one.",
    }.get(item.item.evidence)
    if missing:
        raise Refused(f"{quoted(item.item.text)} is done with {missing}", blames=item.item.evidence.value)
    return replace(item, state=ItemState.DONE, by=by, at=now, note=note or None, attached=attached)


def _wrong(address: str) -> str:
    """Why that is no address."""
    if not re.match(r"https?://.", address):
        return "expected one that begins with https://"
    if re.search(r"[\s<>|]", address):
        return "spaces, `|`, `&lt;` and `&gt;` cannot stand in one; write %20, %7C, %3C and %3E for them"
    return f"it is longer than {_LONGEST:,} characters"


def skip(item: RunItem, *, by: str, now: datetime, reason: str) -> RunItem:
    """A person decided that it is not done this time.

    Raises:
        Refused: it is done or skipped already, or nobody said why.
    """
    _must_be_open(item)
    if not reason:
        raise Refused(f"Say why {quoted(item.item.text)} is skipped; whoever reads the round will ask.", blames="why")
    return replace(item, state=ItemState.SKIPPED, by=by, at=now, note=reason)


def lay_down(item: RunItem, *, now: datetime, reason: str) -> RunItem:
    """Nobody is asked for it any more: Rounds itself skips it."""
    return replace(item, state=ItemState.SKIPPED, by=None, at=now, note=reason)


def untick(item: RunItem) -> RunItem:
    """It was not done, or not to be skipped, after all.

    Raises:
        Refused: it is open.
    """
    if item.state is ItemState.OPEN:
        raise Refused(f"{quoted(item.item.text)} is open; there is nothing to take back.")
    return replace(item, state=ItemState.OPEN, by=None, at=None, note=None, attached=None)


def _must_be_open(item: RunItem) -> None:
    if item.state is not ItemState.OPEN:
        what = "done" if item.state is ItemState.DONE else "skipped"
        who = f"<@{item.by}>" if item.by else "Rounds"
        raise Refused(f"{who} has {what} {quoted(item.item.text)} already.")
