"""What somebody who was not understood may press instead: only what would be understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.domain.naming import Vocabulary
from commands.grammar.reading import Misunderstood, Said, named, one_word, parse
from commands.grammar.verbs import VERBS, About

_MOST = 5
"""Commands that an answer offers; so many buttons fit a phone."""

_LENGTHS = ("1h", "4h", "until tomorrow")
"""How long people snooze who have not said how long."""


def worth_saying(error: Misunderstood, known: Vocabulary) -> Misunderstood:
    """The same with what can be said instead: the suggestions that would be understood, or what was missing."""
    perhaps = error.perhaps if error.lacks is None else _completed(error.lacks, known)
    return Misunderstood(str(error), tuple(_understood(perhaps, known))[:_MOST])


def _understood(commands: Iterable[str], known: Vocabulary) -> Iterable[str]:
    for command in commands:
        try:
            named(parse(command), known)
        except Misunderstood:
            continue
        yield command


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
