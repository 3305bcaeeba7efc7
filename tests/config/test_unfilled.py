"""Values in which somebody expected something to be filled in."""

from __future__ import annotations

import re

import pytest

from bot.config.load import load, parse

PAGE = "kind: http, url: http://127.0.0.1/, every: 5m"


def warned(text, environment=None):
    return [str(warning) for warning in parse(f'channel: "#ops"\n{text}\n', environment=environment or {}).warnings]


@pytest.mark.parametrize(
    ("given", "place", "repair"),
    [
        pytest.param("bearer: $TOKEN", "bearer", "taken as it stands, with its `$` .* write `${NAME}`", id="shell"),
        pytest.param("bearer: $token", "bearer", "write `${NAME}`", id="shell, small letters"),
        pytest.param("bearer: '%TOKEN%'", "bearer", "write `${NAME}`", id="Windows"),
        pytest.param("basic_auth: 'ann:$PASSWORD'", "basic_auth", "write `${NAME}`", id="a part"),
        pytest.param("headers: {X-Key: 'Key $KEY'}", "headers.X-Key", "write `${NAME}`", id="a header"),
        pytest.param("bearer: '${file:/run/x}'", "bearer", "written `file:/path`, without", id="a file as a variable"),
        pytest.param("bearer: 'file://run/x'", "bearer", "with one slash", id="a file as an address"),
        pytest.param("bearer: 'file:token'", "bearer", "does not begin with /", id="a file beside"),
        pytest.param("headers: {A: 'Bearer file:/run/x'}", "headers.A", "the whole value into the file", id="no whole"),
        pytest.param("bearer: '$(cat /run/x)'", "bearer", "no command is run here; write `${NAME}`", id="a command"),
        pytest.param("bearer: '{{ token }}'", "bearer", "no templates here; write `${NAME}`", id="a template"),
    ],
)
def test_what_nothing_fills_in_is_told_with_how_it_is_written(given, place, repair):
    (warning,) = warned(f"checks:\n  a: {{{PAGE}, {given}}}")
    assert f"rounds.yml:3: checks.a.{place}: " in warning
    for part in repair.split(" .* "):
        assert part in warning


@pytest.mark.parametrize(
    "text",
    [
        "checks: {a: {kind: command, argv: [backup, $HOME], every: 5m}}",
        "checks: {a: {kind: command, argv: [backup], env: {HOME: $HOME}, every: 5m}}",
        "checks: {a: {kind: disk, path: /, every: 5m}}\npeople: {ann: $HOME}",
    ],
    ids=["an argument", "a variable", "a person"],
)
def test_a_variable_by_itself_is_told_wherever_it_stands(text):
    (warning,) = warned(text)
    assert re.search(r"write `\$\{(HOME|NAME)\}`", warning)


def test_what_came_from_the_environment_is_as_it_was_meant():
    text = f"checks: {{a: {{{PAGE}, bearer: '${{TOKEN}}', headers: {{X: 'Key ${{TOKEN}}'}}}}}}"
    assert warned(text, {"TOKEN": "$SESAME"}) == []


@pytest.mark.parametrize(
    "given",
    [
        "bearer: 'pa$WORD-$$x'",
        "bearer: $2y$10$abc",
        "bearer: 100%sure%",
        "headers: {Range: bytes=0-9}",
        "matches: 'end$'",
    ],
)
def test_a_secret_that_has_such_signs_in_it_is_no_variable(given):
    assert warned(f"checks: {{a: {{{PAGE}, {given}}}}}") == []


def test_it_is_told_in_the_file_that_was_included(tmp_path):
    (tmp_path / "more.yml").write_text(f"checks:\n  a: {{{PAGE}, bearer: $TOKEN}}\n")
    main = tmp_path / "rounds.yml"
    main.write_text('channel: "#ops"\ninclude: [more.yml]\n')
    (warning,) = load(main, environment={}).warnings
    assert str(warning).startswith(f"{tmp_path}/more.yml:2: checks.a.bearer: ")


@pytest.mark.parametrize("given", ["bearer: $ecret_password", "bearer: '%hunter%'", "basic_auth: 'bob:$HUNTER'"])
def test_what_may_be_the_secret_itself_is_not_quoted(given):
    (warning,) = warned(f"checks: {{a: {{{PAGE}, {given}}}}}")
    assert "ecret_password" not in warning
    assert "hunter" not in warning.casefold()
