"""From a valid file to the domain: days off, policies, severities, rhythms, and what a new file changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.config.configuration import SHARD, Configuration
from bot.config.differences import differences
from bot.config.load import load, parse
from bot.config.problems import ConfigError
from bot.domain.escalation import Policy, PolicyStep
from bot.domain.runs import Overdue, Post, Trigger, Wanted
from bot.domain.watching import Damping
from checks import Outcome

HEAD = 'timezone: UTC\nchannel: "#ops"\n'
DISK = "checks:\n  disk: {kind: disk, path: /}\n"
TEAM = "escalations:\n  team:\n    - {after: 0m, notify: ['user:ann']}\n    - {after: 15m, notify: ['usergroup:sre']}\n"


def built(text: str) -> Configuration:
    return parse(HEAD + text)


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        built(text)
    return str(error.value)


def checklist(fields: str) -> str:
    return DISK + "checklists:\n  morning: {" + fields + ", items: [disk]}\n"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due_days(configuration: Configuration, begin: str, count: int) -> list[str]:
    """The local days of the next slots."""
    slots = configuration.planned["morning"].schedule.between(utc(begin), utc(begin) + timedelta(days=400), count)
    return [slot.key[:10] for slot in slots]


# --- checks


def test_a_check_without_more_has_the_channel_of_record_and_two_results_of_patience():
    check = built(DISK).checks["disk"]
    assert (check.title, check.channel, check.policy, check.every) == ("disk", "#ops", None, None)
    assert (check.damping, check.timeout, dict(check.within)) == (Damping(2, 2), timedelta(seconds=10), {})
    assert check.rules.levels


def test_a_checks_envelope_is_its_own():
    check = built(
        "checks:\n  disk: {kind: disk, path: /, title: Root, every: 1m, timeout: 3s, open_after: 3, close_after: 5m,\n"
        "    channel: '#disks', labels: {team: base}, warning: off, critical: used_percent > 97}\n"
    ).checks["disk"]
    assert (check.title, check.every, check.timeout) == ("Root", timedelta(minutes=1), timedelta(seconds=3))
    assert check.damping == Damping(3, timedelta(minutes=5))
    assert (check.channel, dict(check.labels)) == ("#disks", {"team": "base"})
    assert check.rules.warning is None
    assert check.rules.critical.source == "used_percent > 97"


def test_a_level_that_is_given_replaces_that_level_alone():
    default = built(DISK).checks["disk"].rules
    changed = built("checks:\n  disk: {kind: disk, path: /, critical: used_percent > 97}\n").checks["disk"].rules
    assert changed.critical.source == "used_percent > 97"
    assert (changed.warning, changed.info) == (default.warning, default.info)


# --- policies and severities


def test_a_policy_keeps_its_steps_in_order():
    steps = (PolicyStep(timedelta(0), ("user:ann",)), PolicyStep(timedelta(minutes=15), ("usergroup:sre",)))
    assert dict(built(DISK + TEAM).policies) == {"team": Policy("team", steps)}


def test_the_only_policy_is_everybodys():
    configuration = built(checklist("overdue: escalate, due_in: 30m") + TEAM)
    assert configuration.checks["disk"].policy.name == "team"
    assert configuration.checklists["morning"].policy == "team"


def test_of_several_policies_one_has_to_be_named():
    two = TEAM + "  others: [{after: 5m, notify: ['user:ben']}]\n"
    assert built(DISK + two).checks["disk"].policy is None
    named = DISK.replace("path: /", "path: /, escalation: others")
    assert built(named + two).checks["disk"].policy.name == "others"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(DISK.replace("/}", "/, escalation: taem}") + TEAM, "did you mean team?", id="a policy misspelt"),
        pytest.param(DISK + TEAM.replace("15m", "0m"), "must be later than the step before", id="steps at one moment"),
        pytest.param(DISK + "escalations: {team: []}\n", "has no step", id="a policy without steps"),
        pytest.param(DISK + TEAM.replace("user:ann", "ann"), "expected user:NAME", id="a step for nobody"),
    ],
)
def test_a_policy_that_could_call_nobody_is_refused(text, sentence):
    assert sentence in refused(text)


def test_severities_say_how_soon_somebody_must_have_an_incident():
    text = "severities:\n  critical: {acknowledge_within: 5m}\n  warning: {acknowledge_within: 1h}\n"
    configuration = built(DISK + text)
    expected = {Outcome.CRITICAL: timedelta(minutes=5), Outcome.WARNING: timedelta(hours=1)}
    assert dict(configuration.within) == expected
    assert dict(configuration.checks["disk"].watched.within) == expected


# --- checklists

WHOLE = """
checks:
  disk: {kind: disk, path: /, title: Root disk}
