"""`rounds check-config`."""

from __future__ import annotations

import pytest

GOOD = """
channel: "#operations"
timezone: Europe/Amsterdam
checks:
  root-disk: {kind: disk, path: /}
  memory: {kind: memory, every: 5m}
checklists:
  morning:
    title: Morning health check
    schedule: weekdays at 09:00
    items: [root-disk, memory]
  by-hand: {items: [memory]}
"""


@pytest.fixture
def check(rounds, tmp_path):
    def call(text, *more, code=0):
        (tmp_path / "rounds.yml").write_text(text)
        return rounds("check-config", *more, code=code)

    return call


def test_a_good_file_shows_when_each_checklist_is_due(check):
    told = check(GOOD).stdout
    assert "rounds.yml: 2 checks, 2 checklists, no mistakes." in told
    assert "weekdays at 09:00" in told
    assert told.count(" 09:00:00") == 3
    assert "next (Europe/Amsterdam)" in told
    assert "by hand: rounds run by-hand" in told
    assert "1 check with a rhythm of its own" in told


def test_the_file_may_be_named_with_or_without_an_option(check, rounds, tmp_path):
    check(GOOD)
    (tmp_path / "other.yml").write_text(GOOD.replace("/}", "/, warning: used > 3}"))
    for named in (["other.yml"], ["--config", "other.yml"]):
        assert "other.yml:5: checks.root-disk.warning" in rounds("check-config", *named, code=3).stderr
    assert "leave one of the two out" in rounds("check-config", "rounds.yml", "-c", "other.yml", code=2).stderr


def test_a_wrong_rule_is_told_beside_a_wrong_parameter_whatever_the_kind(check):
    told = check(
        """
channel: "#operations"
checks:
  web: {kind: http, url: localhost, critical: status = 200}
  old: {kind: files, path: "*.gz", warning: newest_age_s > 1d}
  app: {kind: log, path: app.log, patterns: {slow: slow}, warning: slow > 3, critical: true}
""",
        code=3,
    ).stderr
    for name, field, line in (("web", "url", 4), ("old", "path", 5), ("app", "path", 6)):
        assert f"rounds.yml:{line}: checks.{name}.{field}:" in told
    assert 'rounds.yml:4: checks.web.critical: "=" at character 8 is not CEL; write ==' in told
    assert 'rounds.yml:5: checks.old.warning: "1d" is not a number' in told
    assert "rounds.yml:6: checks.app.critical: must be a rule" in told
    assert "6 mistakes" in told


def test_every_mistake_is_told_at_once_whichever_part_finds_it(check):
    told = check(
        """
channel: "#operations"
checkz: {}
timezone: Europe/Amsterdm
checks:
  a: {kind: dsk, path: /}
  b: {kind: disk, pat: /, warning: used_percnt > 3}
checklists:
  m: {schedule: wekdays at 9:00, items: [a, bb, {manual: x, evidence: nope}], post: alwys}
escalations:
  x: [{after: 5m, notify: ["usr:ben"]}]
severities:
  critcal: {acknowledge_within: 5m}
""",
        code=3,
    ).stderr
    for line, field, meant in (
        (3, "checkz", "checks"),
        (4, "timezone", "Europe/Amsterdam"),
        (6, "checks.a.kind", "disk"),
        (7, "checks.b.pat", "path"),
        (7, "checks.b.warning", "used_percent"),
        (9, "checklists.m.post", "always"),
        (9, "checklists.m.schedule", "weekdays"),
        (9, "checklists.m.items.1", "b"),
        (9, "checklists.m.items.2.evidence", "note"),
        (11, "escalations.x.0.notify.0", "user"),
        (13, "severities.critcal", "critical"),
    ):
        (sentence,) = [one for one in told.splitlines() if one.startswith(f"rounds.yml:{line}: {field}:")]
        assert f"did you mean {meant}?" in sentence
    assert "rounds.yml: 11 mistakes; nothing was started." in told


def test_a_mistake_in_one_part_makes_no_false_ones_elsewhere(check):
    told = check(
        GOOD.replace("root-disk: {kind: disk, path: /}", "root-disk: {kind: disk, path: 5}")
        + "escalations: {climb: [{after: soon, notify: ['user:ann']}]}\n",
        code=3,
    ).stderr
    assert told.count("rounds.yml:") == 3
    assert "rounds.yml: 2 mistakes" in told


def test_what_is_probably_not_meant_is_a_warning(check):
    told = check(GOOD.replace("path: /}", "path: /, critical: used_percent > 120}")).stdout
    assert "warning: rounds.yml:5: checks.root-disk.critical:" in told
    assert "can never be true" in told
    assert "no mistakes, 1 warning." in told


def test_a_variable_that_is_not_set_may_be_missing_in_ci(check):
    text = GOOD.replace("path: /}", "path: /, title: '${ROUNDS_NOT_SET}'}")
    assert "rounds.yml:5: checks.root-disk.title: ${ROUNDS_NOT_SET} is not set" in check(text, code=3).stderr
    check(text, "--allow-missing")


MISSING = """
channel: "${{NOT_SET}}"
people: {{ann: "file:/nowhere/at/all"}}
checks:
  shop: {{kind: http, url: "${{NOT_SET}}", every: 5m}}
  slow: {{kind: http, url: https://127.0.0.1/, timeout: "${{NOT_SET}}", every: {every}}}
checklists: {{morning: {{schedule: "${{NOT_SET}}", items: [shop, slow]}}}}
"""


def test_where_nothing_may_be_empty_what_is_missing_in_ci_is_no_mistake_either_but_said(check):
    told = check(MISSING.format(every="5m"), "--allow-missing").stdout
    for field in ("2: channel", "5: checks.shop.url", "6: checks.slow.timeout", "7: checklists.morning.schedule"):
        assert f"warning: rounds.yml:{field}: cannot be judged here, as what it is filled in from is missing" in told


def test_what_is_missing_in_ci_hides_no_mistake(check):
    told = check(MISSING.format(every="never"), "--allow-missing", code=3).stderr
    assert told.splitlines()[0].startswith("rounds.yml:6: checks.slow.every: ")
    assert "1 mistake;" in told


def test_no_file_at_all_says_how_to_get_one(rounds):
    assert "or write one with `rounds new`" in rounds("check-config", code=3).stderr
