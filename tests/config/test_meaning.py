"""Items, sections and times of a configuration; and every example is one without mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.load import load, parse
from bot.config.problems import ConfigError

ROOT = Path(__file__).parents[2]
PLAIN = 'timezone: UTC\nchannel: "#operations"\nchecks:\n  disk: {kind: disk, path: /}\n'


def test_a_section_holds_until_the_next_one():
    items = "[disk, {section: A}, {manual: one}, {manual: two}, {section: B}, {manual: three}]"
    checklist = parse(f"{PLAIN}checklists:\n  morning: {{items: {items}}}\n").checklists["morning"]
    assert [item.section for item in checklist.items] == [None, "A", "A", "B"]


def test_an_item_keeps_its_name_when_its_text_changes_if_it_has_one():
    text = PLAIN + "checklists:\n  m: {items: [{manual: Look, id: look}, {manual: Ü, id: u}, {manual: Ü}]}\n"
    assert [item.id for item in parse(text).checklists["m"].items] == ["look", "u", "item"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param("every: 7500ms", "every: is not a number of whole seconds", id="half seconds"),
        pytest.param("every: 4s", "every: is too often; expected at least 5s", id="too often"),
        pytest.param("every: 0s", "every: is too often; expected at least 5s", id="without a pause"),
        pytest.param("timeout: 0s", "timeout: leaves no time to look", id="no time to look"),
    ],
)
def test_times_that_cannot_be_kept_are_refused(given, sentence):
    with pytest.raises(ConfigError, match=sentence):
        parse(PLAIN.replace("path: /", f"path: /, {given}"))


@pytest.mark.parametrize("example", sorted((ROOT / "examples").rglob("rounds.yml")), ids=lambda path: path.parent.name)
def test_every_example_loads_without_a_mistake_or_a_doubt(example):
    configuration = load(example, environment={})
    assert configuration.checks
    assert configuration.warnings == ()


def test_a_word_that_was_not_expected_is_told_as_it_was_written():
    with pytest.raises(ConfigError, match="verify: 'true' is none of gzip or tar"):
        parse(PLAIN + "  backup: {kind: files, path: /srv/*, verify: true}\n")
