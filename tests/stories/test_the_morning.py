"""A checklist on time: the digest, its evidence, its manual items."""

import re
from datetime import timedelta

import pytest

from bot.domain.incidents import Refused
from bot.domain.notifications import NotDelivered, PerhapsDelivered
from bot.engine.desk import Repeated
from checks import Outcome

MORNING = """
channel: "#operations"
checks:
  api: {kind: disk, path: /}
  database: {kind: disk, path: /}
checklists:
  morning:
    title: Morning health check
    schedule: every day at 09:00
    items:
      - section: Systems
      - api
      - database
      - manual: Review the security dashboard
"""


async def test_at_nine_the_digest_is_there_even_when_all_is_well(story):
    await story.configured(MORNING)
    await story.after("59m")
    assert story.roots() == []
    await story.after("2m")
    digest = story.the("Morning health check")
    assert digest.shows("2 ok, 1 to do by hand", "Review the security dashboard")
    assert digest.key == "run:morning:2026-03-02T09:00"


async def test_the_failing_come_first_with_their_finding_and_the_evidence_is_in_the_thread(story):
    await story.configured(MORNING)
    story.fails("database", "db:5432 refuses connections")
    await story.after("1h 1m")
    digest = story.the("Morning health check")
    assert digest.shows("1 ok, 1 failing, 1 to do by hand", "db:5432 refuses connections")
    assert digest.text.index("db:5432") < digest.text.index("Review")
    evidence = [m for m in story.slack.messages if m.thread_ts == digest.ts]
    assert [m.reason for m in evidence] == ["evidence"]
    assert evidence[0].shows("evidence of api", "evidence of database")


async def test_what_could_not_be_checked_is_said_so_and_is_not_called_ok(story):
    await story.configured(MORNING)
    story.fails("api", "the token was refused", outcome=Outcome.UNKNOWN)
    await story.after("1h 1m")
    assert story.the("Morning").shows("1 ok, 1 could not be checked", "the token was refused")


async def test_a_tick_is_shown_with_who_and_can_be_taken_back(story):
    await story.configured(MORNING)
    await story.after("1h 1m")
    digest = story.the("Morning")
    run, _, item = digest.buttons["tick"].partition(":")
    await story.desk.tick(int(run), item, story.asked("U1"))
    await story.after("5s")
    assert digest.shows("<@U1>", "2 ok")
    assert not digest.shows("to do by hand")
    with pytest.raises(Refused, match="has done"):
        await story.desk.tick(int(run), item, story.asked("U2"))
    await story.desk.untick(int(run), item, story.asked("U1"))
    await story.after("5s")
    assert digest.shows("1 to do by hand")


async def test_a_new_slot_takes_over_what_was_not_ticked(story):
    await story.configured(MORNING)
    await story.after("1h 1m")
    first = story.the("Morning")
    await story.after("1d")
    assert len(story.roots("Morning")) == 2
    assert first.shows("taken over by a later run")
    assert "tick" not in first.buttons
    with pytest.raises(Refused, match="taken this item over"):
        await story.desk.tick(1, "review-the-security-dashboard", story.asked("U1"))


async def test_away_for_a_few_minutes_the_digest_comes_late_but_once(story):
    await story.configured(MORNING)
    await story.after("59m")
    await story.crashed_and_back_after("5m")
    await story.after("1m")
    assert story.the("Morning").key == "run:morning:2026-03-02T09:00"


async def test_away_for_days_every_missed_slot_is_named_in_the_next_digest(story):
    await story.configured(MORNING)
    await story.after("30m")
    await story.crashed_and_back_after("2d")
    assert story.roots() == []
    await story.after("1h")
    digest = story.the("Morning")
    assert digest.key == "run:morning:2026-03-04T09:00"
    assert digest.shows("2026-03-02T09:00 missed", "2026-03-03T09:00 missed")


