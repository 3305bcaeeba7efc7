"""Whoever makes a mistake in a configuration is told where it is and how to mend it."""

from __future__ import annotations

import pytest

from bot.config.load import load, parse
from bot.config.problems import ConfigError
from tests.config.broken import MISTAKES
from tests.config.right import RIGHT, broken


def test_without_a_mistake_it_is_understood():
    configuration = parse(RIGHT)
    assert configuration.warnings == ()
    assert len(configuration.checks) == 8


def test_there_are_two_hundred_mistakes_and_none_twice():
    assert len(MISTAKES) >= 200
    assert len({mistake[:2] for mistake in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize(
    "mistake", MISTAKES, ids=lambda mistake: f"{mistake[0].strip()[:25]}→{mistake[1].strip()[:25]}"
)
def test_one_mistake_is_refused_at_its_line_with_its_repair(mistake, tmp_path):
    wrong, repair, replacement = mistake[0], mistake[2], mistake[1]
    text, line = broken(wrong, replacement, *mistake[3:])
    file = tmp_path / "rounds.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(file, environment={})
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in refused.value.problems]
    assert [one for one in told if one.startswith(f"rounds.yml:{line}: ") and repair in one], (line, told)
    assert not [one for one in told if "input should" in one], "pydantic's own words"
    assert len(told) <= 3, "one mistake is not told as many"


@pytest.mark.parametrize(("right", "wrong"), [("    argv: [", "    command: ["), ("    url:", "    ulr:")])
def test_a_word_that_is_there_and_misspelt_is_not_missing_as_well(right, wrong):
    with pytest.raises(ConfigError) as refused:
        parse(broken(right, wrong)[0])
    assert len(refused.value.problems) == 1


def test_a_day_that_is_none_hides_no_other():
    text = RIGHT.replace('except: ["2026-12-25"]', "except: [2026-13-01, 25-12-2026]")
    with pytest.raises(ConfigError) as refused:
        parse(text)
    assert [problem.sentence[:12] for problem in refused.value.problems] == ["'2026-13-01'", "'25-12-2026'"]


def test_a_mistake_in_an_item_hides_none_beside_it():
    text = RIGHT.replace("evidence: note", "evidence: photo").replace("owner: user:boss", "owner: boss")
    with pytest.raises(ConfigError) as refused:
        parse(text)
    told = [problem.field.rpartition(".")[2] for problem in refused.value.problems]
    assert sorted(told) == ["evidence", "owner"]
