"""What people get wrong in YAML itself, in sentences that name the repair, at the line where it was done."""

from __future__ import annotations

import re

import yaml

from bot.config.problems import Problem

GLUED = re.compile(r"[A-Za-z_][\w-]*:[^\s:/][^\s:]*")
"""`kind:disk`, which YAML takes for one word; `https://…` is none of these."""

_GLUED_LINE = re.compile(rf"\s*(?:- )?({GLUED.pattern})\s*(?:#.*)?")
_UNCLOSED = re.compile(r"""(?:^|[:\-\[{,] ) *(?:(")(?:[^"\\]|\\.)*|(')(?:[^']|'')*)$""")
_BRACKETS_IN_BRACES = re.compile(r"""\{.*:\s+[^\s"'\[{][^"',:]*(?:[\[{]|\([^"',:)]*,)""")
"""`{critical: status in [500, 502]}` and `{warning: change(count, "1d") > 2}`, which end at the bracket or comma."""
AFTER_A_COMMA = re.compile(r"[^(:]*\).*", re.DOTALL)
"""What is left of `max(age_s, 5) > 60` behind the comma."""
IN_BRACES = "in braces, a comma or a bracket ends the text; put the rule in quotation marks"
_VARIABLE_IN_BRACES = re.compile(r"""[\[{].*?[:,\[] *(\$\{\w+(?::?-[^}]*)?\}?)""")
"""`{open_after: ${N:-3}}`, where the brace of the variable begins a mapping."""
_NAME_LINE = re.compile(r"( *)(?:- )?([\w.-]+)\s*(?:#.*)?", re.ASCII)
"""A name alone, whose colon may have been forgotten."""

_LINE_LOOKED_AT = 300
"""Characters of a line that are searched for what was meant; people write no longer ones in braces."""

_INDENT = "look at how this line and those above it are indented"

_REPAIRS = {
    "mapping values are not allowed": "a `key: value` cannot stand here; text with a colon needs quotation marks, else "
    + _INDENT,
    "did not find expected key": f"what stands here belongs to nothing; {_INDENT}",
    "found unknown escape character": "in double quotation marks a backslash is YAML's own; write the text in single "
    "ones, such as '\\d+'",
    "did not find expected alphabetic or numeric character": "text that begins with * or & needs quotation marks",
    "did not find expected comment or line break": "text that begins with >, | or & needs quotation marks",
    "did not find expected '-' indicator": f"expected `- `, as in the lines of the list above; {_INDENT}",
    "did not find expected ',' or ']'": "between [ and ] a comma is missing, or a bracket is missing or too many",
    "did not find expected ',' or '}'": "between { and } a comma is missing, or a bracket is missing or too many",
    "found a tab character": "indent with spaces; here stands a tab",
    "block sequence entries are not allowed": "a list with `- ` begins on a line of its own, below its name",
}
"""What libyaml says, and what that means to somebody who writes a configuration."""


def glued(word: str) -> str:
    """What is wrong with `kind:disk`."""
    key, _, value = word.partition(":")
    return f"{word!r:.60} is one word to YAML; put a space after the colon: `{key}: {value:.40}`"


def begins_a_rule(tag: str) -> bool:
    """Whether a tag is what stands before the first space of `!(status == 200)`."""
    return re.match(r"!\(", tag) is not None


def no_tag(tag: str) -> str:
    """What is wrong with `!foo`, and what stands for the tags that other programs know."""
    words = {"include": "more files stand under `include:`", "secret": "write ${NAME}", "env": "write ${NAME}"}
    if begins_a_rule(tag):
        return f"{tag!r:.60} is a tag to YAML; put the whole rule in quotation marks"
    repair = words.get(tag.strip("!").partition("_")[0].lower(), 'remove it; text that looks like a number is "quoted"')
    return f"{tag!r:.60} is a tag, and tags mean nothing here; {repair}"


def not_yaml(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """What the parser says, at the line where it began rather than where it gave up."""
    lines = text.split("\n")
    given_up = min(error.problem_mark.line if error.problem_mark else 0, len(lines) - 1)
    for number, line in enumerate(lines[: given_up + 1], start=1):
        if (opened := _UNCLOSED.search(line)) is not None:
            sentence = f"is not valid YAML: the quotation mark {opened[1] or opened[2]} is not closed"
            return Problem(file, number, "", sentence)
    what = error.problem or error.context or "cannot be read"
    for number in (given_up, given_up - 1):
        if number < 0:
            break
        if "\u00a0" in lines[number][: len(lines[number]) - len(lines[number].lstrip())]:
            return Problem(file, number + 1, "", "is not valid YAML: a no-break space is no space; indent with spaces")
        if (word := _GLUED_LINE.fullmatch(lines[number])) is not None:
            return Problem(file, number + 1, "", f"is not valid YAML: {glued(word[1])}")
    if (missing := _without_colon(error, what, lines, given_up)) is not None:
        number, sentence = missing
        return Problem(file, number + 1, "", f"is not valid YAML: {sentence}")
    begun = error.context_mark if error.context_mark and "flow" in (error.context or "") else None
    # These patterns start anew at each bracket, and a hostile line has nothing but brackets.
    opening = lines[min(begun.line, given_up)][:_LINE_LOOKED_AT] if begun is not None else ""
    if "cannot start any token" in what and error.problem_mark:
        strange = lines[given_up][error.problem_mark.column :][:1]
        repair = "indent with spaces" if strange == "\t" else "put the text in quotation marks"
        what = f"{strange!r} cannot stand here; {repair}"
    elif (name := _VARIABLE_IN_BRACES.search(opening)) is not None:
        what = f'in braces, a variable needs quotation marks: "{name[1]:.60}"'
    elif _BRACKETS_IN_BRACES.search(opening):
        what = IN_BRACES
    else:
        what = next((repair for said, repair in _REPAIRS.items() if said in what), what)
    return Problem(file, (begun.line if begun else given_up) + 1, "", f"is not valid YAML: {what}")


def _without_colon(error: yaml.MarkedYAMLError, what: str, lines: list[str], given_up: int) -> tuple[int, str] | None:
    """The line that lacks a colon, counted from 0; the parser gives up on one below."""
    if "could not find expected ':'" in what and error.context_mark is not None:
        number = min(error.context_mark.line, given_up)
    elif "mapping values are not allowed" in what:
        number = next((above for above in range(given_up - 1, -1, -1) if lines[above].split("#")[0].strip()), 0)
    else:
        return None
    name = _NAME_LINE.fullmatch(lines[number])
    if name is not None and len(name[1]) < len(lines[given_up]) - len(lines[given_up].lstrip()):
        return number, f"{name[2]!r:.60} has no colon behind it; write `{name[2]:.60}:`"
    if "mapping values" in what:
        return None
    return number, f"{lines[number].strip()!r:.60} is neither `name: value` nor `- entry`; {_INDENT}"
