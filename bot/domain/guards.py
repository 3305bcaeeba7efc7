"""What a rule may not be: the guards between a line of configuration and CEL.

They exist because CEL trusts its author more than we may: a misspelt metric hides behind `||`, a division of whole
numbers drops the remainder, a comparison with a text is quietly false, and nested macros hold the interpreter
for seconds.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import cel

from bot.domain.expressions import WINDOWED, BadRule, Node, Opaque, Token, leaves, text_of, tokens
from bot.domain.history import BARE
from bot.domain.near import did_you_mean, listed
from checks import Measure

LONGEST = 300
"""Characters of a rule; nobody reads a longer one, and CEL has no limit of cost."""

DEEPEST = 20
"""Brackets inside brackets."""

# What fails is refused in a sentence when it is loaded; CEL's own words would stand beside it on the terminal.
logging.getLogger("cel").setLevel(logging.CRITICAL)

CEL_FAILS = (TypeError, RuntimeError, ValueError, ArithmeticError)
"""What CEL raises when an expression has no value."""

_OPERATORS = frozenset(
    (
        "_>_",
        "_>=_",
        "_<_",
        "_<=_",
        "_==_",
        "_!=_",
        "_&&_",
        "_||_",
        "!_",
        "_?_:_",
        "-_",
        "_+_",
        "_-_",
        "_*_",
        "_/_",
        "@in",
    )
)
_BOUNDARIES = frozenset(("&&", "||", "?", ":", ",", "==", "!=", "<", ">", "<=", ">=", "in", "!"))


def _of_numbers(choose: Callable[..., float]) -> Callable[..., float]:
    """`min` and `max` that answer "not a number" where Python's would depend on the order."""

    def chosen(*values: float) -> float:
        return choose(values) if not any(map(math.isnan, values)) else math.nan

    return chosen


FUNCTIONS: Mapping[str, Callable[..., Any] | None] = {
    "min": _of_numbers(min),
    "max": _of_numbers(max),
    "abs": abs,
    "size": None,
    "double": None,
}
"""What a rule may call; `None` where CEL brings it."""


def guarded(source: str, measures: Mapping[str, Measure]) -> tuple[Token, ...]:
    """The words of a rule that is safe to hand to CEL's parser."""
    example = f"{min(measures, default='latency_ms')} > 90"
    if not source.strip():
        raise BadRule(f"the rule is empty; expected a comparison such as {example}")
    if len(source) > LONGEST:
        raise BadRule(f"the rule has {len(source)} characters; at most {LONGEST} are allowed")
    words = tokens(source)
    depth = 0
    for place, word in enumerate(words):
        depth += (word.text in ("(", "[")) - (word.text in (")", "]"))
        if depth > DEEPEST:
            raise BadRule(f"brackets are nested more than {DEEPEST} deep at character {word.start + 1}", word.start + 1)
        before, after = (words[place - 1] if place else None), words[place + 1 : place + 2]
        if (word.text == "," and depth == 0) or (word.text == "(" and before and before.text == "in"):
            raise BadRule(_not_a_list(words, place), word.start + 1)
        if word.kind == "number" and math.isinf(float(word.text)):
            raise BadRule(f"{word.text} at character {word.start + 1} is too large for a number", word.start + 1)
        if word.kind == "name" and after and after[0].text == "(" and word.text != "in":
            _allowed(word)
            if word.text in FUNCTIONS and place + 2 < len(words) and words[place + 2].text == ")":
                raise BadRule(
                    f"{word.text}() at character {word.start + 1} is empty; expected metrics or numbers in it",
                    word.start + 1,
                )
        if word.text == "[" and (before is None or before.text not in ("in", "(")):
            raise BadRule(f"[ at character {word.start + 1}: a list stands only after in: status in [200, 204]")
    return words


def _not_a_list(words: Sequence[Token], place: int) -> str:
    """`status in (200, 204)` and `status in 200, 204` are lists to whoever writes them, `1,000` is a number."""
    sign, number = words[place], words[place - 1].text if place else ""
    if sign.text == "," and words[max(place - 2, 0)].text != "in":
        groups = [word.text for word in words[place + 1 : place + 6 : 2]]
        if number.isdigit() and groups and all(len(group) == 3 and group.isdigit() for group in groups):
            return f'"," at character {sign.start + 1} does not belong into a number; write {number}{"".join(groups)}'
    return f'"{sign.text}" at character {sign.start + 1}: a list stands in square brackets: status in [200, 204]'


def refuse_texts(words: Sequence[Token]) -> None:
    """Once the windows of history are gone, a text can only be compared with a number, which is never equal.

    Raises:
        BadRule: there is a text.
    """
    for word in words:
        if word.kind == "string":
            raise BadRule(
                f"{word.text} at character {word.start + 1} is a text, and every metric is a number; "
                "write the number without quotation marks",
                word.start + 1,
            )


def _allowed(word: Token) -> None:
    callable_names = (*FUNCTIONS, *WINDOWED, *BARE)
    if word.text not in callable_names:
        raise BadRule(
            f"{word.text}() at character {word.start + 1} is not allowed in a rule"
            f"{did_you_mean(word.text, callable_names)}; there are {listed(callable_names)}",
            word.start + 1,
        )


