"""`rounds why`: what is so, and why; what is not so, and why not."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot.domain import slot_story
from bot.domain.notifications import ChannelUnusable, NotDelivered
from bot.domain.runs import Trigger
from bot.engine.ticker import start_run
from checks import Outcome
from tests.story import Story

CONFIGURATION = """
timezone: UTC
channel: "#operations"
checks:
  api-live: {kind: disk, path: /, every: 1m, escalation: team}
  slow: {kind: disk, path: /, every: 1m, open_after: 15m}
  fine: {kind: disk, path: /}
checklists:
  morning:
    schedule: every day at 09:00
    items:
      - fine
      - {manual: Water the plants, id: plants}
  quiet: {schedule: every day at 09:30, post: problems, items: [fine]}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 15m, notify: ["user:ben"]}
"""

SELDOM = CONFIGURATION.replace("timezone: UTC\n", "").replace("every: 1m", "every: 6h")
"""For stories of days."""


@pytest.fixture
async def story(tmp_path, database_url, monkeypatch):
    """A team's Rounds that goes on while `rounds why` is asked, on both databases; its file is in this folder."""
    async with Story.begin(tmp_path, database_url) as story:
        await story.configured(CONFIGURATION.replace("timezone: UTC\n", ""))
        (tmp_path / "rounds.yml").write_text(CONFIGURATION)
        yield story


@pytest.fixture
def why(rounds, story, monkeypatch):
    """What `rounds why` answers, beside the Rounds that runs."""
    monkeypatch.setenv("DATABASE_URL", story.url)

    def ask(*words, code=0):
        result = rounds("why", *words, code=code)
        return result.stdout if code == 0 else result.stderr

    return ask


async def test_an_incident_is_told_from_the_look_to_the_message(story, why):
    story.fails("api-live", "it answers 503")
    await story.after("18m")
    told = why("#1")
    assert "#1: open, and nobody has it: api-live (critical, opened" in told
    assert "api-live was warning or worse in enough looks in a row (open_after: 2)" in told
    assert "it was seen in rhythm:60s@" in told
    assert "looks in a row that came out so: critical" in told
    assert "opened: it answers 503 (by way of rules)" in told
    assert told.index("user:ann: called") < told.index("user:ben: called")
    card = story.the("#1")
    assert f"its message stands in #operations (#operations, {card.ts}), up to date" in told
    assert f"opened: sent as {card.ts} (1 attempt)" in told
    assert "escalated: sent as" in told


async def test_what_stopped_the_climb_is_told(story, why):
    story.fails("api-live")
    await story.after("3m")
    await story.desk.acknowledge("#1", story.asked("ann"))
    await story.desk.snooze("#1", story.clock.at + timedelta(hours=2), story.asked("ann"))
    told = why("1")
    assert "#1: ann has it" in told
    assert "acknowledged by ann (by way of button)" in told
    assert "user:ben: not called, because it was acknowledged by ann before" in told
    assert "snoozed until then by ann" in told


async def test_who_stopped_the_climb_is_told_also_when_it_is_over(story, why):
    story.fails("api-live")
    await story.after("3m")
    await story.desk.acknowledge("#1", story.asked("ann"))
    story.fails("api-live", "it answers", outcome=Outcome.OK)
    await story.after("5m")
    told = why("1")
    assert "resolved by itself" in told
    assert "user:ben: not called, because it was acknowledged by ann before" in told


async def test_what_was_given_back_was_not_stopped_by_whoever_had_it(story, why):
    story.fails("api-live")
    await story.after("3m")
    await story.desk.acknowledge("#1", story.asked("ann"))
    await story.desk.unacknowledge("#1", story.asked("ann"))
    await story.desk.resolve("#1", story.asked("ben"))
    assert "user:ben: not called, because it was resolved by ben before" in why("1")


async def test_a_message_that_does_not_arrive_is_told_with_what_slack_said(story, why):
    def never(letter):
        return NotDelivered("service_unavailable")

    story.slack.faults = [never] * 1_000
    story.fails("api-live")
    await story.after("3m")
    told = why("#1")
    assert "its message is to stand in #operations, and does not stand there yet" in told
    assert "opened: waits (" in told
    assert "service_unavailable" in told