async def test_slots_that_came_close_together_while_away_become_one_and_are_named(story):
    await story.configured(MORNING.replace("schedule: every day at 09:00", "every: 4m"))
    await story.after("9m")
    before = len(story.roots("Morning"))
    await story.crashed_and_back_after("13m")
    late = story.roots("Morning")[before:]
    assert len(late) == 1
    assert late[0].everything.count("coalesced") >= 2


async def test_a_round_that_was_cut_off_does_not_name_slots_that_came_after_it(story):
    await story.configured(MORNING.replace("schedule: every day at 09:00", "every: 4m"))
    await story.after("4m")
    story.clock.at += timedelta(minutes=4)
    await story.engine.tick()
    await story.crashed_and_back_after("8m")
    await story.after("1m")
    gaps = {m.key: re.findall(r"(\S+Z) coalesced", m.text) for m in story.roots("Morning")}
    assert [len(named) for named in gaps.values()] == [0, 0, 1]
    assert all(f"run:morning:{gap}" < key for key, named in gaps.items() for gap in named)


async def test_unchanged_rounds_take_over_the_last_message_and_changed_ones_get_their_own(story):
    await story.configured(MORNING.replace("schedule: every day at 09:00", "every: 2m\n    post: changes"))
    await story.after("10m")
    first = story.the("Morning")
    assert first.drawn > 2
    story.fails("api")
    await story.after("2m")
    assert len(story.roots("Morning")) == 2
    await story.after("10m")
    assert len(story.roots("Morning")) == 2


async def test_asked_for_by_hand_it_runs_at_once_and_a_repeated_request_runs_once(story):
    await story.configured(MORNING)
    await story.desk.run("morning", story.asked("U1", key="command:1"), channel="C9")
    with pytest.raises(Repeated):
        await story.desk.run("morning", story.asked("U1", key="command:1"), channel="C9")
    await story.settle()
    digest = story.the("Morning")
    assert digest.channel == "C9"
    assert digest.shows("asked for by <@U1>", "2 ok")


async def test_a_name_that_nobody_knows_is_answered_with_what_was_probably_meant(story):
    await story.configured(MORNING)
    with pytest.raises(Refused, match="did you mean morning"):
        await story.desk.run("mornign", story.asked("U1"), channel="C1")


async def test_a_send_whose_answer_got_lost_is_looked_up_and_not_repeated(story):
    await story.configured(MORNING)
    story.slack.after_post = [PerhapsDelivered("connection lost")]
    await story.after("1h 2m")
    assert len(story.roots("Morning")) == 1
    assert story.slack.look_ups == 1


async def test_with_the_look_up_switched_off_the_same_send_is_doubled(story):
    story.look_up = False
    await story.configured(MORNING)
    story.slack.after_post = [PerhapsDelivered("connection lost")]
    await story.after("1h 2m")
    assert len(story.roots("Morning")) == 2


async def test_when_slack_is_away_the_digest_waits_and_arrives_once(story):
    await story.configured(MORNING)
    story.slack.faults = [lambda _: NotDelivered("away")] * 5
    await story.after("1h 5m")
    assert len(story.roots("Morning")) == 1


async def test_the_digest_says_first_what_is_new_since_yesterday_and_what_is_better(story):
    await story.configured(MORNING)
    story.fails("database")
    await story.after("1h 1m")
    assert "since" not in story.the("Morning").everything, "there is no round before the first"
    story.recovers("database")
    story.fails("api", "api:443 refuses connections", outcome=Outcome.WARNING)
    await story.after("24h")
    (today,) = story.roots("Morning", "New since", "Better since")
    assert today.shows("api (warning)", "database (was: critical)")
    await story.after("24h")
    assert "since" not in story.roots("Morning")[-1].everything


async def test_the_digest_links_to_the_incident_of_a_failing_check(story):
    await story.configured(MORNING.replace("database: {kind: disk,", "database: {kind: disk, every: 1m,"))
    story.fails("database")
    await story.after("1h 1m")
    card = story.the("#1 database")
    address = f"https://town.example/archives/#operations/p{card.ts.replace('.', '')}"
    assert story.the("Morning").shows(f"incident <{address}|#1>")
