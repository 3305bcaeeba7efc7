"""What somebody said, read by the table of verbs; and what they probably meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.domain.durations import says_an_end
from bot.domain.logbook import LONGEST as LONGEST_TEXT
from bot.domain.naming import Found, Vocabulary, find
from bot.domain.near import listed, quoted
from bot.slack.parts import code, prose
from commands.grammar.verbs import ALIASES, VERBS, About, Takes, Verb
from commands.grammar.words import LONGEST, Word, first_name, joined, words

_HASHED = re.compile(r"#[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"#?([0-9]{1,18})[,:;.]?", re.ASCII)
_TARGET = re.compile(r"user:[UW][A-Z0-9]{1,20}|usergroup:S[A-Z0-9]{1,20}", re.ASCII)
_STEP = re.compile(r"[0-9]{1,4}", re.ASCII)


class Misunderstood(Exception):
    """It is no command; the text says what was expected.

    Args:
        perhaps: whole commands that may have been meant; `worth_saying` tells which of them can be said.
        lacks: what was said so far, where only something is missing that can be offered.
    """

    def __init__(self, sentence: str, perhaps: tuple[str, ...] = (), lacks: Said | None = None) -> None:
        super().__init__(sentence)
        self.perhaps = perhaps
        self.lacks = lacks


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said: a verb, what it is about, and the rest.

    Args:
        to: whom to escalate to: a step's number, a target such as `user:U1`, or a name.
        words: the rest as Slack sent it, word by word.
    """

    verb: str
    target: str = ""
    rest: str = ""
    to: int | str | None = None
    words: tuple[Word, ...] = ()


def parse(text: str, *, incident: int | None = None) -> Said:
    """A command as Slack sends it, without `/rounds`.

    Args:
        incident: the incident in whose thread it was said; it may be left out then.

    Raises:
        Misunderstood: no such verb, or something is missing.
    """
    if len(text) > LONGEST:
        raise Misunderstood(f"That is {len(text)} characters, too much to read. `/rounds help` lists what you can say.")
    given = _without_our_name(words(text))
    verb = _verb(given, incident)
    rest = _numbered(verb, given[1:])
    said = _read(verb, rest, incident)
    if several := _several(verb, rest):
        raise Misunderstood("One at a time, please; nothing was done yet.", several)
    if len(said.rest) > LONGEST_TEXT:
        raise Misunderstood(f"That is {len(said.rest)} characters of text; say it in {LONGEST_TEXT} at most.")
    needs = verb.needs if not (said.target or (verb.takes is Takes.TEXT and said.rest)) else ""
    needs = needs or (verb.then if not said.rest else "")
    if needs:
        sentence = f"`/rounds {verb.name}` needs {needs}: for example `/rounds {verb.example}`."
        raise Misunderstood(sentence, lacks=said)
    return said


def _without_our_name(given: list[Word]) -> list[Word]:
    """A command as the help writes it, pasted where `/rounds` is left away."""
    return given[1:] if given and given[0].text.casefold().lstrip("/") == "rounds" else given


def _numbered(verb: Verb, rest: list[Word]) -> list[Word]:
    """`incident 12` is `12`."""
    spoken = len(rest) > 1 and rest[0].text.casefold() == "incident" and _NUMBER.fullmatch(rest[1].text)
    return rest[1:] if spoken and _takes_incident(verb) else rest


def _several(verb: Verb, rest: list[Word]) -> tuple[str, ...]:
    """A command for each of `#12 #13` or `12, 13`: the second would be taken for a note, and nobody would have it."""
    given = [word.text for word in rest if word.text.casefold() not in ("and", "&", ",")]
    numbers = [found[1] for text in given if (found := _NUMBER.fullmatch(text))]
    listed_so = any(text.endswith(",") for text in given[:1]) or all(text.startswith("#") for text in given)
    if not _takes_incident(verb) or len(numbers) < 2 or len(numbers) < len(given) or not listed_so:
        return ()
    return tuple(f"{verb.name} #{number}" for number in dict.fromkeys(numbers))