async def test_the_quiet_is_told_also_when_it_and_the_incident_are_over(story, why):
    story.fails("api-live")
    await story.after("3m")
    hour = timedelta(hours=1)
    await story.desk.snooze("#1", story.clock.at + hour, story.asked("ann"), why="a backup")
    await story.desk.snooze("#1", story.clock.at + 2 * hour, story.asked("ben"))
    told = why("1").partition("Quiet")[2].partition("Told")[0]
    assert "snoozed by ann for 1 h: a backup" in told
    assert "snoozed anew by ben for 2 h" in told
    assert "2026-03-02 10:03:00 UTC  snoozed until then by ben" in told
    await story.desk.unsnooze("#1", story.asked("ann"))
    await story.desk.snooze("#1", story.clock.at + timedelta(minutes=1), story.asked("ann"))
    await story.after("2m")
    await story.desk.snooze("#1", story.clock.at + hour, story.asked("ann"))
    await story.desk.resolve("#1", story.asked("ben"))
    lines = [line.partition("UTC  ")[2] for line in why("1").partition("Quiet")[2].partition("Told")[0].splitlines()]
    assert [line for line in lines if line] == [
        "snoozed by ann for 1 h: a backup",
        "snoozed anew by ben for 2 h",
        "the quiet was ended by ann",
        "snoozed by ann for 1 min",
        "the quiet was over when its time was",
        "snoozed by ann for 1 h",
        "the quiet was over with the incident",
    ]


async def test_moments_within_a_sentence_are_told_in_the_zone_of_the_configuration(story, why, tmp_path):
    (tmp_path / "rounds.yml").write_text(CONFIGURATION.replace("UTC", "Asia/Kathmandu"))
    story.slack.faults = [lambda letter: NotDelivered("service_unavailable")] * 1_000
    story.fails("api-live")
    await story.after("3m")
    told = why("#1")
    assert re.search(r"the next not before 2026-03-02 13:4\d:\d\d \+0545\)", told), told
    assert "UTC" not in told


async def test_why_a_message_stands_elsewhere_is_told(story, why):
    await story.configured(CONFIGURATION.replace("timezone: UTC\n", ""))
    story.configuration.checks["api-live"] = replace(story.configuration.checks["api-live"], channel="#gone")
    story.slack.faults = [lambda letter: ChannelUnusable("is_archived")]
    story.fails("api-live")
    await story.after("3m")
    assert "moved: its message could not stand in #gone; is_archived" in why("#1")


async def test_a_check_without_an_incident_says_how_far_it_is_from_one(story, why):
    assert "api-live: no incident: nobody has looked yet" in why("api-live")
    await story.after("1m")
    assert "no incident: the last look came out ok" in why("api-live")
    story.fails("api-live")
    story.fails("slow")
    await story.after("1m")
    assert "api-live: no incident: 1 of 2 bad looks in a row (open_after)" in why("api-live")
    await story.after("4m")
    assert "slow: no incident: bad for 4 min of 15 min (open_after)" in why("slow")
    assert "api-live: unresolved: #1" in why("api-live")


async def test_a_check_that_cannot_look_says_when_that_becomes_an_incident(story, why):
    story.fails("api-live", outcome=Outcome.UNKNOWN)
    await story.after("2m")
    assert "no incident: 2 of 3 looks in a row that could not look" in why("api-live")
    await story.after("1m")
    assert "api-live could not be looked at 3 times in a row" in why("#1")


async def test_a_check_tells_when_it_is_looked_at_next_and_what_it_saw(story, why):
    await story.configured(SELDOM)
    await story.after("65m")
    told = why("fine")
    assert "2026-03-03 09:00:00 UTC  next by morning" in told
    assert "ok: fine is fine (in morning@2026-03-02T09:00)" in told


async def test_what_became_of_an_earlier_incident_is_told(story, why):
    story.fails("api-live")
    await story.after("3m")
    story.recovers("api-live")
    await story.after("5m")
    assert "the last, #1, was resolved by itself after" in why("api-live")


async def test_an_incident_that_somebody_raised_is_told_of_its_check(story, why):
    await story.after("1m")
    await story.desk.escalate("api-live", story.asked("ann"), why="it feels slow")
    told = why("api-live")
    answer = "api-live: unresolved: #1 (raised by hand); by its looks no incident: the last look came out ok"
    assert told.startswith(answer)
    assert "open, and nobody has it: api-live (warning, opened" in told
    story.fails("api-live")
    await story.after("2m")
    both = why("api-live").splitlines()[0]
    assert "#1 (raised by hand)" in both
    assert "#2" in both
    assert "by its looks" not in both


async def test_an_incident_that_somebody_raised_is_told_when_it_is_over(story, why):
    await story.desk.escalate("api-live", story.asked("ann"), why="it feels slow")
    await story.desk.resolve("#1", story.asked("ben"))
    (last,) = [line for line in why("api-live").splitlines() if "the last, #1, was resolved by ben" in line]
    assert last.endswith("; somebody raised it")


