"""The text of a rule taken apart: its tokens, and as much of its structure as its sentences need.

CEL itself parses and evaluates rules (`bot.domain.rules`). This page sees what CEL does not tell: where a call or a
number stands, and which comparison inside `&&` and `||` is the one that is true now.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.durations import UNITS

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)(?P<suffix>[A-Za-z_.%][\w.]*)? |
    (?P<stranger>=>|=<|<>|[!=]==|is\s+not\b|not\s+in\b) |
    (?P<name>[A-Za-z_]\w*) |
    (?P<string>"[^"\\\n]*"|'[^'\\\n]*') |
    (?P<sign>&&|\|\||[<>=!]=|[-+*/<>!?:()\[\],])
    )""",
    re.VERBOSE | re.ASCII,
)
_INSTEAD = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "not in": "!(status in [200, 204])",
    "is": "==",
    "is not": "!=",
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "&": "&&",
    "|": "||",
}
"""What other languages write, and what stands for it here."""
_SIZE = re.compile("([kmgtp])(i?)b?", re.IGNORECASE)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "==", "in": "not in", "not in": "in"}
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_LITERALS = ("true", "false")


class BadRule(ValueError):
    """A rule that cannot be used. The message is a sentence: what is wrong and what was expected.

    Args:
        position: where in the rule, counted from 1; `None` if no place is to blame.
    """

    def __init__(self, sentence: str, position: int | None = None) -> None:
        super().__init__(sentence)
        self.position = position


class UnknownMetric(BadRule):
    """A rule that is right in itself, and names a metric that the check does not have."""


