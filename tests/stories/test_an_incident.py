"""From the first failing look to the recovery: opening, climbing, acknowledging, mending."""

from datetime import timedelta

import pytest

from bot.domain.incidents import Refused
from bot.domain.notifications import ChannelUnusable
from checks import Outcome

CACHE = """
channel: "#operations"
checks:
  cache: {kind: disk, path: /, every: 1m, open_after: 2, close_after: 2}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 15m, notify: ["user:ben"]}
    - {after: 30m, notify: ["usergroup:sre"]}
"""


async def test_one_bad_look_wakes_nobody_two_in_a_row_open_an_incident(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("1m")
    assert story.roots() == []
    await story.after("1m")
    card = story.the("#1 cache")
    assert card.shows("cache is broken", "Critical", "@ann", "nobody has it yet")
    assert "@ben" not in card.text


async def test_the_thread_begins_with_what_the_check_saw(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    card = story.the("#1")
    (evidence,) = [m for m in story.slack.messages if m.reason == "evidence"]
    assert evidence.thread_ts == card.ts
    assert evidence.shows("cache is broken", "evidence of cache")


async def test_nobody_acknowledges_so_the_second_person_is_called_then_the_third(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.after("14m")
    assert story.replies() == []
    await story.after("2m")
    (called,) = story.replies("Escalated", "@ben")
    assert called.broadcast
    await story.after("15m")
    assert [m.shows("@sre") for m in story.replies("Escalated")] == [False, True]
    await story.after("40m")
    assert len(story.replies("Escalated")) == 2
    assert len(story.roots()) == 1


async def test_acknowledging_stops_the_climb(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    card = story.the("#1")
    await story.desk.acknowledge(card.buttons["acknowledge"], story.asked("U1"), note="looking")
    await story.after("40m")
    assert story.replies("Escalated") == []
    assert card.shows("<@U1> has it")
    assert "acknowledge" not in card.buttons
    (told,) = story.replies("has it")
    assert told.shows("looking")
    assert not told.broadcast


async def test_two_people_acknowledge_at_once_and_the_second_is_told_who_was_first(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.desk.acknowledge("#1", story.asked("U1"))
    with pytest.raises(Refused, match="<@U1> has acknowledged #1 already"):
        await story.desk.acknowledge("1", story.asked("U2"))
    await story.settle()
    assert len(story.replies("has it")) == 1


async def test_given_back_it_climbs_on_with_the_gaps_kept(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.desk.acknowledge("cache", story.asked("U1"))
    await story.after("1h")
    await story.desk.unacknowledge("#1", story.asked("U1"))
    await story.after("14m")
    assert story.replies("Escalated") == []
    await story.after("2m")
    assert len(story.replies("Escalated", "@ben")) == 1


async def test_escalated_by_hand_the_next_step_is_called_now_and_the_rest_keep_their_gaps(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.desk.acknowledge("#1", story.asked("U1"))
    await story.desk.escalate("cache", story.asked("U1"), why="I need help")
    await story.after("10s")
    assert len(story.replies("Escalated", "@ben", "I need help")) == 1
    assert story.the("#1").shows("nobody has it yet")
    await story.after("14m")
    assert len(story.replies("Escalated")) == 1
    await story.after("2m")
    assert len(story.replies("Escalated", "@sre")) == 1
    with pytest.raises(Refused, match="Every step"):
        await story.desk.escalate("#1", story.asked("U1"))


async def test_a_check_without_an_incident_is_escalated_by_opening_one(story):
    await story.configured(CACHE)
    await story.desk.escalate("cache", story.asked("U2"), why="it feels slow")
    await story.after("3m")
    card = story.the("#1")
    assert card.shows("it feels slow", "@ann")
    await story.desk.resolve("#1", story.asked("U2"))
    await story.after("5s")
    assert card.shows("Resolved by <@U2>")


async def test_mended_it_recovers_after_two_good_looks_and_says_so_in_its_thread(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    card = story.the("#1")
    story.recovers("cache")
    await story.after("1m")
    assert story.replies("Recovered") == []
    await story.after("1m")
    (told,) = story.replies("Recovered")
    assert told.thread_ts == card.ts
    assert card.shows("Recovered after 2 min")
    assert card.buttons == {}
    await story.after("40m")
    assert len(story.roots()) == 1
    assert story.replies("Escalated") == []


async def test_what_we_cannot_see_neither_opens_nor_closes_but_three_times_is_an_incident_itself(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    story.fails("cache", "permission denied", outcome=Outcome.UNKNOWN)
    await story.after("2m")
    assert len(story.roots()) == 1
    await story.after("1m")
    blind = story.the("cannot be checked")
    assert blind.shows("permission denied", "Warning")
    assert story.the("#1").shows("nobody has it yet")
    story.fails("cache")
    await story.after("1m")
    assert blind.shows("Recovered")
    assert story.the("#1").shows("nobody has it yet")


async def test_the_card_of_what_we_cannot_see_follows_what_is_in_the_way(story):
    await story.configured(CACHE)
    story.fails("cache", "permission denied", outcome=Outcome.UNKNOWN)
    await story.after("3m")
    story.fails("cache", "no route to host", outcome=Outcome.UNKNOWN)
    await story.after("1m 5s")
    assert story.the("cannot be checked").shows("no route to host")


async def test_the_cards_of_both_incidents_of_a_check_follow_when_it_can_be_seen_again(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    story.fails("cache", "permission denied", outcome=Outcome.UNKNOWN)
    await story.after("3m")
    story.fails("cache", "cache is on fire")
    await story.after("1m 5s")
    assert story.the("#1").shows("cache is on fire")
    assert story.the("cannot be checked").shows("Recovered")


async def test_a_rise_in_severity_takes_the_acknowledgement_back(story):
    await story.configured(CACHE)
    story.fails("cache", "cache is slow", outcome=Outcome.WARNING)
    await story.after("2m")
    await story.desk.acknowledge("#1", story.asked("U1"))
    story.fails("cache", "cache is down")
    await story.after("2m")
    (told,) = story.replies("Worse")
    assert told.broadcast
    assert story.the("#1").shows("Critical, open", "cache is down")
    await story.after("16m")
    assert len(story.replies("Escalated", "@ben")) == 1


async def test_resolved_by_hand_while_it_still_fails_a_new_incident_points_to_the_old(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.desk.resolve("cache", story.asked("U1"))
    await story.after("2m")
    assert story.the("#2").shows("#1 was resolved by <@U1>")


async def test_a_check_taken_out_of_the_configuration_ends_its_incident_and_says_why(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.configured(CACHE.replace("  cache:", "  other:"))
    await story.after("1h")
    assert len(story.replies("No longer checked")) == 1
    assert story.replies("Escalated") == []


async def test_a_crash_between_deciding_and_telling_loses_no_escalation(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    story.clock.at += timedelta(minutes=15)
    await story.engine.escalate()  # decided and stored, then the process dies
    await story.crashed_and_back_after("1m")
    await story.after("5s")
    assert len(story.replies("Escalated", "@ben")) == 1


async def test_a_channel_that_is_gone_sends_the_incident_to_the_channel_of_record(story):
    await story.configured(CACHE.replace("every: 1m,", 'every: 1m, channel: "#gone",'))
    story.slack.faults = [lambda letter: ChannelUnusable("is_archived") if letter.channel == "#gone" else None]
    story.fails("cache")
    await story.after("3m")
    assert story.the("#1").channel == "#operations"


async def test_run_again_answers_in_the_incidents_thread(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    card = story.the("#1")
    await story.desk.run_again(int(card.buttons["run_again"]), story.asked("U1"))
    await story.after("5s")
    (answer,) = [m for m in story.slack.messages if m.reason == "by hand"]
    assert answer.thread_ts == card.ts
    assert answer.shows("1 failing", "cache is broken")


async def test_home_shows_what_is_wrong_now_and_follows(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    await story.desk.open_home("U1", story.asked("U1"))
    await story.settle()
    assert "cache is broken" in str(story.slack.homes["U1"])
    story.recovers("cache")
    await story.after("3m")
    assert "Nothing is wrong" in str(story.slack.homes["U1"])


async def test_it_climbs_the_policy_that_it_opened_with_whatever_becomes_of_that(story):
    team = """
channel: "#operations"
checks:
  api: {kind: disk, path: /, every: 1m, open_after: 1, close_after: 1, escalation: team}
escalations:
  team: [{after: 0m, notify: ["user:ann"]}, {after: 15m, notify: ["user:ben"]}]
"""
    await story.configured(team)
    story.fails("api")
    await story.after("2m")
    await story.configured(team.replace("team", "night").replace("ben", "cleo"))
    await story.after("15m")
    assert len(story.replies("Escalated to", "@ben")) == 1
    story.recovers("api")
    await story.after("2m")
    story.fails("api")
    await story.after("17m")
    assert len(story.replies("Escalated to", "@cleo")) == 1
    assert len(story.roots()) == 2