checklists:
  morning:
    title: Morning
    schedule: weekdays at 09:00
    timezone: Europe/Amsterdam
    channel: "#own"
    due_in: 30m
    overdue: escalate
    post: changes
    at_start: true
    items:
      - {check: disk, link: "https://example.org/disk", how: Empty the trash.}
      - section: By hand
      - {manual: Look at the dashboard, how: For red., link: "https://example.org", owner: "user:ann", evidence: note}
      - {manual: Look at the dashboard, id: again}
      - section: More
      - {manual: "!?"}
"""


def test_a_checklist_is_understood_as_a_whole():
    configuration = built(WHOLE)
    morning = configuration.checklists["morning"]
    assert (morning.title, morning.channel, morning.post) == ("Morning", "#own", Post.CHANGES)
    assert (morning.due_in, morning.overdue) == (timedelta(minutes=30), Overdue.ESCALATE)
    assert configuration.at_start == ("morning",)
    assert configuration.planned["morning"].trigger is Trigger.SCHEDULE
    assert [item.id for item in morning.items] == ["disk", "look-at-the-dashboard", "again", "item"]
    assert [item.section for item in morning.items] == [None, "By hand", "By hand", "More"]
    assert (morning.items[0].how, morning.items[0].link) == ("Empty the trash.", "https://example.org/disk")
    dashboard = morning.items[1]
    assert (dashboard.how, dashboard.link, dashboard.owner) == ("For red.", "https://example.org", "user:ann")
    assert (dashboard.evidence, dashboard.check, morning.items[0].text) == (Wanted.NOTE, None, "Root disk")


def test_a_checklists_times_are_those_of_its_own_zone():
    slot = built(WHOLE).planned["morning"].schedule.next_after(utc("2026-03-02T00:00"))
    assert (slot.key, slot.due) == ("2026-03-02T09:00", utc("2026-03-02T08:00"))


def test_a_checklist_without_a_schedule_is_run_by_hand_only():
    configuration = built(checklist("title: Morning"))
    assert dict(configuration.planned) == {}
    assert configuration.runnable("morning").title == "Morning"


def test_one_check_can_be_run_by_itself_and_nothing_else():
    configuration = built(DISK)
    assert configuration.runnable("disk").checks == configuration.runnable("check:disk").checks == ("disk",)
    assert configuration.runnable("dsik") is None


# --- days off


@pytest.mark.parametrize(
    ("given", "days"),
    [
        pytest.param("'2026-12-25'", ["2026-12-24", "2026-12-26"], id="one date"),
        pytest.param("['2026-12-25', '2026-12-26']", ["2026-12-24", "2026-12-27"], id="several dates"),
        pytest.param("2026-12-25", ["2026-12-24", "2026-12-26"], id="a date without quotes"),
        pytest.param("[]", ["2026-12-24", "2026-12-25"], id="none"),
    ],
)
@pytest.mark.parametrize("when", ["schedule: every day at 09:00", "cron: 0 9 * * *"])
def test_days_off_have_no_run(given, days, when):
    assert due_days(built(checklist(f"{when}, except: {given}")), "2026-12-24T00:00", 2) == days


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Rounds//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20261225
DTEND;VALUE=DATE:20261227
SUMMARY:Christmas
END:VEVENT
END:VCALENDAR
"""


def with_calendar(folder: Path, calendar: bytes | None, given: str) -> Path:
    path = folder / "rounds.yml"
    path.write_text(HEAD + checklist(f"schedule: every day at 09:00, except: {given}"))
    if calendar is not None:
        (folder / "holidays.ics").write_bytes(calendar)
    return path


@pytest.mark.parametrize(
    ("given", "days"),
    [
        pytest.param("holidays.ics", ["2026-12-24", "2026-12-27"], id="an iCalendar file beside it"),
        pytest.param("[holidays.ics, '2026-12-27']", ["2026-12-24", "2026-12-28"], id="a file and a date"),
    ],
)
def test_days_off_may_come_from_a_calendar(tmp_path, given, days):
    path = with_calendar(tmp_path, CALENDAR.replace("\n", "\r\n").encode(), given)
    assert due_days(load(path, environment={}), "2026-12-24T00:00", 2) == days


