"""What every kind of check keeps to, so that its documentation and its rules can be trusted."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import get_args, get_origin

import cel
import pytest
import yaml
from pydantic import BaseModel, ValidationError

from checks import catalogue, kind, kind_names

ROOT = Path(__file__).parents[2]
UNITS = {"", "%", "B", "ms", "s", "days"}

every_kind = pytest.mark.parametrize("name", kind_names())


def examples():
    return [
        pytest.param(name, text, id=f"{name}-{n}")
        for name in kind_names()
        for n, text in enumerate(kind(name).model.examples)
    ]


def models_of(annotation):
    """The models nested in an annotation."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation) if get_origin(annotation) else ():
        yield from models_of(inner)


@every_kind
def test_a_module_holds_exactly_one_check_named_like_the_module(name):
    model = kind(name).model
    assert model.model_fields["kind"].default == name
    assert model.__name__ == "".join(word.title() for word in name.split("_")) + "Check"
    with pytest.raises(ValidationError):
        model.model_validate({"kind": "another"})


@every_kind
def test_the_docstring_says_what_why_and_what_to_do(name):
    found = kind(name)
    assert found.summary.endswith(".")
    assert found.why
    assert found.what_to_do
    assert len(found.why) + len(found.what_to_do) < 1_500, "it stands beside a failure in Slack"


@every_kind
def test_every_parameter_is_described(name):
    models = [kind(name).model]
    for model in models:
        for field, about in model.model_fields.items():
            assert field == "kind" or about.description, f"{model.__name__}.{field} has no description"
            models += [inner for inner in models_of(about.annotation) if inner not in models]


@every_kind
def test_a_default_is_shown_as_somebody_would_write_it(name):
    for field, about in kind(name).model.model_fields.items():
        if "90s" in str(about.metadata):  # a length of time, by its examples
            assert isinstance(about.default, str) or about.is_required(), f"{field} would be shown as bare seconds"


@every_kind
def test_every_measure_has_a_unit_a_meaning_and_a_phrase(name):
    for metric, measure in kind(name).model.measures.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", metric)
        assert measure.unit in UNITS
        assert measure.summary
        assert "{value}" in measure.phrase


@every_kind
def test_there_is_an_example(name):
    assert kind(name).model.examples


@pytest.mark.parametrize(("name", "text"), examples())
def test_an_example_loads_and_validates(name, text):
    settings = yaml.safe_load(text)
    assert next(iter(settings)) == "kind"
    assert settings["kind"] == name
    check = kind(name).model.model_validate({key: value for key, value in settings.items() if key not in LEVELS})
    assert check.about()
    assert check.measured()


LEVELS = ("info", "warning", "critical")


def rules_of_examples():
    for name in kind_names():
        for n, text in enumerate(kind(name).model.examples):
            settings = yaml.safe_load(text)
            own = {level: settings.pop(level, None) for level in LEVELS}
            check = kind(name).model.model_validate(settings)
            default = check.default_rules()
            for level in LEVELS:
                rule = own[level] or getattr(default, level)
                if rule:
                    yield pytest.param(check, rule, id=f"{name}-{n}-{level}")


@pytest.mark.parametrize(("check", "rule"), list(rules_of_examples()))
def test_rules_name_only_metrics_that_their_check_can_measure(check, rule):
    program = cel.compile(rule)
    assert set(program.variables()) <= set(check.measured())
    assert program.execute(dict.fromkeys(check.measured(), 1.5)) in (True, False)


@every_kind
def test_the_rules_of_the_class_name_only_its_measures(name):
    model = kind(name).model
    for level in LEVELS:
        if rule := getattr(model.rules, level):
            assert set(cel.compile(rule).variables()) <= set(model.measures)


@every_kind
def test_it_is_tested(name):
    assert (ROOT / "tests" / "checks" / f"test_{name}.py").exists()


@every_kind
def test_it_imports_no_other_kind(name):
    for node in ast.walk(ast.parse((ROOT / "checks" / f"{name}.py").read_text())):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [f"checks.{alias.name}" for alias in node.names] if modules == ["checks"] else []
        others = {f"checks.{other}" for other in kind_names() if other != name}
        assert not others & set(modules)


@every_kind
def test_it_reads_no_clock_of_its_own(name):
    source = (ROOT / "checks" / f"{name}.py").read_text()
    assert not re.search(r"datetime\.now|time\.time\(|date\.today", source), "`ctx.now` is the moment of the look"


@pytest.mark.parametrize("path", sorted((ROOT / "checks").glob("*.py")), ids=lambda path: path.name)
def test_no_file_has_more_than_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


def test_the_catalogue_knows_them_all():
    assert list(catalogue()) == kind_names()


def test_an_unknown_kind_is_a_key_error():
    with pytest.raises(KeyError):
        kind("nonsense")
