"""Near misses: what somebody probably meant by a word nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
from unicodedata import category

_SIMILAR = 0.6
"""Share of letters two words must have in common; at 0.5 "disk" suggests "tick"."""

_LETTERS_A_SLIP = 3
"""Beside one slip, there may be one for each so many letters: "connections" is six slips from "escalations"."""

_PASSED_OVER = 5
"""Words that have letters in common, but are not near, before those that are."""

_LONGEST = 100
"""Letters of the longest word that anybody misspells."""

_AS_NEAR = 0.1
"""How much less two words may have in common than the nearest two, and be offered beside them."""

_MANY = 300
"""Words that are compared letter by letter; ten thousand names would hold everybody else up for a fifth of a second."""

_ADDRESS = 200
"""Letters of a web address that a sentence shows."""

_PLAIN = frozenset("#.-_: ,;()!?%+'")
"""What may stand in a sentence beside letters, their accents and digits."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` is probably a misspelling of; `None` when nothing is near."""
    return next(iter(nearest_few(word, known, 1)), None)


def nearest_few(word: str, known: Iterable[str], most: int) -> list[str]:
    """The known words that `word` may be a misspelling of: the nearest, and those that are nearly as near."""
    folded, by_fold = word.casefold(), {name.casefold(): name for name in known}
    alike = get_close_matches(folded, _likeliest(folded, by_fold), n=most + _PASSED_OVER, cutoff=_SIMILAR)
    near = [each for each in alike if _is_near(folded, each)][:most]
    shares = [SequenceMatcher(None, each, folded).ratio() for each in near]
    return [by_fold[each] for each, share in zip(near, shares, strict=True) if share >= shares[0] - _AS_NEAR]


def _is_near(word: str, known: str) -> bool:
    """Whether one is the other with a few slips, cut short (`mins`, `crit`), or a part of it."""
    short, long = sorted((word, known), key=len)
    if len(long) > _LONGEST:
        return False
    rest = iter(long)
    cut_short = short[:1] == long[:1] and all(letter in rest for letter in short)
    return cut_short or short in long or _slips(word, known) <= 1 + len(long) // _LETTERS_A_SLIP


def _slips(one: str, other: str) -> int:
    """Letters to change, add, leave out or swap with their neighbour until one word is the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, start=1):
        last, before, row = before, row, [n]
        for m, there in enumerate(other, start=1):
            least = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != there))
            if n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == there:
                least = min(least, last[m - 2] + 1)
            row.append(least)
    return row[-1]


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


def quoted_address(address: str) -> str:
    """The same of what somebody gave for a web address: to the letter, because one letter may be what is wrong."""
    seen = "".join(c for c in address if c.isprintable()).replace("`", "\u02cb")
    shown = seen if len(seen) <= _ADDRESS else f"{seen[:_ADDRESS]}…"
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"`{escaped or '…'}`"


def listed(words: Iterable[str], *, last: str = "and", most: int | None = None) -> str:
    """`a, b and c`; with `most`, `a, b and 7 more`."""
    items = list(words)
    if most is not None and len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
        last = "and"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
