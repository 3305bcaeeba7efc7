"""Near misses: what somebody probably meant by a word nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
from unicodedata import category

_SIMILAR = 0.6
"""Share of letters two words must have in common; at 0.5 "disk" suggests "tick"."""

_AS_NEAR = 0.1
"""How much less two words may have in common than the nearest two, and be offered beside them."""

_MANY = 300
"""Words that are compared letter by letter; ten thousand names would hold everybody else up for a fifth of a second."""

_PLAIN = frozenset("#.-_: ,;()!?%+'")
"""What may stand in a sentence beside letters, their accents and digits."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` is probably a misspelling of; `None` when nothing is near."""
    return next(iter(nearest_few(word, known, 1)), None)


def nearest_few(word: str, known: Iterable[str], most: int) -> list[str]:
    """The known words that `word` may be a misspelling of: the nearest, and those that are nearly as near."""
    folded, by_fold = word.casefold(), {name.casefold(): name for name in known}
    near = get_close_matches(folded, _likeliest(folded, by_fold), n=most, cutoff=_SIMILAR)
    shares = [SequenceMatcher(None, each, folded).ratio() for each in near]
    return [by_fold[each] for each, share in zip(near, shares, strict=True) if share >= shares[0] - _AS_NEAR]


def _likeliest(word: str, known: Collection[str]) -> Collection[str]:
    """Of very many words those that have the most pairs of letters in common with `word`: comparing takes long."""
    if len(known) <= _MANY:
        return known
    pairs = {word[at : at + 2] for at in range(len(word) - 1)}
    return nlargest(_MANY, known, key=lambda name: sum(pair in name for pair in pairs))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: ` (did you mean monday?)`, or nothing."""
    near = nearest(word, known)
    return f" (did you mean {near}?)" if near else ""


def quoted(word: str) -> str:
    """Words that somebody chose, as they may stand in a sentence: nothing in them can mention, link or format."""
    kept = "".join(c for c in word if c.isalnum() or c in _PLAIN or category(c)[0] == "M" or category(c) == "So")
    return f"“{kept[:60] or '…'}”"


def listed(words: Iterable[str], *, last: str = "and", most: int | None = None) -> str:
    """`a, b and c`; with `most`, `a, b and 7 more`."""
    items = list(words)
    if most is not None and len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
        last = "and"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