async def test_an_incident_that_somebody_raised_is_told_also_when_its_check_is_gone(story, why, tmp_path):
    await story.desk.escalate("slow", story.asked("ann"), why="it feels slow")
    (tmp_path / "rounds.yml").write_text(CONFIGURATION.replace("  slow: {kind", "  swift: {kind"))
    answer = "slow: unresolved: #1 (raised by hand); by its looks no incident: it is not configured any more"
    assert why("slow").startswith(answer)


async def test_a_slot_is_told_from_due_to_digest(story, why):
    await story.configured(SELDOM)
    await story.after("65m")
    told = why("morning@2026-03-02T09:00")
    assert "morning@2026-03-02T09:00: looked at (ok); it waits for a person: “Water the plants”" in told
    assert "2026-03-02 09:00:00 UTC  due, by schedule" in told
    assert "claimed (attempt 1)" in told
    assert "concluded: waiting" in told
    assert "fine: ok, fine is fine" in told
    assert "“Water the plants”: open" in told
    assert "none was opened by these looks" in told
    assert "digest: sent as" in told


async def test_a_checklist_alone_means_its_newest_slot(story, why):
    await story.configured(SELDOM)
    await story.after("26h")
    assert why("morning").startswith("morning@2026-03-03T09:00: ")


async def test_a_slot_that_posted_nothing_says_why(story, why):
    await story.configured(SELDOM)
    await story.after("48h")
    assert "the checklist posts problems only (post: problems)" in why("quiet")
    own = why("rhythm:21600s")
    assert "a check's own rhythm posts nothing, only incidents" in own
    assert "api-live: " in own
    assert "slow: " in own


async def test_a_slot_that_was_slept_through_says_who_names_it(story, why):
    await story.configured(SELDOM)
    await story.after("65m")
    await story.crashed_and_back_after("25h")
    told = why("morning@2026-03-03T09:00")
    assert "missed: nobody could finish it within 15 min of its moment; the next digest will name it" in told
    await story.after("24h")
    assert "the digest of morning@2026-03-04T09:00 names it" in why("morning@2026-03-03T09:00")
    assert "it names the slot 2026-03-03T09:00, which was missed" in why("morning@2026-03-04T09:00")


async def test_a_run_names_the_incident_that_its_look_opened(story, why):
    story.fails("api-live", "it answers 503")
    await story.after("3m")
    slot = next(line for line in why("#1").splitlines() if "it was seen in" in line).rpartition(" ")[2]
    assert "#1 opened: it answers 503" in why(slot)


async def test_programs_get_the_rows(story, why):
    story.fails("api-live")
    await story.after("3m")
    document = json.loads(why("#1", "--json"))
    assert document["about"] == "#1"
    chapters = {chapter["title"]: chapter["lines"] for chapter in document["chapters"]}
    assert [(line["position"], line["state"]) for line in chapters["Steps"] if "position" in line] == [
        (0, "fired"),
        (1, "pending"),
    ]
    sent = next(line for line in chapters["Told"] if line.get("reason") == "opened")
    assert (sent["state"], sent["attempts"], sent["ts"]) == ("sent", 1, story.the("#1").ts)


async def test_what_the_world_said_cannot_drive_the_terminal(story, why):
    story.fails("api-live", "\x1b]0;owned\x07 [bold]503[/bold]\nand more")
    await story.after("3m")
    told = why("#1")
    assert "\x1b" not in told
    assert "[bold]503[/bold] and more" in told


async def test_secrets_of_the_file_stay_hidden(story, why, tmp_path, monkeypatch):
    monkeypatch.setenv("DOOR", "geheim-geheim")
    (tmp_path / "rounds.yml").write_text(CONFIGURATION + 'people: {ann: "${DOOR}"}\n')
    story.fails("api-live", "the door is geheim-geheim")
    await story.after("3m")
    assert "geheim" not in why("#1") + why("#1", "--json") + why("api-live")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("#9", "There is no incident #9; there has been none yet."),
        ("api-life", "Nothing is known of 'api-life' (did you mean api-live?). Expected \"#12\" for an incident"),
        (
            "morning@2026-03-02T10:00",
            "There is no slot '2026-03-02T10:00' of morning: it has had no slot yet; it is next",
        ),
        ("morning", "morning: it has had no slot yet; it is next due at 2026-03-02 09:00 UTC."),
    ],
)
async def test_what_is_not_known_is_answered_with_what_is(why, asked, sentence):
    assert sentence in why(asked, code=2)


