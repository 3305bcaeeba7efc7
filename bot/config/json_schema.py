"""The JSON Schema of `rounds.yml`, so that an editor completes, explains and refuses while somebody writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from bot.config.reference import LEVELS, default
from bot.config.schema import Envelope, FileModel
from bot.domain.near import listed
from checks import Kind, catalogue

Schema = dict[str, Any]

_FROM_ENVIRONMENT: Schema = {"type": "string", "pattern": r"\$\{[A-Za-z_]|^file:/"}
"""Any value may come from the environment or a file of secrets; then it is text, whatever it stands for."""


def json_schema() -> Schema:
    """Of the whole file; every kind of check is a branch with its own parameters and the keys of every check."""
    kinds = catalogue()
    schema = _of(FileModel)
    schema["properties"]["checks"]["additionalProperties"] = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(kinds), "description": "What is asked, and how: docs/checks.md."}},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in kinds
        ],
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "rounds.yml",
        **schema,
        "$defs": {"check": _of(Envelope), **{name: _check(kind) for name, kind in kinds.items()}},
    }


def _check(kind: Kind) -> Schema:
    """A kind's branch: its own parameters, and those around every check."""
    own = _of(kind.model)
    own["properties"]["kind"] = {"const": kind.name}
    own["properties"] |= {name: {"$ref": f"#/$defs/check/properties/{name}"} for name in Envelope.model_fields}
    own["properties"] |= {level: _rule(kind, level) for level in LEVELS}
    return own | {"description": kind.summary}


def _rule(kind: Kind, level: str) -> Schema:
    standard = getattr(kind.model.rules, level)
    otherwise = (
        f"If not given: `{standard}`; `off` removes that" if standard else "If not given, this level is not judged"
    )
    described = f"A rule over {listed(kind.model.measures)}. {otherwise}."
    return {"description": described, "type": ["string", "boolean"], **({"examples": [standard]} if standard else {})}


def _of(model: type[BaseModel]) -> Schema:
    """A model's schema without pydantic's titles and references, its defaults as somebody would write them."""
    schema = model.model_json_schema()
    plain: Schema = _plain(schema, schema.pop("$defs", {}))
    for field_name, field in model.model_fields.items():
        if isinstance(field.default, timedelta):
            plain["properties"][field.alias or field_name]["default"] = default(field)
    return plain


def _plain(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    if "$ref" in schema:
        about = {key: value for key, value in schema.items() if key != "$ref"}
        return _plain({**defs[schema["$ref"].rpartition("/")[2]], **about}, defs)
    kept = {key: _part(key, value, defs) for key, value in schema.items() if not _noise(key, value)}
    if len(kept.get("anyOf", ())) == 1:
        kept = kept.pop("anyOf")[0] | kept
    return _or_from_environment(kept)


def _part(key: str, value: Any, defs: Mapping[str, Any]) -> Any:
    """What stands behind a key of a schema, with the schemas inside it made plain as well."""
    if key in ("properties", "patternProperties"):
        return {name: _plain(inner, defs) for name, inner in value.items()}
    if key == "anyOf":
        made = [_plain(inner, defs) for inner in value if inner.get("type") != "null"]
        return [part for one in made for part in (one["anyOf"] if one.keys() == {"anyOf"} else [one])]
    return _plain(value, defs) if key in ("items", "additionalProperties") and isinstance(value, dict) else value


def _noise(key: str, value: Any) -> bool:
    if key == "default":
        return value in (None, {}, [], "") or str(value).startswith("PT")
    return (key == "title" and isinstance(value, str)) or key == "writeOnly" or (key == "format" and value != "uri")


def _or_from_environment(schema: Schema) -> Schema:
    """Also accept `${NAME}` where the value itself would not allow that text."""
    free = schema.get("type") == "string" and not {"enum", "pattern", "format"} & schema.keys()
    if free or "const" in schema or schema.get("type") not in ("string", "integer", "number", "boolean"):
        return schema
    about: Schema = {key: schema.pop(key) for key in ("description", "default", "examples") if key in schema}
    return {**about, "anyOf": [schema, _FROM_ENVIRONMENT]}
