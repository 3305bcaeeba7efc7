"""Pydantic's complaints as sentences that name the repair, at the line of the file."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bot.config.document import Document
from bot.config.document import Path as FieldPath
from bot.config.problems import Problem
from bot.domain.near import did_you_mean, listed

Model = TypeVar("Model", bound=BaseModel)


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
        problems += [_problem(detail, model, document, path) for detail in error.errors(include_url=False)]
        return None


def _kind_of(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "empty"}
    return names.get(type(value), "a number")


def _problem(detail: Any, model: type[BaseModel], document: Document, path: FieldPath) -> Problem:
    # Pydantic names the branch of a union in the path; the file has no such place.
    place: FieldPath = path
    for part in detail["loc"]:
        if (*place, part) in document.lines or detail["type"] in ("missing", "extra_forbidden"):
            place = (*place, part)
    return document.problem(place, _sentence(detail, model))


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
        case "string_type" | "dict_type" | "list_type" | "int_type" | "bool_type" | "model_type" | "int_parsing":
            wanted = detail["type"].removesuffix("_type").removesuffix("_parsing")
            words = {"string": "text", "dict": "a mapping", "list": "a list", "int": "a whole number"}
            return f"must be {words.get(wanted, wanted.replace('model', 'a mapping'))}; it is {given}"
        case "string_pattern_mismatch":
            return f"has the wrong form; {_described(model, detail['loc'])}"
        case _:
            message = str(detail["msg"])
            return message[0].lower() + message[1:]


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