def _verb(given: list[Word], incident: int | None) -> Verb:
    first = given[0].text.casefold() if given else ""
    first = first.rstrip(":,?!") or first
    known = ALIASES.get(first, first)
    if known in VERBS:
        return VERBS[known]
    if first == "undo":
        found = Found(perhaps=tuple(verb.undo for verb in VERBS.values() if verb.undo), near=True)
    else:
        found = find(first, {word: "" for word in (*VERBS, *ALIASES) if word})
    meant = tuple(dict.fromkeys(ALIASES.get(name, name) for name in ((found.name,) if found.name else found.perhaps)))
    if len(meant) == 1 and not found.near:
        return VERBS[meant[0]]
    perhaps = tuple(_corrected(VERBS[name], given[1:], incident) for name in meant)
    if found.near or not meant:
        usage = f"Did you mean {listed((_usage(name) for name in meant), last='or')}?" if meant else ""
        hint = usage or "`/rounds help` lists what you can say."
        raise Misunderstood(f"Rounds does not know {quoted(first)}. {hint}", (*perhaps, *_turned(given)))
    choices = listed((f"`/rounds {name}`" for name in meant), last="or")
    raise Misunderstood(f"{quoted(first)} may be {choices}. Which one do you mean?", perhaps)


def _turned(given: list[Word]) -> tuple[str, ...]:
    """`#12 ack` the other way round; and a name alone, which somebody may want to see."""
    second = given[1].text.casefold() if len(given) > 1 else ""
    verb = ALIASES.get(second, second)
    turned = [" ".join((verb, *(word.raw for word in (given[0], *given[2:]))))] if second and verb in VERBS else []
    return (*turned, " ".join(("show", *(word.raw for word in given))))


def _corrected(verb: Verb, rest: list[Word], incident: int | None) -> str:
    """The command with another verb; it names the incident, so that it can be said anywhere."""
    implied = incident and _takes_incident(verb) and not (rest and _NUMBER.fullmatch(rest[0].text))
    return " ".join((verb.name, *([f"#{incident}"] if implied else []), *(word.raw for word in rest)))


def _usage(name: str) -> str:
    return f"`/rounds {prose(VERBS[name].usage)}`"


def _read(verb: Verb, given: list[Word], incident: int | None) -> Said:
    match verb.takes:
        case Takes.NOTHING:
            return Said(verb.name)
        case Takes.TEXT:
            return Said(verb.name, rest=joined(given), words=tuple(given))
        case Takes.NAME:
            name, more = first_name(given)
            target = name if not more else joined(given)
            return Said(verb.name, f"#{incident}" if incident and not given and _takes_incident(verb) else target)
        case Takes.NAME_AND_TEXT:
            name, rest = first_name(given)
            is_all = name.casefold() == "all" and verb.about is About.TAKEABLE
            if incident and _takes_incident(verb) and not _NUMBER.fullmatch(name) and not is_all:
                name, rest = f"#{incident}", given
            elif verb.name == "snooze" and says_an_end(name):
                name, rest = "", given  # whose quiet, they have not said
            said = Said(verb.name, name, joined(rest), words=tuple(rest))
            return _addressed(said) if verb.name == "escalate" else said


def _takes_incident(verb: Verb) -> bool:
    return verb.about in (About.ANYTHING, About.INCIDENT, About.OVER, About.TAKEABLE, About.HELPABLE)


def _addressed(said: Said) -> Said:
    """`to step 2 why`, `to @ben why`, or a mention without `to`."""
    rest = list(said.words)
    if rest and rest[0].text.casefold() == "to":
        rest = rest[1:]
        if len(rest) > 1 and rest[0].text.casefold() in ("step", "level") and _STEP.fullmatch(rest[1].text):
            rest = rest[1:]
        if not rest:
            raise Misunderstood(
                "To whom? Name a step, a person or a group: for example `/rounds escalate #12 to 2` or `to @ben`."
            )
        name, after = first_name(rest)
        to: int | str = int(name) if _STEP.fullmatch(name) else rest[0].target or name
    elif rest and (target := rest[0].target) is not None:
        to, after = target, rest[1:]
    else:
        return said
    return replace(said, to=to, rest=joined(after), words=tuple(after))


