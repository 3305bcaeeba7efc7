"""What somebody means by a word: a name, the beginning of one, a title, or nearly so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.near import nearest_few

LONGEST = 80
"""Characters of a word that are compared with names; no name is longer."""

_SHORTEST = 2
"""Letters of a word that may stand in the middle of a name."""

MOST = 5
"""Names that an answer offers."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a word means.

    Args:
        name: what it means beyond doubt; `None` when there is doubt.
        perhaps: what it may mean, if there is doubt; the likeliest first.
        near: it means none of them to the letter; they are only similar.
    """

    name: str | None = None
    perhaps: tuple[str, ...] = ()
    near: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name that can be said now, with its title.

    Args:
        incidents: checks with an unresolved incident.
        items: open manual items, by id.
        done: manual items that were done or skipped lately, by id.
        people: whom the configuration names, as targets such as `user:ben`.
    """

    checklists: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    incidents: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def find(word: str, *layers: Mapping[str, str]) -> Found:
    """What a word means among names and their titles.

    To the letter before a beginning, and a beginning before what is similar. A beginning that fits several names of a
    layer is ambiguous; later layers are asked only where earlier ones have none. A word from the middle, such as `crm`
    for "Backup of the CRM", is not beyond doubt, but more likely than a slip of the finger.
    """
    folded = " ".join(word.casefold().split())
    if not folded:
        return Found()
    for layer in layers:
        if word in layer:
            return Found(word)
    for fits in (str.__eq__, str.startswith):
        for layer in layers:
            chosen = [name for name in layer if fits(name.casefold(), folded)]
            chosen = chosen or [name for name, title in layer.items() if fits(title.casefold(), folded)]
            if len(chosen) == 1:
                return Found(chosen[0])
            if chosen:
                return Found(perhaps=tuple(sorted(chosen))[:MOST])
    if inner := [name for layer in layers for name, title in layer.items() if _inside(folded, name, title)]:
        return Found(perhaps=tuple(dict.fromkeys(inner))[:MOST], near=True)
    spelt = {name: name for layer in layers for name in layer}
    spelt |= {title.casefold(): name for layer in layers for name, title in layer.items() if title}
    near = dict.fromkeys(spelt[each] for each in nearest_few(folded[:LONGEST], spelt, MOST))
    return Found(perhaps=tuple(near)[:MOST], near=True)


def _inside(folded: str, name: str, title: str) -> bool:
    """Whether a later word of a name or title begins so."""
    if len(folded) < _SHORTEST:
        return False
    for text in (name.casefold(), title.casefold()):
        at = text.find(folded, 1)
        while at > 0:
            if not text[at - 1].isalnum():
                return True
            at = text.find(folded, at + 1)
    return False