@pytest.mark.parametrize(
    ("calendar", "given", "sentence"),
    [
        pytest.param(None, "holidays.ics", "and as a file it does not exist", id="a file that is not there"),
        pytest.param(b"\xff\xfe", "holidays.ics", "is not UTF-8 text", id="a file that is no text"),
        pytest.param(b"nonsense", "holidays.ics", "holidays.ics: ", id="a file that is no calendar"),
        pytest.param(None, "'2026-02-30'", "is no date", id="a day that does not exist"),
        pytest.param(None, '""', "is no date", id="nothing"),
        pytest.param(None, '"a\\0b"', "is no date", id="an impossible name"),
    ],
)
def test_days_off_that_cannot_be_told_are_a_mistake_at_their_line(tmp_path, calendar, given, sentence):
    with pytest.raises(ConfigError) as error:
        load(with_calendar(tmp_path, calendar, given), environment={})
    assert "rounds.yml:6: checklists.morning.except" in str(error.value)
    assert sentence in str(error.value)


def test_a_rhythm_has_no_days_off():
    assert "a rhythm has no days" in refused(checklist("every: 1h, except: '2026-12-25'"))


def test_days_off_are_part_of_what_a_schedule_is():
    specs = {
        built(checklist(f"schedule: every day at 09:00, except: {given}")).planned["morning"].spec
        for given in ("[]", "'2026-12-25'", "['2026-12-25', '2026-12-26']")
    }
    assert len(specs) == 3
    assert (
        date(2026, 12, 25)
        in built(checklist("schedule: every day at 09:00, except: '2026-12-25'")).planned["morning"].schedule.exceptions
    )


# --- rhythms


def checks_every(count: int, length: str = "1m", prefix: str = "c") -> str:
    return "".join(f"  {prefix}{n}: {{kind: disk, path: /, every: {length}}}\n" for n in range(count))


def shards(configuration: Configuration) -> dict[str, str]:
    """Each check's shard."""
    return {
        item.check: planned.name
        for planned in configuration.planned.values()
        if planned.trigger is Trigger.RHYTHM
        for item in planned.checklist.items
    }


@pytest.mark.parametrize("count", [1, 49, 50, 51, 100, 101, 400])
def test_checks_with_a_rhythm_are_looked_at_in_shards_of_at_most_fifty_and_each_once(count):
    configuration = built("checks:\n" + checks_every(count))
    sizes = [len(planned.checklist.items) for planned in configuration.planned.values()]
    assert max(sizes) <= SHARD == 50
    assert sum(sizes) == count
    assert len(shards(configuration)) == count


def test_fifty_checks_need_one_shard():
    assert len(built("checks:\n" + checks_every(50)).planned) == 1


def test_shards_are_no_smaller_than_they_have_to_be():
    # Each has an overhead of its own; half full on average is what splitting costs.
    assert len(built("checks:\n" + checks_every(400)).planned) <= 2 * 400 / SHARD


def test_each_rhythm_has_shards_of_its_own():
    configuration = built("checks:\n" + checks_every(3) + checks_every(2, "5m", "d"))
    assert sorted(len(planned.checklist.items) for planned in configuration.planned.values()) == [2, 3]


@pytest.mark.parametrize("count", [10, 60, 120, 150, 200, 250])
def test_adding_a_check_moves_no_other_or_only_those_of_the_shard_that_it_fills(count):
    before = shards(built("checks:\n" + checks_every(count)))
    after = shards(built("checks:\n" + checks_every(count) + "  new: {kind: disk, path: /, every: 1m}\n"))
    moved = {name for name, shard in before.items() if after[name] != shard}
    assert len(moved) <= SHARD
    assert len({before[name] for name in moved}) <= 1


def test_a_hundred_checks_added_one_by_one_hardly_ever_move_another():
    known = shards(built("checks:\n" + checks_every(100)))
    moves = 0
    for count in range(101, 201):
        following = shards(built("checks:\n" + checks_every(count)))
        moves += sum(following[name] != shard for name, shard in known.items())
        known = following
    assert moves <= 4 * SHARD


def test_the_order_in_the_file_does_not_matter():
    lines = checks_every(120).splitlines(keepends=True)
    assert shards(built("checks:\n" + "".join(lines))) == shards(built("checks:\n" + "".join(reversed(lines))))


# --- what changed