def compiled(source: str, words: Sequence[Token]) -> Any:
    """CEL's program for these words, with a sentence where CEL has a list of tokens."""
    text, starts = "", {}
    for word in words:
        starts[len(text)] = word
        text += f"{word.text} "
    try:
        program = cel.compile(text.rstrip())
    except ValueError as error:
        if "invalid int literal" in str(error):
            return None
        raise _syntax(source, str(error), starts) from None
    strange = set(program.functions()) - _OPERATORS - FUNCTIONS.keys() - {*WINDOWED, *BARE}
    if strange:
        raise BadRule(f"{listed(sorted(strange))} is not allowed in a rule")
    return program


def _syntax(source: str, message: str, starts: Mapping[int, Token]) -> BadRule:
    column = message.partition("<input>:1:")[2].partition(":")[0]
    word = starts.get(int(column) - 1) if column.isdigit() else None
    if "reserved identifier" in message and word:
        return BadRule(f'"{word.text}" at character {word.start + 1} is a reserved word of CEL', word.start + 1)
    if word is None:
        end = len(source.rstrip()) + 1
        return BadRule(f"the rule stops too early, at character {end}; expected a metric, a number or a bracket", end)
    before = [other for other in starts.values() if other.start < word.start][-1:]  # in the order of the rule
    operand = before and (before[0].kind != "sign" or before[0].text in (")", "]")) and before[0].text != "in"
    expected = "an operator, or the end" if operand else "a metric, a number or a bracket"
    return BadRule(f'"{word.text}" does not fit at character {word.start + 1}; expected {expected}', word.start + 1)


def as_double(word: Token) -> str:
    """A number as CEL's double: its whole numbers divide without remainder and refuse to meet a double."""
    return repr(float(word.text))


@cache
def constant(text: str) -> object:
    try:
        return cel.evaluate(text, {name: function for name, function in FUNCTIONS.items() if function})
    except CEL_FAILS:
        return None


def variables(words: Sequence[Token]) -> list[str]:
    """The names that are not functions. CEL's own `variables()` says the same, but not where they stand."""
    following = [*(word.text for word in words[1:]), ""]
    return [
        word.text
        for word, after in zip(words, following, strict=True)
        if word.kind == "name" and word.text not in ("true", "false", "in") and after != "("
    ]


def own_functions(program: Any) -> dict[str, Callable[..., Any]]:
    return {name: own for name in program.functions() if (own := FUNCTIONS.get(name)) is not None}


def calculated_sides(words: Sequence[Token]) -> list[str]:
    """What stands beside `==`, `!=` and `in` and is calculated: "not a number" equals nothing, without an error."""
    sides = []
    for place, word in enumerate(words):
        if word.text in ("==", "!=", "in"):
            for step in (-1, 1):
                side = _reach(words, place + step, step)
                if any(part.text in ("+", "-", "*", "/") for part in side) and not any(
                    part.text in _BOUNDARIES for part in side
                ):
                    sides.append(text_of(side))
    return sides


def _reach(words: Sequence[Token], place: int, step: int) -> Sequence[Token]:
    """The operand that begins at `place` and goes on in the direction of `step`."""
    opening, closing = (("(", "["), (")", "]")) if step > 0 else ((")", "]"), ("(", "["))
    depth, start = 0, place
    while 0 <= place < len(words):
        text = words[place].text
        depth += (text in opening) - (text in closing)
        if depth < 0 or (depth == 0 and text in _BOUNDARIES):
            break
        place += step
    return words[start:place] if step > 0 else words[place + 1 : start + 1]


def rehearse(program: Any, tree: Node, names: Sequence[str], source: str) -> None:
    """Evaluate a rule and each of its parts with made-up numbers, so that a type error shows now.

    Raises:
        BadRule: no sample gives true or false, or one gives something else.
    """
    starts = (3, 1000, 0, -50)  # also into the other branch of most `? :`
    samples = [{name: float(start + 2 * index) for index, name in enumerate(names)} for start in starts]
    parts = [cel.compile(leaf.source) for leaf in leaves(tree) if isinstance(leaf, Opaque)]
    for part in (program, *parts):
        answers: list[object] = []
        for sample in samples:
            try:
                answers.append(part.execute({**sample, **own_functions(part)}))
            except CEL_FAILS as error:
                answers.append(error)
        wrong = [answer for answer in answers if not isinstance(answer, bool | Exception)]
        if wrong or all(isinstance(answer, Exception) for answer in answers):
            raise _not_boolean((wrong or answers)[0], source)


def _not_boolean(answer: object, source: str) -> BadRule:
    if isinstance(answer, float | int):
        return BadRule(f'"{source}" gives a number; expected a comparison, for example {source} > 0')
    if isinstance(answer, Exception):
        return BadRule(f'"{source}" mixes numbers with true and false, or with lists; expected comparisons of numbers')
    return BadRule(f'"{source}" is not true or false; expected a comparison of numbers')
