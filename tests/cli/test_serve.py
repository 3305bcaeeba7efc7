"""`rounds serve` and the rest of the command line: whatever is missing is a sentence that says what to set."""

from __future__ import annotations

import logging

import pytest
import typer

from bot.cli import app
from bot.config.settings import SECRETS, load_settings, slack_by_http
from storage.opening import FileLock, sqlite_url

CONFIGURATION = 'channel: "#operations"\nchecks: {disk: {kind: disk, path: /}}\n'


@pytest.fixture(autouse=True)
def _logging_as_before():
    """`rounds` logs to standard error; the next test wants pytest's own handlers again."""
    before, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = before
    logging.root.setLevel(level)


@pytest.fixture
def serve(rounds, tmp_path, monkeypatch):
    """`rounds serve` with everything that it needs, but what the test takes away."""
    (tmp_path / "rounds.yml").write_text(CONFIGURATION, encoding="utf-8")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_API_BASE_URL", "http://127.0.0.1:1/api/")
    monkeypatch.setenv("DATABASE_URL", sqlite_url(tmp_path / "ledger.db"))
    monkeypatch.setenv("ROUNDS_ADMIN_LISTEN", "127.0.0.1:0")
    return lambda *words, code: rounds("serve", *words, code=code)


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (["SLACK_BOT_TOKEN"], "SLACK_BOT_TOKEN not set"),
        (["SLACK_APP_TOKEN"], "SLACK_APP_TOKEN not set"),
        (["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"], "SLACK_BOT_TOKEN and SLACK_APP_TOKEN not set"),
    ],
)
def test_without_tokens_it_says_where_they_come_from_and_what_needs_none(serve, monkeypatch, missing, named):
    for name in missing:
        monkeypatch.delenv(name)
    told = serve(code=2).stderr
    assert named in told
    assert "manifest.yml" in told
    assert "rounds demo" in told


HTTP = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "a signing secret", "ROUNDS_PUBLIC_LISTEN": "127.0.0.1:8919"}


@pytest.mark.parametrize(
    ("given", "by_http"),
    [
        ({}, False),
        ({"SLACK_SIGNING_SECRET": "s", "ROUNDS_PUBLIC_LISTEN": "127.0.0.1:8919"}, False),
        (HTTP, True),
    ],
)
def test_the_app_level_token_decides_how_slack_comes(given, by_http):
    settings = load_settings({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"} | given)
    assert (settings.app_token == "") is by_http
    assert slack_by_http({"SLACK_APP_TOKEN": "xapp-1"} | given) is by_http


def test_a_secret_for_http_without_a_place_to_listen_is_half_of_it(serve, monkeypatch):
    for name, value in (HTTP | {"ROUNDS_PUBLIC_LISTEN": ""}).items():
        monkeypatch.setenv(name, value)
    assert "nothing listens: set ROUNDS_PUBLIC_LISTEN" in serve(code=2).stderr


def test_the_secrets_of_the_environment_are_never_shown():
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "ROUNDS_PING_SECRET": "0123456789abcdef"} | HTTP
    assert {given[name] for name in SECRETS if given.get(name)} <= set(load_settings(given).secrets)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "SLACK_BOT_TOKEN must be a bot token, which begins with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "SLACK_APP_TOKEN must be an app-level token, which begins with xapp-"),
        ("SLACK_API_BASE_URL", "slack.com/api", "must begin with http:// or https://"),
        ("DATABASE_URL", "mysql://a@b/c", "expected sqlite:///path/rounds.db or postgresql://"),
        ("DATABASE_URL", "postgresql://rounds:geheim@127.0.0.1:1/rounds", "the database cannot be used"),
        ("ROUNDS_ADMIN_LISTEN", "everywhere", "ROUNDS_ADMIN_LISTEN must be an address such as 127.0.0.1:8918"),
        ("ROUNDS_ADMIN_LISTEN", "127.0.0.1:http", "ROUNDS_ADMIN_LISTEN must be an address such as 127.0.0.1:8918"),
        ("ROUNDS_ADMIN_LISTEN", "127.0.0.1:99999", "ROUNDS_ADMIN_LISTEN must be an address such as 127.0.0.1:8918"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_what_was_expected(serve, monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    told = serve(code=2)
    assert sentence in told.stderr
    assert "Traceback" not in told.output
    assert "geheim" not in told.output


def test_a_level_of_the_log_that_is_none_is_told(serve):
    assert "expected DEBUG, INFO, WARNING or ERROR" in serve("--log-level", "loud", code=2).stderr


def test_a_second_rounds_on_the_same_ledger_is_refused(serve, tmp_path):
    lock = FileLock(tmp_path / "ledger.db.lock")
    try:
        assert "Another Rounds works on" in serve(code=2).stderr
    finally:
        lock.release()


def test_a_file_that_is_no_ledger_is_told(serve, tmp_path):
    (tmp_path / "ledger.db").write_text("not a database at all, but long enough to be read as the header" * 20)
    told = serve(code=2)
    assert "the database cannot be used" in told.stderr
    assert "Traceback" not in told.output


def test_health_says_that_nobody_answers(rounds, monkeypatch):
    monkeypatch.setenv("ROUNDS_ADMIN_LISTEN", "127.0.0.1:1")
    assert "no Rounds answers at 127.0.0.1:1" in rounds("health", code=1).stderr


def test_health_says_that_its_address_is_none(rounds, monkeypatch):
    monkeypatch.setenv("ROUNDS_ADMIN_LISTEN", "everywhere")
    assert "ROUNDS_ADMIN_LISTEN must be an address" in rounds("health", code=1).stderr


COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_the_commands_are_those_of_the_readme(rounds):
    told = rounds("--help").stdout
    assert {"demo", "serve", "run", "check-config", "health"} <= set(COMMANDS)
    assert all(name in told for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_describes_its_options(rounds, command):
    told = rounds(command, "--help").stdout
    assert f"rounds {command}" in told or command in told
    described = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    assert described.help
    for parameter in described.params:
        assert getattr(parameter, "help", None), f"{parameter.name} is not described"


def test_a_command_that_is_none_is_refused(rounds):
    assert "No such command" in rounds("nonsense", code=2).stderr


def test_without_words_it_shows_what_there_is(rounds):
    assert "check-config" in rounds(code=2).output
