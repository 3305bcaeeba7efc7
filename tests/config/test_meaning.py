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


def test_an_entry_that_yaml_takes_for_the_end_of_a_text_is_told():
    items = "\n      - manual: Read\n          the tickets\n          - disk\n      - disk\n"
    (warning,) = parse(f"{PLAIN}checklists:\n  m:\n    items:{items}").warnings
    assert str(warning).startswith("rounds.yml:10: checklists.m.items.0.manual: YAML takes `- disk` for the end of")


def test_an_item_keeps_its_name_when_its_text_changes_if_it_has_one():
    text = PLAIN + "checklists:\n  m: {items: [{manual: Look, id: look}, {manual: Ü, id: u}, {manual: Ü}]}\n"
    assert [item.id for item in parse(text).checklists["m"].items] == ["look", "u", "item"]


@pytest.mark.parametrize(
    ("items", "told"),
    [("disk, disk", "name each item once$"), ("{manual: A}, {manual: A!}", "once, or give it an `id:`$")],
)
def test_an_item_that_is_there_twice_is_told_what_it_can_do(items, told):
    with pytest.raises(ConfigError, match=f"(?m){told}"):
        parse(f"{PLAIN}checklists:\n  m: {{items: [{items}]}}\n")


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


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        pytest.param("{kind: files, path: /srv/*, warning: count < 0}", "count is never below 0", id="a count"),
        pytest.param("{kind: command, argv: ['true'], critical: exit_code > 255}", "between 0 and 255", id="a code"),
        pytest.param("{kind: http, url: 'http://a.test/', critical: status < 100}", "between 100 and", id="a status"),
        pytest.param("{kind: log, path: /a, patterns: {slow: s}, info: slow >= 0}", "is always true", id="own pattern"),
    ],
)
def test_a_rule_outside_of_what_a_metric_can_be_is_doubted(check, sentence):
    (warning,) = [str(one) for one in parse(f"{PLAIN}  other: {check}\n").warnings if "true" in str(one)]
    assert sentence in warning


@pytest.mark.parametrize(
    ("argv", "doubted"),
    [
        ("[docker, logs, web, '|', grep, ERROR]", "'|'"),
        ("[/opt/job, '2>&1']", "'2>&1'"),
        ("[cut, -d, '|', /a]", None),
        ("[find, /, -exec, ls, ';']", None),
    ],
)
def test_what_only_a_shell_would_understand_is_doubted(argv, doubted):
    told = [str(one) for one in parse(f"{PLAIN}  job: {{kind: command, argv: {argv}, every: 5m}}\n").warnings]
    assert [f"no shell reads {doubted} here" in one for one in told if "argv" in one] == ([True] if doubted else [])


def test_a_rule_about_a_certificate_that_cannot_be_there_says_where_it_could():
    with pytest.raises(ConfigError, match=r'"certificate_days" at .*; only an address with https:// has it'):
        parse(PLAIN + "  web: {kind: http, url: 'http://a.test/', warning: certificate_days < 5}\n")


TWO = """\
timezone: UTC
channel: "#operations"
checks:
  disk: {kind: disk, path: /}
  quiet: {kind: disk, path: /tmp, escalation: off}
  web: {kind: tcp, host: a.test, port: 80, escalation: day}
checklists:
  m: {items: [disk, quiet, web]}
escalations:
  day: [{after: 0m, notify: ["user:ann"]}]
"""
NIGHT = '  night: [{after: 0m, notify: ["user:ben"]}]\n'


def test_a_second_policy_does_not_leave_the_checks_of_the_first_without_anybody_and_silently():
    one, two = parse(TWO), parse(TWO + NIGHT)
    called = {name: check.policy and check.policy.name for name, check in one.checks.items()}
    assert called == {"disk": "day", "quiet": None, "web": "day"}
    assert one.warnings == ()
    (warning,) = two.warnings
    assert (warning.line, warning.field) == (9, "escalations")
    assert "nobody is called for disk; give each check `escalation:` with `day` or `night`, or `off`" in str(warning)
    assert two.checks["disk"].policy is None


@pytest.mark.parametrize(
    ("checklist", "sentences"),
    [
        pytest.param("items: [disk], due_in: 1h", ["due_in: has no effect: this checklist has no manual"], id="nobody"),
        pytest.param(
            "items: [{manual: A}], overdue: escalate", ["overdue: has no effect without `due_in:`"], id="ever"
        ),
        pytest.param(
            "items: [{manual: A}], due_in: 1h, overdue: escalate",
            ["overdue: calls nobody, because no escalation policy is meant; name one"],
            id="nobody to call",
        ),
        pytest.param("items: [{manual: A}], due_in: 1h", [], id="reminded"),
        pytest.param("items: [{manual: A}], due_in: 1h, overdue: remind", [], id="reminded by name"),
    ],
)
def test_what_has_no_effect_on_an_overdue_run_is_doubted(checklist, sentences):
    told = [str(one) for one in parse(f"{PLAIN}checklists:\n  m: {{{checklist}}}\n").warnings if "m." in str(one)]
    assert len(told) == len(sentences)
    assert all(sentence in one for sentence, one in zip(sentences, told, strict=True))


def test_a_word_that_was_not_expected_is_told_as_it_was_written():
    with pytest.raises(ConfigError, match="verify: 'true' is none of gzip or tar"):
        parse(PLAIN + "  backup: {kind: files, path: /srv/*, verify: true}\n")
