"""What somebody probably meant by words that do not say when a quiet ends: `until mondy`, `2 hous`, `2`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.days import WEEKDAYS
from bot.domain.durations import UNITS, BadDuration, is_unequal, split_until
from bot.domain.near import nearest

_KNOWN = ("until", "for", "today", "tomorrow", "yesterday", *WEEKDAYS)
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_GLUED = re.compile(r"([0-9]{1,6})([a-z]{1,12})", re.ASCII)
_READ = 3
"""Words in which a slip is looked for; what follows is why."""


def ends_meant(text: str, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The same words with one slip mended, where they say a moment to come then; the likeliest first.

    Args:
        text: what `split_until` refuses.
    """
    words = text.split()
    meant = [changed for changed in _mended(words) if _says_when(changed, now, zone)]
    if not meant and words and _NUMBER.fullmatch(words[0]) and not is_unequal(" ".join(words[1:2])):
        # A number alone: which unit, only they know.
        units = [" ".join((f"{words[0]}{unit}", *words[1:])) for unit in ("m", "h")]
        meant = [changed for changed in units if _says_when(changed, now, zone)]
    return tuple(dict.fromkeys(meant))


def _mended(words: list[str]) -> Iterator[str]:
    for at, word in enumerate(words[:_READ]):
        folded = word.casefold()
        if at and _NUMBER.fullmatch(words[at - 1]) and (unit := nearest(folded, UNITS)) is not None:
            yield " ".join((*words[:at], unit, *words[at + 1 :]))
        if (glued := _GLUED.fullmatch(folded)) is not None and (unit := nearest(glued[2], UNITS)) is not None:
            yield " ".join((*words[:at], f"{glued[1]}{unit}", *words[at + 1 :]))
        if (near := nearest(folded, _KNOWN)) is not None and near != folded:
            yield " ".join((*words[:at], near, *words[at + 1 :]))


def _says_when(text: str, now: datetime, zone: ZoneInfo) -> bool:
    try:
        split_until(text, now, zone)
    except BadDuration:
        return False
    return True
