"""What somebody who was not understood may press instead: only what would be understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest

from bot.domain.naming import Vocabulary
from commands.grammar.reading import Misunderstood, Said, named, one_word, parse
from commands.grammar.verbs import VERBS, About

_MOST = 5
"""Commands that an answer offers; so many buttons fit a phone."""

_NAMED_ONLY = frozenset(("escalate", "resolve", "unlog"))
"""Verbs that are not guessed for whoever has named neither them nor what they are about."""

_LENGTHS = ("1h", "4h", "until tomorrow")
"""How long people snooze who have not said how long."""


def worth_saying(error: Misunderstood, known: Vocabulary) -> Misunderstood:
    """The same with what can be said instead: the suggestions that would be understood, or what was missing."""
    if error.lacks is not None:
        ways = [_understood(_completed(error.lacks, known), known)]
    else:
        ways = [_said_so(command, known) for command in error.perhaps]
    # Of each verb one before any has two: so few buttons must show what there is to choose from.
    offered = (command for each in zip_longest(*ways) for command in each if command is not None)
    return Misunderstood(str(error), tuple(dict.fromkeys(offered))[:_MOST])


def _said_so(command: str, known: Vocabulary) -> list[str]:
    """The command, if it would be understood; where only a name or a length is missing, with each that there is."""
    try:
        said = named(parse(command), known)
    except Misunderstood as error:
        if error.lacks is None or _for_good(error.lacks):
            return []
        return _understood(_completed(error.lacks, known), known)
    return [] if _for_good(said) else [command]


def _for_good(said: Said) -> bool:
    """Whether a press would end, delete or call something that they have not named themselves."""
    return said.verb in _NAMED_ONLY and not (said.target or said.rest)


def _understood(commands: Iterable[str], known: Vocabulary) -> list[str]:
    found = []
    for command in commands:
        try:
            named(parse(command), known)
        except Misunderstood:
            continue
        found.append(command)
    return found


def _completed(said: Said, known: Vocabulary) -> Iterable[str]:
    """The command with each name that there is now, or with a usual length."""
    verb, rest = VERBS[said.verb], [word.raw for word in said.words]
    if said.target:
        return [f"{verb.name} {one_word(said.target)} {length}" for length in _LENGTHS if verb.name == "snooze"]
    if verb.name == "snooze":
        rest = rest or [_LENGTHS[0]]
    names: Mapping[About, Mapping[str, str]] = {
        About.INCIDENT: known.incidents,
        About.ANYTHING: known.incidents,
        About.HELPABLE: known.incidents,
        About.TAKEABLE: {**known.incidents, **known.items},
        About.RUNNABLE: known.checklists,
        About.ITEM: known.items,
        About.DONE: known.done,
    }
    return [" ".join((verb.name, one_word(name), *rest)) for name in names.get(verb.about, ())]
