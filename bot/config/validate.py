"""Pydantic's complaints as sentences that name the repair, at the line of the file."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bot.config.document import Document
from bot.config.document import Path as FieldPath
from bot.config.problems import MOST, Problem
from bot.domain.near import did_you_mean, listed

Model = TypeVar("Model", bound=BaseModel)

_TYPES = {
    "string_type": "text",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
"""What pydantic calls a value of the wrong type, and what would be right."""

_BOUNDS = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "is too short; it must have at least {min_length} characters",
    "string_too_long": "is too long; it must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries; it has {actual_length}",
    "too_long": "must have at most {max_length} entries; it has {actual_length}",
}
"""What pydantic calls a value out of bounds, and what would be within."""


_SHOWN = 60
"""Characters of a wrong text that a sentence shows."""


def validated(
    model: type[Model], value: Any, document: Document, path: FieldPath, problems: list[Problem]
) -> Model | None:
    """`value` as `model`; `None` and a sentence for every mistake if it is none."""
    if not isinstance(value, dict):
        fields = listed(keys(model), most=6)
        problems.append(document.problem(path, f"must be a mapping with {fields}; it is {_kind_of(value)}"))
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems += _told(error, model, document, path)
        return None


def _kind_of(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "empty"}
    return names.get(type(value), "a number")


def _told(error: ValidationError, model: type[BaseModel], document: Document, path: FieldPath) -> list[Problem]:
    """One problem for each place, whatever number of ways pydantic has tried to read it."""
    by_place: dict[FieldPath, list[Any]] = {}
    for detail in islice(error.errors(include_url=False), MOST + 1):
        # Pydantic names the branch of a union in the path; the file has no such place.
        place: FieldPath = path
        for part in detail["loc"]:
            if (*place, part) in document.lines or detail["type"] in ("missing", "extra_forbidden"):
                place = (*place, part) if not _is_branch(part) else place
        by_place.setdefault(place, []).append(detail)
    told = []
    for place, details in by_place.items():
        below = any(len(other) > len(place) and other[: len(place)] == place for other in by_place)
        exact = [detail for detail in details if detail["type"] not in _TYPES]
        if below and all(detail["type"] == "too_short" and detail["input"] for detail in exact):
            continue  # a mapping that was tried as text first, or a list without its wrong entries: the parts say it
        sentences = dict.fromkeys(_sentence(detail, model) for detail in exact or details[:1])
        if not exact and len(details) > 1:
            wanted = dict.fromkeys(_TYPES[detail["type"]] for detail in details)
            if place[-1] in ("info", "warning", "critical"):
                wanted = {"a rule such as `used_percent > 90`, or off": None}
            sentences = {f"must be {listed(wanted, last='or')}; it is {_kind_of(details[0]['input'])}": None}
        told.append(document.problem(place, "; or ".join(sentences)))
    return told


def _is_branch(part: str | int) -> bool:
    return isinstance(part, str) and part.endswith("Model")


def _sentence(detail: Any, model: type[BaseModel]) -> str:
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    given = _kind_of(detail["input"])
    match detail["type"]:
        case "extra_forbidden":
            known = _fields_at(model, detail["loc"][:-1])
            return f"is not known here{did_you_mean(last, known)}; known: {listed(known)}"
        case "missing":
            return f"is missing; {_described(model, detail['loc'])}"
        case "value_error":
            return str(detail["ctx"]["error"])
        case wrong if wrong in _TYPES and last == "channel" and detail["input"] is None:
            return 'is empty: behind a space, `#` begins a comment; write it in quotation marks, such as "#operations"'
        case wrong if wrong in _TYPES:
            shown = f" ({detail['input']!r:.{_SHOWN}})" if isinstance(detail["input"], str) else ""
            fields = _fields_at(model, detail["loc"])
            return f"must be {_TYPES[wrong]}; it is {given}{shown}{_instead(detail['input'], last, wrong, fields)}"
        case bound if bound in _BOUNDS:
            sentence = _BOUNDS[bound].format(**detail["ctx"])
            return re.sub(r"\b1 entries", "1 entry", re.sub(r"\b1 characters", "1 character", sentence))
        case "enum" | "literal_error":
            words = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
            said = detail["input"] if isinstance(detail["input"], str) else json.dumps(detail["input"], default=str)
            return f"{said!r:.60} is none of {listed(words, last='or')}{did_you_mean(said, words)}"
        case "string_pattern_mismatch":
            if last == "link":
                return f"is no web address; {_https(detail['input'])}"
            return f"has the wrong form; {_described(model, detail['loc'])}"
        case _:
            message = str(detail["msg"])
            return message[0].lower() + message[1:]


def _instead(given: Any, field: str, wrong: str, fields: list[str]) -> str:
    """How to write what was given, where that is plain; `fields` are those of the mapping that was meant."""
    match _TYPES[wrong], given:
        case "a list", str() if 0 < len(given) <= _SHOWN and "\n" not in given:
            entries = given.split() if field == "argv" else [given]  # the words of a command line are one entry each
            return (
                f"; write {yaml.safe_dump(entries, default_flow_style=True, allow_unicode=True, width=1_000).strip()}"
            )
        case "a mapping", list():
            return "; write `name: ...` for each entry, not `- ...`"
        case "a mapping", str() if len(fields) == 1 and len(given) <= _SHOWN:
            return f"; write {{{fields[0]}: {given}}}"
        case "text", bool() | int() | float():
            return "; put it in quotation marks"
        case _:
            return ""


def _https(given: str) -> str:
    """How a link is written; Slack opens nothing else."""
    if re.fullmatch(r"[\w-]+(\.[\w-]+)+(:\d+)?(/[^\s<>|]*)?", given):
        return f"write https://{given:.200}"
    return "expected one that begins with https:// (or http://) and has no spaces, <, > or |"


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model as they are written in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def nested(annotation: Any) -> type[BaseModel] | None:
    """The first model inside an annotation, such as the items of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := nested(part))), None)


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    for part in loc:
        field = keys(model).get(part) if isinstance(part, str) else None
        if field is not None and (inner := nested(field.annotation)) is not None:
            model = inner
    return list(keys(model))


def _described(model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    for part in loc:
        field = keys(model).get(part) if isinstance(part, str) else None
        if field is None:
            continue
        inner = nested(field.annotation)
        if inner is None or part == loc[-1]:
            return f"expected: {re.sub(r'[.]$', '', field.description or str(part))}"
        model = inner
    return "expected a value"