async def test_a_file_with_mistakes_does_not_hide_the_ledger(story, why, rounds, tmp_path):
    story.fails("api-live")
    await story.after("1m")
    (tmp_path / "rounds.yml").write_text("checks: [")
    answer = rounds("why", "api-live")
    assert "rounds.yml cannot be used, so this is told without it" in answer.stderr
    assert "no incident: 1 bad look in a row, and its open_after is not known" in answer.stdout


def test_without_a_ledger_there_is_nothing_to_tell(rounds, tmp_path):
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)
    assert "There is no ledger at DATABASE_URL yet" in rounds("why", "#1", code=2).stderr
    assert not (tmp_path / "rounds.db").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CONFIGURATION, "nobody has looked yet; `rounds serve` has not taken up morning and quiet yet"),
        (CONFIGURATION.replace("fine]", "slow]").replace("- fine", "- slow"), "no schedule looks at it, only `run`"),
        ("nonsense", None),
    ],
)
def test_what_nobody_serves_yet_is_not_said_to_have_no_schedule(rounds, tmp_path, monkeypatch, text, told):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/rounds.db")
    rounds("migrate")
    (tmp_path / "rounds.yml").write_text(text)
    if told:
        assert told in rounds("why", "fine").stdout
    else:
        assert "schedule" not in rounds("why", "fine", code=2).stdout


def test_a_ledger_that_cannot_be_read_is_told(rounds, tmp_path, monkeypatch):
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)
    monkeypatch.setenv("DATABASE_URL", "postgresql://rounds:geheim@127.0.0.1:1/rounds")
    told = rounds("why", "#1", code=2).stderr
    assert "the ledger cannot be read" in told
    assert "geheim" not in told


def test_a_ledger_of_another_rounds_is_told(rounds, tmp_path):
    rounds("migrate")
    with sqlite3.connect(tmp_path / "rounds.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    told = rounds("why", "#1", code=2).stderr
    assert "it is at revision 9999" in told
    assert "use the newer version of Rounds." in told
    assert "DATABASE_URL" not in told


async def test_a_check_tells_when_the_configuration_changed_and_what(story, why, tmp_path):
    story.configuration = replace(story.configuration, digest="another")
    await story.engine.reconfigure("", ["changed: check fine", "gone: check old"])
    await story.engine.reconfigure("")  # the same files again
    said = why("fine")
    told = said.partition("Configuration, newest first")[2].strip().splitlines()
    assert "changed: check fine; gone: check old" in told[0]
    assert "the first one" in told[1]
    story.configuration = replace(story.configuration, digest="a comment was written")
    await story.engine.reconfigure("")
    await story.crashed_and_back_after("1m")
    story.configuration = replace(story.configuration, digest="written meanwhile")
    await story.crashed_and_back_after("1m")
    told = why("fine").partition("Configuration, newest first")[2].strip().splitlines()
    assert len(told) == 4
    assert "found changed when Rounds started" in told[0]
    assert "it means what it meant before" in told[1]


async def test_what_a_ping_started_and_what_somebody_holds_is_said(story, why):
    await story.configured(SELDOM)
    alone, now = story.configuration.runnable("check:api-live"), story.clock.at
    given = {"slot": "ping:1", "trigger": Trigger.RHYTHM, "now": now, "channel": "#operations"}
    run_id = await story.store.write(lambda tx: start_run(tx, alone, **given))
    lease = timedelta(seconds=30)
    await story.store.write(lambda tx: tx.runs.claim(run_id, token="t", lease=lease))
    assert "due, by a ping that told of a failure" in why("check:api-live")
    account = await story.store.read(lambda tx: tx.telling.slot("check:api-live", "ping:1"))
    told = slot_story.of_slot(account, post=None, now=now, zone=UTC).answer
    assert told.endswith("attempt 1; if nobody hears of whoever does so, others may take it in 30 s")


HOURLY = SELDOM.replace("every: 6h", "every: 1h")


async def test_a_check_tells_how_many_looks_were_left_out_while_nobody_was_there(story, why):
    await story.configured(HOURLY)
    await story.after("2h")
    await story.crashed_and_back_after("5h")
    await story.after("2h")
    (look,) = [line for line in why("api-live").splitlines() if "left out" in line]
    assert re.search(r"\(in rhythm:3600s@\S+; [45] looks before it left out\)$", look)


async def test_of_a_check_that_is_new_no_look_was_left_out(story, why):
    await story.configured(HOURLY)
    await story.after("2h")
    story.clock.at += timedelta(hours=5)
    await story.configured(HOURLY.replace("checks:", "checks:\n  newer: {kind: disk, path: /, every: 1h}"))
    await story.after("1h")
    assert "left out" in why("api-live")
    assert "ok: newer is fine (in rhythm:3600s@" in why("newer")
    assert "left out" not in why("newer")
