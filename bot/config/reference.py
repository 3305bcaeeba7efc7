"""What can be written in a configuration, as plain facts: for `rounds kinds`, the documents and editors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.schema import Envelope
from bot.domain.durations import say
from bot.domain.near import listed
from checks import Check, Kind, Rules

LEVELS = ("info", "warning", "critical")

_FORMATS = {"re2": "pattern (RE2)", "uri": "URL", "password": "text (secret)"}
_PLAIN = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A key that may be written, and what may stand behind it."""

    name: str
    type: str
    required: bool
    default: Any
    description: str

    @property
    def otherwise(self) -> str:
        """What happens if the key is not written, in a word: "required", the default, or nothing."""
        if self.required:
            return "required"
        if self.default in (None, {}, [], ""):
            return ""
        return str(self.default).lower() if isinstance(self.default, bool) else str(self.default)


def parameters(model: type[BaseModel], *, leave_out: frozenset[str] = frozenset()) -> list[Parameter]:
    """The keys of a part of the configuration, in the order of the model."""
    schema = model.model_json_schema()
    defs = schema.get("$defs", {})
    found = []
    for field_name, field in model.model_fields.items():
        name = field.alias or field_name
        if name in leave_out:
            continue
        words = in_words(schema["properties"][name], defs)
        found.append(Parameter(name, words, field.is_required(), default(field), field.description or ""))
    return found


def default(field: FieldInfo) -> Any:
    """What counts if the key is not written, as it would be written; `None` if that is nothing."""
    value = None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, timedelta):
        return say(value).replace(" ", "")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, BaseModel) else value


def in_words(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """A JSON Schema as a person would say it: "whole number from 1 to 65535", "list of text"."""
    if "$ref" in schema:
        return in_words(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "examples" in schema:
        return f"such as {listed((str(one) for one in schema['examples']), last='or')}"
    if "anyOf" in schema:
        words = dict.fromkeys(in_words(part, defs) for part in schema["anyOf"] if part.get("type") != "null")
        return ", or ".join(words)
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return listed((f"`{word}`" for word in schema["enum"]), last="or")
    match schema.get("type"):
        case "array":
            return f"list of {in_words(schema.get('items', {}), defs)}"
        case "object" if "properties" in schema:
            return str(schema.get("title", "mapping")).removesuffix("Model").lower()
        case "object":
            inner: Any = schema.get("additionalProperties") or next(
                iter(schema.get("patternProperties", {}).values()), {}
            )
            return f"mapping of names to {in_words(inner, defs)}" if isinstance(inner, dict) else "mapping"
        case str(plain):
            return _FORMATS.get(schema.get("format", ""), _PLAIN.get(plain, plain)) + _bounds(schema)
        case _:
            return "anything"


def _bounds(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f", at least {low}" if low is not None else f", at most {high}" if high is not None else ""


def document(kind: Kind) -> dict[str, Any]:
    """A kind as `rounds kinds --json` prints it."""
    return {
        "kind": kind.name,
        "summary": kind.summary,
        "why": kind.why,
        "what_to_do": kind.what_to_do,
        "parameters": [asdict(one) for one in parameters(kind.model, leave_out=frozenset(("kind",)))],
        "metrics": [
            {"name": name, "unit": measure.unit, "description": measure.summary}
            for name, measure in kind.model.measures.items()
        ],
        "default_rules": {level: getattr(kind.model.rules, level) for level in LEVELS},
        "examples": list(kind.model.examples),
        "rules_of_examples": [dict(rules_in_force(kind.model, example)) for example in kind.model.examples],
    }


def rules_in_force(model: type[Check], example: str) -> Iterator[tuple[str, str]]:
    """The rules that judge an example: its own, and the defaults of the kind for the levels it leaves alone."""
    given = yaml.safe_load(example)
    own = {key: value for key, value in given.items() if key not in Envelope.model_fields}
    defaults: Rules = model.model_validate(own).default_rules()
    for level in LEVELS:
        rule = given.get(level, getattr(defaults, level))
        if isinstance(rule, str):
            yield level, rule