WINDOWED = ("change", "average", "lowest", "highest")
"""Functions that ask what was in a window of time; `bot.domain.history` answers them."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a rule. `kind` is number, name, string or sign; `start` counts from 0."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric (or history) beside a constant: `used_percent > 90`. Several limits only for `in` and `not in`."""

    term: str
    sign: str
    limits: tuple[float, ...]

    def holds(self, value: float) -> bool:
        if self.sign in _COMPARE:
            return _COMPARE[self.sign](value, self.limits[0])
        return (value in self.limits) is (self.sign in ("==", "in"))


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that we leave to CEL. `truth` is known for a constant."""

    source: str
    truth: bool | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


Node = Comparison | Opaque | AllOf | AnyOf


def tokens(source: str) -> tuple[Token, ...]:
    """The words of `source`.

    Raises:
        BadRule: a character or word that no rule has, with what to write instead where that is plain.
    """
    found: list[Token] = []
    position, end = 0, len(source.rstrip())
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            raise _stranger(source, position)
        kind = match.lastgroup if match.lastgroup != "suffix" else "number"
        start = match.start(kind or 0)
        if match["suffix"]:
            if _is_window(found):
                window = match["number"] + match["suffix"]
                raise BadRule(f'a window of time stands in quotes; write "{window}"', start + 1)
            raise BadRule(_unit_sentence(match["number"], match["suffix"]), start + 1)
        text = source[start : match.end()]
        instead = _INSTEAD.get(" ".join(text.lower().split()))
        if instead:
            raise BadRule(f'"{text}" at character {start + 1} is not CEL; write {instead}', start + 1)
        before = found[-1] if found else None
        if kind == "name" and before and before.kind == "number" and (text in UNITS or _SIZE.fullmatch(text)):
            raise BadRule(_unit_sentence(before.text, text, " "), before.start + 1)
        found.append(Token(str(kind), text, start))
        position = match.end()
    return tuple(found)


def _is_window(before: Sequence[Token]) -> bool:
    """Whether the next word is the second argument of a function that asks what was."""
    if len(before) < 4:
        return False
    function, opened, _, comma = before[-4:]
    return function.text in WINDOWED and (opened.text, comma.text) == ("(", ",")


def _unit_sentence(number: str, suffix: str, between: str = "") -> str:
    if suffix.startswith("%"):
        return f'"{number}{suffix}" is not a number; a percentage is a plain number, so write {number}'
    instead = _in_units(number, suffix)
    return (
        f'"{number}{between}{suffix}" is not a number; a metric is compared in its own unit, so write {instead} '
        '(a window of time stands in quotes, for example change(size_bytes, "1d"))'
    )


def _in_units(number: str, suffix: str) -> str:
    """The number without its unit, in the units that metrics have."""
    if suffix in UNITS:
        seconds = float(number) * UNITS[suffix].total_seconds()
        fine = f", {seconds * 1000:.0f} for milliseconds" if seconds < 3600 else ""
        return f"{seconds:.10g} for seconds{fine}"
    if size := _SIZE.fullmatch(suffix):
        factor = (1024 if size[2] else 1000) ** ("kmgtp".index(size[1].lower()) + 1)
        return f"{float(number) * factor:.0f} for bytes"
    return "only the number"


def _stranger(source: str, position: int) -> BadRule:
    start = position + len(source[position:]) - len(source[position:].lstrip())
    sign = source[start]
    place = f"at character {start + 1}"
    if sign in _INSTEAD:
        return BadRule(f'"{sign}" {place} is not CEL; write {_INSTEAD[sign]}', start + 1)
    if sign == "%":
        return BadRule(f"% {place}: a percentage is a plain number, and a rule has no remainder", start + 1)
    if sign == ".":
        return BadRule(f'"." {place}: a metric has no parts; expected an operator or the end', start + 1)
    if sign in "\"'":
        return BadRule(f"the quotation that begins {place} is not closed, or has a backslash in it", start + 1)
    return BadRule(
        f'"{sign}" {place} has no meaning in a rule; expected metrics, numbers, + - * /, comparisons, &&, || and !',
        start + 1,
    )


def text_of(words: Sequence[Token]) -> str:
    return " ".join(word.text for word in words)


def tree(words: Sequence[Token], constant: Callable[[str], object], *, negated: bool = False) -> Node:
    """The structure of a rule that CEL has already accepted.

    Args:
        constant: the value of an expression without names.
        negated: the rule stands behind a `!`; it is carried inwards, so that no node needs to know of it.
    """
    words = _unwrapped(words)
    if not _splits(words, "?"):
        for sign in ("||", "&&"):
            parts = _split(words, sign)
            if len(parts) > 1:
                inner = tuple(tree(part, constant, negated=negated) for part in parts)
                return AnyOf(inner) if (sign == "||") is not negated else AllOf(inner)
        if words[0].text == "!" and len(_unwrapped(words[1:])) < len(words) - 1:
            return tree(words[1:], constant, negated=not negated)
        comparison = _comparison(words, constant, negated=negated)
        if comparison is not None:
            return comparison
    truth = None if _has_names(words) else constant(text_of(words))
    source = f"!({text_of(words)})" if negated else text_of(words)
    return Opaque(source, truth is not negated if isinstance(truth, bool) else None)


def _comparison(words: Sequence[Token], constant: Callable[[str], object], *, negated: bool) -> Comparison | None:
    places = [place for place in _top_level(words) if words[place].text in OPPOSITE]
    if len(places) != 1:
        return None
    sign = words[places[0]].text
    left, right = _unwrapped(words[: places[0]]), _unwrapped(words[places[0] + 1 :])
    if sign in _MIRRORED and _has_names(right) and not _has_names(left):
        left, right, sign = right, left, _MIRRORED[sign]
    if len(left) != 1 or left[0].kind != "name" or left[0].text in _LITERALS or _has_names(right):
        return None
    value = constant(text_of(right))
    limits = tuple(value) if isinstance(value, list) else (value,)
    if not limits or any(isinstance(limit, bool) or not isinstance(limit, float) for limit in limits):
        return None
    return Comparison(left[0].text, OPPOSITE[sign] if negated else sign, limits)


def reasons(node: Node, values: Mapping[str, float]) -> list[Comparison] | None:
    """The comparisons that make a true rule true; `None` when a part we cannot see into may be the one."""
    match node:
        case Comparison(term=term):
            return [node] if term in values and node.holds(values[term]) else []
        case Opaque():
            return None
        case AllOf(parts=parts):
            found: list[Comparison] = []
            for part in parts:
                because = reasons(part, values)
                if not because:
                    return because
                found += because
            return found
        case AnyOf(parts=parts):
            each = [reasons(part, values) for part in parts]
            true = [comparison for because in each if because for comparison in because]
            return true or (None if None in each else [])


def leaves(node: Node) -> list[Comparison | Opaque]:
    """What stands between the `&&` and `||`."""
    if isinstance(node, AllOf | AnyOf):
        return [leaf for part in node.parts for leaf in leaves(part)]
    return [node]


def _has_names(words: Sequence[Token]) -> bool:
    return any(word.kind == "name" and word.text not in (*_LITERALS, "in") for word in words)


def _top_level(words: Sequence[Token]) -> list[int]:
    """The places outside every bracket."""
    places, depth = [], 0
    for place, word in enumerate(words):
        depth -= word.text in (")", "]")
        if depth == 0:
            places.append(place)
        depth += word.text in ("(", "[")
    return places


def _splits(words: Sequence[Token], sign: str) -> list[int]:
    return [place for place in _top_level(words) if words[place].text == sign]


def _split(words: Sequence[Token], sign: str) -> list[Sequence[Token]]:
    ends = [*_splits(words, sign), len(words)]
    starts = [0, *(end + 1 for end in ends)]
    return [words[start:end] for start, end in zip(starts, ends, strict=False)]


def _unwrapped(words: Sequence[Token]) -> Sequence[Token]:
    while len(words) > 2 and words[0].text == "(" and _top_level(words) == [0, len(words) - 1]:
        words = words[1:-1]
    return words