def named(said: Said, known: Vocabulary) -> Said:
    """The same with the names that are meant by what was written for them.

    Raises:
        Misunderstood: a name is ambiguous, or only similar to one; the suggestions are whole commands.
    """
    verb = VERBS[said.verb]
    if said.target and verb.about is not About.NOTHING:
        said = _target_named(said, verb, known)
    if isinstance(said.to, str) and not _TARGET.fullmatch(said.to):
        found = find(said.to.removeprefix("@"), known.people)
        if found.name is None:
            perhaps = [_again(said, to=name) for name in found.perhaps]
            _doubt(found, said.to, perhaps, "person or group", "Type @ and choose from Slack's list.")
        else:
            said = replace(said, to=known.people[found.name])
    return said


def _target_named(said: Said, verb: Verb, known: Vocabulary) -> Said:
    if (number := _number(said.target, verb)) is not None:
        return replace(said, target=f"#{number}")
    if verb.about is About.TAKEABLE and said.target.casefold() == "all":
        return replace(said, target="all")
    layers = {
        About.RUNNABLE: (known.checklists, known.checks),
        About.ANYTHING: (known.checklists, known.checks),
        About.INCIDENT: (known.incidents, known.checks),
        About.OVER: (known.checks,),
        About.TAKEABLE: ({**known.incidents, **known.items}, known.checks),
        About.HELPABLE: (known.incidents, known.checks),
        About.ITEM: (known.items,),
        About.DONE: (known.done,),
    }[verb.about]
    found = find(said.target, *layers)
    if found.name is not None:
        return replace(said, target=found.name)
    if not found.perhaps and verb.takes is Takes.NAME and " " in said.target:
        # A name, and words that have no place here.
        word = said.target.split(" ")[0]
        number = _number(word, verb)
        first = Found(f"#{number}") if number is not None else find(word, *layers)
        found = Found(perhaps=(first.name,) if first.name else first.perhaps, near=True)
    _doubt(found, said.target, [_again(said, target=name) for name in found.perhaps], _WHAT[verb.about])
    return said


def _number(word: str, verb: Verb) -> str | None:
    """The number of an incident, where one can be meant."""
    found = _NUMBER.fullmatch(word) if _takes_incident(verb) else None
    return found[1] if found is not None else None


_WHAT = {
    About.RUNNABLE: "checklist or check",
    About.ANYTHING: "incident, check or checklist",
    About.INCIDENT: "incident or check",
    About.OVER: "incident or check",
    About.TAKEABLE: "incident, check or open item",
    About.HELPABLE: "incident or check",
    About.ITEM: "open item",
    About.DONE: "item done or skipped lately called",
}


def _again(said: Said, *, target: str = "", to: str = "") -> str:
    """The same command with another name in it, as Slack would send it."""
    parts = [said.verb, one_word(target or said.target)]
    if said.to is not None:
        parts += ["to", one_word(to or str(said.to))]
    return " ".join((*parts, *(word.raw for word in said.words)))


def one_word(name: str) -> str:
    return prose(f'"{name}"' if " " in name else name)


_LISTED = "`/rounds status` lists what there is to do."


def _doubt(found: Found, word: str, perhaps: list[str], what: str, hint: str = _LISTED) -> None:
    """Say that a word means nothing beyond doubt."""
    if not found.perhaps:
        raise Misunderstood(f"There is no {what} {quoted(word)}. {hint}")
    choices = listed((code(name) for name in found.perhaps), last="or")
    if found.near:
        raise Misunderstood(f"There is no {what} {quoted(word)}. Did you mean {choices}?", tuple(perhaps))
    raise Misunderstood(f"{quoted(word)} may be {choices}. Which one do you mean?", tuple(perhaps))