CHANGES = [
    pytest.param(lambda text: text, [], id="nothing"),
    pytest.param(lambda text: "# a comment\n" + text, [], id="a comment"),
    pytest.param(
        lambda text: text.replace("path: /}", "path: /srv}"),
        ["changed: check disk (path)"],
        id="a parameter of a check",
    ),
    pytest.param(
        lambda text: text.replace("path: /}", "path: /, critical: used_percent > 99}"),
        ["changed: check disk (critical)"],
        id="a rule",
    ),
    pytest.param(
        lambda text: text.replace("kind: disk, path: /}", "kind: memory}"),
        ["changed: check disk (kind)"],
        id="a kind",
    ),
    pytest.param(
        lambda text: text.replace("path: /}", "path: /, open_after: 3, every: 5m, labels: {a: b}, channel: C1}"),
        ["changed: check disk (open_after, channel, every and labels)"],
        id="what is around a check",
    ),
    pytest.param(
        lambda text: text.replace("items:", "title: Mornings, items:"),
        ["changed: checklist morning (title)"],
        id="a checklist",
    ),
    pytest.param(
        lambda text: text.replace("  disk:", "  one: {kind: disk, path: /}\n  two: {kind: disk, path: /}\n  disk:"),
        ["new: checks one and two"],
        id="new checks",
    ),
    pytest.param(
        lambda text: text.replace("09:00", "10:00"), ["changed: checklist morning (schedule)"], id="a schedule"
    ),
    pytest.param(
        lambda text: text.replace("09:00", "09:00, except: '2026-12-25'"),
        ["changed: checklist morning (schedule)"],
        id="a day off",
    ),
    pytest.param(
        lambda text: text.replace("09:00", "09:00, timezone: Asia/Tokyo"),
        ["changed: checklist morning (schedule)"],
        id="a zone",
    ),
    pytest.param(
        lambda text: text.replace("morning:", "evening:"),
        ["new: checklist evening", "gone: checklist morning"],
        id="a new name",
    ),
    pytest.param(lambda text: text + "people: {ann: U1, ben: U2}\n", ["new: people ann and ben"], id="people"),
    pytest.param(
        lambda text: text + "severities: {critical: {acknowledge_within: 5m}}\n",
        ["changed: check disk (acknowledge_within)", "changed: how soon severities want somebody"],
        id="a severity's deadline",
    ),
    pytest.param(
        lambda text: text.replace("09:00", "09:00, at_start: true"), ["changed: what runs at start"], id="at start"
    ),
]
PLAIN = checklist("schedule: every day at 09:00")


@pytest.mark.parametrize(("change", "sentences"), CHANGES)
def test_what_a_new_file_changes_is_said_in_sentences(change, sentences):
    assert differences(built(PLAIN), built(change(PLAIN))) == sentences


def test_a_new_channel_is_said_with_both_names():
    other = parse(HEAD.replace("#ops", "#other") + PLAIN)
    assert "changed: channel, #ops → #other" in differences(built(PLAIN), other)


def test_many_names_are_not_all_said():
    (sentence,) = differences(built(DISK), built(DISK + checks_every(60, "1m")))
    assert sentence.startswith("new: 60 checks") or "more" in sentence
    assert len(sentence) < 200


def test_going_back_says_the_opposite():
    more = built(PLAIN + TEAM)
    fewer = replace(more, policies={})
    assert differences(more, fewer) == ["gone: escalation policy team"]
    assert differences(fewer, more) == ["new: escalation policy team"]


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("checks:\n  a: {kind: disk, path: /}", "checks.a", "in no checklist and has no `every:`"),
        (
            "checks:\n  a: {kind: disk, path: /, every: 5m, warning: used_percent > 95}",
            "checks.a.warning",
            'never seen: whenever it is true, critical is as well ("used_percent > 90")',
        ),
        (
            "checks:\n  a: {kind: disk, path: /, every: 5m, info: used_percent > 96, warning: off}",
            "checks.a.info",
            "is never seen",
        ),
        (
            "checklists:\n  m: {timezone: MST, items: [{manual: Look}]}",
            "checklists.m.timezone",
            "MST has no summer time",
        ),
    ],
)
def test_what_may_be_meant_but_hardly_is_gets_a_warning(text, place, sentence):
    (warning,) = built(text).warnings
    assert warning.field == place
    assert sentence in warning.sentence


@pytest.mark.parametrize(
    "text",
    [
        "checks:\n  a: {kind: disk, path: /, every: 5m}",
        "checks:\n  a: {kind: heartbeat, expect: 1h}",
        "checks:\n  a: {kind: disk, path: /, every: 5m, critical: used_percent > 70}",
        "checks:\n  a: {kind: disk, path: /, every: 5m, warning: off, info: used_percent > 80}",
        "checklists:\n  m: {items: [{manual: Look}]}",
    ],
)
def test_what_is_plainly_meant_gets_none(text):
    assert built(text).warnings == ()


def test_a_zone_that_hardly_anybody_lives_in_gets_a_warning():
    (warning,) = parse("timezone: EST\nchannel: '#c'\nchecklists: {m: {items: [{manual: Look}]}}").warnings
    assert (warning.line, warning.field) == (1, "timezone")
    assert "America/New_York" in warning.sentence
