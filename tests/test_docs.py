"""The generated documents, and that what they show is true."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from bot import docs
from bot.config import settings
from bot.config.load import parse
from bot.config.schema import FileModel
from bot.domain.schedules import parse_schedule
from checks import catalogue
from commands.grammar import VERBS

ROOT = Path(__file__).parents[1]

EXAMPLES = [
    pytest.param(name, text, id=f"{name}-{n}")
    for name, kind in catalogue().items()
    for n, text in enumerate(kind.model.examples)
]


def as_configuration(example):
    """A configuration with one check, from an example of the catalogue."""
    lines = example.splitlines()
    check = f" {example}" if len(lines) == 1 else "".join(f"\n    {line}" for line in lines)
    return f'channel: "#operations"\nchecks:\n  shown:{check}\nchecklists:\n  all: {{items: [shown]}}\n'


@pytest.mark.parametrize("name", docs.documents())
def test_a_document_says_what_the_code_does(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == docs.documents()[name](), "run `make docs`"


def test_the_check_names_the_document_that_has_drifted(tmp_path, capsys):
    assert docs.main([], tmp_path) == 0
    (tmp_path / "checks.md").write_text("old")
    (tmp_path / "commands.md").unlink()
    assert docs.main(["--check"], tmp_path) == 1
    assert "docs/checks.md and docs/commands.md no longer say what the code does" in capsys.readouterr().err
    assert (tmp_path / "checks.md").read_text() == "old"
    assert docs.main([], tmp_path) == 0
    assert docs.main(["--check"], tmp_path) == 0


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_every_example_of_the_catalogue_can_be_configured(name, text):
    configuration = parse(as_configuration(text))
    assert configuration.checks["shown"].check.kind == name
    assert configuration.warnings == ()


def test_the_example_of_the_reference_can_be_configured():
    found = re.findall(r"```yaml\n(.*?)```", docs.configuration(), re.DOTALL)
    assert [len(parse(text).checklists) for text in found] == [1]


def test_the_schedules_of_the_reference_are_understood():
    line = re.search(r"\*\*Schedules\*\*(.+?)\n\n", docs.configuration(), re.DOTALL)[1]
    said = [words for words in re.findall(r"`([^`]+)`", line) if words != "cron:"]
    assert len(said) == 9
    for words in said:
        assert parse_schedule(words, zone=ZoneInfo("UTC")), words


def test_every_part_of_the_file_has_a_section():
    told = {model for _, model in docs.parts()}

    def models(annotation):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
            for field in annotation.model_fields.values():
                yield from models(field.annotation)
        for inner in getattr(annotation, "__args__", ()):
            yield from models(inner)

    assert set(models(FileModel)) <= told


def test_every_variable_that_is_read_is_told():
    read = re.findall(r'"((?:SLACK|ROUNDS|DATABASE)_[A-Z_]+)"', Path(settings.__file__).read_text())
    assert [name for name in read if f"`{name}`" not in docs.configuration()] == []


def test_every_word_of_the_language_is_told():
    told = docs.commands()
    assert [verb for verb in VERBS.values() if verb.summary not in told] == []
