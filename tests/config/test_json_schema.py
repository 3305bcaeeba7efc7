"""The JSON Schema allows what the configuration allows; editors trust it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from bot.config.document import read_document
from bot.config.json_schema import json_schema
from checks import catalogue, kind_names

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
TYPES = {"string": str, "integer": int, "number": int | float, "boolean": bool, "object": dict, "array": list}
UNDERSTOOD = {
    *("$schema", "$defs", "$ref", "title", "description", "default", "examples", "type", "properties", "required"),
    *("patternProperties", "additionalProperties", "items", "minItems", "maxItems", "anyOf", "allOf", "if", "then"),
    *("const", "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"),
}


def resolved(schema):
    while "$ref" in schema:
        found = SCHEMA
        for word in schema["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        schema = found
    return schema


def is_a(value, types):
    types = [types] if isinstance(types, str) else types
    return any(isinstance(value, TYPES[one]) and (one == "boolean" or not isinstance(value, bool)) for one in types)


def wrong(value, schema, path="$"):
    """What a validator of JSON Schema would say; only of the words that we use."""
    schema = resolved(schema)
    assert set(schema) <= UNDERSTOOD, set(schema) - UNDERSTOOD
    if "type" in schema and not is_a(value, schema["type"]):
        return [f"{path}: type"]
    if "const" in schema and value != schema["const"]:
        return [f"{path}: const"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: enum"]
    found = []
    if "anyOf" in schema and all(wrong(value, one, path) for one in schema["anyOf"]):
        found.append(f"{path}: anyOf")
    for one in schema.get("allOf", ()):
        if not wrong(value, one["if"], path):
            found += wrong(value, one["then"], path)
    if isinstance(value, str):
        found += [] if re.search(schema.get("pattern", ""), value) else [f"{path}: pattern"]
        found += [] if schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1e9) else [f"{path}: length"]
    if is_a(value, "number"):
        found += [] if schema.get("minimum", value) <= value <= schema.get("maximum", value) else [f"{path}: bounds"]
    if isinstance(value, list):
        found += [] if schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1e9) else [f"{path}: items"]
        for n, one in enumerate(value):
            found += wrong(one, schema.get("items", {}), f"{path}.{n}")
    if isinstance(value, dict):
        found += [f"{path}: lacks {name}" for name in schema.get("required", ()) if name not in value]
        for name, one in value.items():
            found += wrong_part(name, one, schema, f"{path}.{name}")
    return found


def wrong_part(name, value, schema, path):
    if name in schema.get("properties", {}):
        return wrong(value, schema["properties"][name], path)
    for pattern, part in schema.get("patternProperties", {}).items():
        if re.search(pattern, name):
            return wrong(value, part, path)
    more = schema.get("additionalProperties", True)
    return wrong(value, more, path) if isinstance(more, dict) else [] if more else [f"{path}: not known"]


def with_check(check):
    return {"channel": "#a", "checks": {"c": check}}


@pytest.mark.parametrize("file", sorted((ROOT / "examples").rglob("*.yml")), ids=lambda file: file.parent.name)
def test_an_example_is_allowed_and_names_the_schema(file):
    text = file.read_text(encoding="utf-8")
    reference = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert (file.parent / reference[1]).resolve() == ROOT / "docs" / "rounds.schema.json"
    value = read_document(text.replace("${", "$${"), file=file.name, environment={}).value
    assert wrong(value, SCHEMA) == []


@pytest.mark.parametrize("name", kind_names())
def test_every_example_of_the_catalogue_is_allowed(name):
    for text in catalogue()[name].model.examples:
        assert wrong(with_check(yaml.safe_load(text)), SCHEMA) == []


@pytest.mark.parametrize(
    "check",
    [
        {"kind": "tcp", "host": "${HOST}", "port": "${PORT}", "every": "5m", "open_after": "${AFTER}"},
        {"kind": "http", "url": "${URL:-http://localhost/}", "verify": "${VERIFY}", "method": "${METHOD}"},
        {"kind": "http", "url": "http://a", "bearer": "file:/run/secrets/token", "critical": "off"},
        {"kind": "log", "path": "/a", "window": "1 hour", "warning": False},
        {"kind": "disk", "path": "/", "open_after": "15m", "close_after": 1, "labels": {"team": "shop"}},
    ],
)
def test_what_may_come_from_elsewhere_is_allowed(check):
    assert wrong(with_check(check), SCHEMA) == []


@pytest.mark.parametrize(
    ("check", "path"),
    [
        ({"path": "/"}, "$.checks.c: lacks kind"),
        ({"kind": "dsk", "path": "/"}, "$.checks.c.kind: enum"),
        ({"kind": "disk"}, "$.checks.c: lacks path"),
        ({"kind": "disk", "path": "/", "pth": "/"}, "$.checks.c.pth: not known"),
        ({"kind": "tcp", "host": "a", "port": 70000}, "$.checks.c.port: anyOf"),
        ({"kind": "tcp", "host": "a", "port": "many"}, "$.checks.c.port: anyOf"),
        ({"kind": "memory", "title": ["a"]}, "$.checks.c.title: type"),
        ({"kind": "dns", "name": "a", "type": "AX"}, "$.checks.c.type: anyOf"),
    ],
)
def test_what_the_configuration_refuses_an_editor_marks(check, path):
    assert wrong(with_check(check), SCHEMA) == [path]


def test_a_whole_file_needs_a_channel_and_knows_its_sections():
    assert wrong({"checkz": {}}, SCHEMA) == ["$: lacks channel", "$.checkz: not known"]


def test_it_is_plain_json_and_says_what_rules_may_name():
    text = json.dumps(SCHEMA)
    assert json.loads(text) == SCHEMA
    assert "inodes_used_percent" in SCHEMA["$defs"]["disk"]["properties"]["warning"]["description"]
    assert SCHEMA["$defs"]["check"]["properties"]["timeout"]["default"] == "10s"
