"""Near misses: what somebody probably meant by a word nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from unicodedata import category

_SIMILAR = 0.6
"""Share of letters two words must have in common; at 0.5 "disk" suggests "tick"."""

_PLAIN = frozenset("#.-_: ,;()!?%+'")
"""What may stand in a sentence beside letters, their accents and digits."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` is probably a misspelling of; `None` when nothing is near."""
    by_fold = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_fold, n=1, cutoff=_SIMILAR)
    return by_fold[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: ` (did you mean monday?)`, or nothing."""
    near = nearest(word, known)
    return f" (did you mean {near}?)" if near else ""


def quoted(word: str) -> str:
    """Words that somebody chose, as they may stand in a sentence: nothing in them can mention, link or format."""
    kept = "".join(c for c in word if c.isalnum() or c in _PLAIN or category(c).startswith("M"))[:60]
    return f"“{kept}”"


def listed(words: Iterable[str], *, last: str = "and", most: int | None = None) -> str:
    """`a, b and c`; with `most`, `a, b and 7 more`."""
    items = list(words)
    if most is not None and len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
        last = "and"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
