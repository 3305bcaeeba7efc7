"""What `rounds serve` writes to its log, for people and for programs; without secrets."""

from __future__ import annotations

import json
import logging

import pytest

from bot.cli.log_lines import log_to_stderr
from bot.config.settings import BadSettings, logs_json

SECRET = "geheim-geheim"
log = logging.getLogger("bot.test")


@pytest.fixture
def written(capsys):
    """Does something, and returns the lines of what it logged as JSON."""

    def of(work):
        log_to_stderr([SECRET], as_json=True)
        work()
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return of


def _break():
    raise ValueError(f"the door is {SECRET}")


def test_a_record_is_one_object_with_its_ids(written):
    (line,) = written(lambda: log.info("escalated to %s", "ben", extra={"incident": 12, "run": None}))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "bot.test",
        "message": "escalated to ben",
        "incident": 12,
        "run": None,
    }


def test_a_traceback_is_in_its_object_without_secrets(written):
    def work():
        try:
            _break()
        except ValueError:
            extra = {"check": f"door {SECRET}", "deep": {"password": "abcdefgh1"}}
            log.exception("it broke with %s", SECRET, extra=extra)

    (line,) = written(work)
    assert line["message"] == "it broke with «masked»"
    assert line["traceback"].startswith("Traceback (most recent call last):")
    assert line["traceback"].endswith("ValueError: the door is «masked»")
    assert SECRET not in json.dumps(line, ensure_ascii=False)
    assert line["deep"] == {"password": "«masked»"}


def test_a_secret_does_not_hide_behind_the_escapes_of_json(capsys):
    odd = 'pa"ss\\wörd\n1'
    log_to_stderr([odd], as_json=True)
    log.warning("it is %s", odd)
    assert json.loads(capsys.readouterr().err)["message"] == "it is «masked»"


def test_hostile_text_stays_on_its_line(written):
    (line,) = written(lambda: log.info('a\nb\u2028c"}', extra={"say": "\x1b[2J\n{}"}))
    assert line["message"] == 'a\nb\u2028c"}'
    assert line["say"] == "\x1b[2J\n{}"


def test_what_json_does_not_know_is_written_as_text_without_secrets(written):
    (line,) = written(lambda: log.info("odd", extra={"thing": ValueError(SECRET), "level": "mine"}))
    assert (line["thing"], line["level"], line["level_"]) == ("«masked»", "INFO", "mine")


def test_a_stack_is_told_without_secrets(written):
    (line,) = written(lambda: log.info("here", stack_info=True))
    assert line["traceback"].startswith("Stack (most recent call last):")


def test_lines_for_people_have_their_ids_before_the_traceback(capsys):
    log_to_stderr([SECRET])
    try:
        _break()
    except ValueError:
        log.exception("it broke", extra={"run": 7})
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.endswith("ERROR   bot.test: it broke run=7")
    assert rest[-1] == "ValueError: the door is «masked»"


def test_how_logs_are_written_is_chosen_in_the_environment():
    assert not logs_json({})
    assert not logs_json({"ROUNDS_LOG": "text"})
    assert logs_json({"ROUNDS_LOG": "json"})
    with pytest.raises(BadSettings, match="ROUNDS_LOG must be text or json; it is 'xml'"):
        logs_json({"ROUNDS_LOG": "xml"})
