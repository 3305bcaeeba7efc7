"""`rounds kinds`."""

from __future__ import annotations

import json

import pytest

from bot.cli.kinds import complete
from checks import kind_names

WORDS = {
    "kind",
    "summary",
    "why",
    "what_to_do",
    "parameters",
    "metrics",
    "default_rules",
    "examples",
    "rules_of_examples",
}


def test_the_json_holds_an_object_for_every_kind(rounds):
    found = json.loads(rounds("kinds", "--json").stdout)
    assert [one["kind"] for one in found] == kind_names()
    for one in found:
        assert set(one) == WORDS
        assert one["summary"]
        assert one["examples"]
        assert {"name", "unit", "description"} <= set(one["metrics"][0])


def test_a_parameter_says_its_type_in_words_and_what_happens_without_it(rounds):
    (tcp,) = json.loads(rounds("kinds", "tcp", "--json").stdout)
    given = {one.pop("name"): one for one in tcp["parameters"]}
    assert "kind" not in given
    assert given["port"] == {
        "type": "whole number from 1 to 65535",
        "required": True,
        "default": None,
        "description": "Port.",
    }
    assert given["banner"]["type"] == "pattern (RE2)"
    assert not given["banner"]["required"]


def test_the_list_for_people_has_a_line_for_every_kind(rounds):
    told = rounds("kinds").stdout
    assert [name for name in kind_names() if f"\n{name} " not in f"\n{told}"] == []


@pytest.mark.parametrize("name", kind_names())
def test_every_kind_can_be_shown_in_full(rounds, name):
    told = rounds("kinds", name).stdout
    for word in ("Why:", "What to do:", "Parameters", "Metrics", "Example"):
        assert word in told
    assert "Undefined" not in told


def test_rules_that_depend_on_parameters_are_shown_with_the_example(rounds):
    assert "→ warning if latency_ms > 2000 || certificate_days < 21" in rounds("kinds", "http").stdout


def test_a_misspelt_kind_gets_a_suggestion_and_a_usage_error(rounds):
    assert "'dsk' (did you mean disk?)" in rounds("kinds", "dsk", code=2).stderr


def test_the_shell_completes_names():
    assert complete("t") == ["tcp", "tls"]
