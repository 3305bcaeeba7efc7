"""What waits too long: incidents that nobody acknowledges, and items that nobody does."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot.domain import slot_story
from bot.domain.incidents import Refused
from bot.engine.escalator import remind
from checks import Outcome

CACHE = """
channel: "#operations"
severities:
  critical: {acknowledge_within: 5m}
checks:
  cache: {kind: disk, path: /, every: 1m}
"""
POLICY = """
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 30m, notify: ["user:ben"]}
    - {after: 60m, notify: ["usergroup:sre"]}
"""
MORNING = """
channel: "#operations"
checks:
  api: {kind: disk, path: /}
checklists:
  morning:
    title: Morning health check
    schedule: every day at 09:00
    due_in: 30m
    items:
      - api
      - manual: Review the dashboard
        owner: user:ann
        how: Look for red.
"""
SECOND = "      - {manual: Water the plants, id: plants}\n"
ESCALATED = POLICY + MORNING.replace("due_in: 30m", "due_in: 30m\n    overdue: escalate")


async def test_nobody_has_it_in_time_so_the_next_step_is_called_early_and_the_one_after_keeps_its_moment(story):
    await story.configured(CACHE + POLICY)
    story.fails("cache")
    await story.after("2m")
    await story.after("6m")
    (early,) = story.replies("Escalated", "@ben", "early")
    assert early.broadcast
    await story.after("50m")
    assert story.replies("Escalated", "@sre") == []
    await story.after("5m")
    assert len(story.replies("Escalated", "@sre")) == 1


async def test_without_an_escalation_policy_there_is_one_reminder_in_the_channel(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("9m")
    (reminder,) = story.replies("Nobody has acknowledged")
    assert reminder.broadcast
    await story.after("30m")
    assert len(story.replies("Nobody has acknowledged")) == 1


async def test_a_severity_without_a_deadline_waits_for_its_steps(story):
    await story.configured(CACHE + POLICY)
    story.fails("cache", outcome=Outcome.WARNING)
    await story.after("20m")
    assert story.replies("Escalated") == []


async def test_acknowledged_in_time_nobody_is_called(story):
    await story.configured(CACHE + POLICY)
    story.fails("cache")
    await story.after("3m")
    await story.desk.acknowledge("cache", story.asked("U1"))
    await story.after("20m")
    assert story.replies("Escalated") == []


async def test_items_still_open_after_their_time_are_named_once_in_the_thread(story):
    await story.configured(MORNING)
    await story.after("1h 1m")
    digest = story.the("Morning")
    assert digest.shows("Look for red.", "@ann")
    await story.after("28m")
    assert story.replies("overdue") == []
    await story.after("2m")
    (reminder,) = story.replies("overdue", "Review the dashboard")
    assert reminder.broadcast
    assert reminder.thread_ts == digest.ts
    await story.after("3h")
    assert len(story.replies("overdue")) == 1


async def test_an_item_that_somebody_has_taken_is_not_overdue(story):
    await story.configured(MORNING)
    await story.after("1h 1m")
    await story.desk.acknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("1h")
    assert story.replies("overdue") == []
    assert story.the("Morning").shows("<@U2> has it")


async def test_overdue_with_escalation_opens_an_incident_which_the_last_tick_resolves(story):
    await story.configured(MORNING.replace("due_in: 30m", "due_in: 30m\n    overdue: escalate") + POLICY)
    await story.after("1h 31m")
    card = story.the("#1")
    assert card.shows("Morning health check is overdue", "Review the dashboard", "@ann", "Warning")
    await story.desk.tick(1, "review-the-dashboard", story.asked("U2"))
    await story.after("5s")
    assert card.shows("Recovered")
    assert story.replies("everything is done") != []


async def test_an_overdue_incident_is_not_reopened_once_everything_is_done(story):
    await story.configured(MORNING.replace("due_in: 30m", "due_in: 30m\n    overdue: escalate") + POLICY)
    await story.after("1h 31m")
    await story.desk.resolve("#1", story.asked("U2"))
    assert (await story.desk.reopen("#1", story.asked("U2"))).unresolved
    await story.desk.resolve("#1", story.asked("U2"))
    await story.desk.tick(1, "review-the-dashboard", story.asked("U2"))
    with pytest.raises(Refused, match="Nothing of #1 is left to do"):
        await story.desk.reopen("#1", story.asked("U2"))


async def test_overdue_with_escalation_ends_when_a_later_run_takes_the_items_over(story):
    await story.configured(MORNING.replace("due_in: 30m", "due_in: 30m\n    overdue: escalate"))
    await story.after("1d 1h 1m")
    assert story.the("#1").shows("Recovered")


async def test_an_overdue_item_that_somebody_takes_calls_nobody_until_they_give_it_back(story):
    await story.configured(ESCALATED)
    await story.after("1h 31m")
    card = story.the("#1")
    await story.desk.acknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("2h")
    assert card.shows("<@U2> has it")
    assert story.replies("Escalated") == []
    await story.desk.unacknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("29m")
    assert card.shows("nobody has it")
    assert story.replies("Escalated") == []
    await story.after("2m")
    assert len(story.replies("Escalated", "@ben")) == 1


async def test_an_overdue_run_calls_people_as_long_as_one_item_is_nobodys(story):
    await story.configured(ESCALATED + SECOND)
    await story.after("1h 31m")
    await story.desk.acknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("31m")
    assert len(story.replies("Escalated", "@ben")) == 1
    await story.desk.tick(1, "plants", story.asked("U3"))
    await story.after("5s")
    assert story.the("#1").shows("<@U2> has it")
    await story.desk.untick(1, "plants", story.asked("U3"))
    await story.after("31m")
    assert len(story.replies("Escalated", "@sre")) == 1


async def test_whoever_acknowledged_the_overdue_run_itself_has_it_whatever_becomes_of_the_items(story):
    await story.configured(ESCALATED)
    await story.after("1h 31m")
    await story.desk.acknowledge("#1", story.asked("U1"))
    await story.desk.acknowledge("review-the-dashboard", story.asked("U2"))
    await story.desk.unacknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("3h")
    assert story.the("#1").shows("<@U1> has it")
    assert story.replies("Escalated") == []


async def test_an_item_given_back_after_its_time_is_overdue_at_once(story):
    await story.configured(MORNING)
    await story.after("1h 1m")
    await story.desk.acknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("1h")
    assert story.replies("overdue") == []
    await story.desk.unacknowledge("review-the-dashboard", story.asked("U2"))
    await story.after("2s")
    assert len(story.replies("overdue", "Review the dashboard")) == 1
    await story.after("3h")
    assert len(story.replies("overdue")) == 1


async def test_an_item_that_was_overdue_and_is_open_again_is_told_again(story):
    await story.configured(MORNING)
    await story.after("1h 31m")
    await story.desk.tick(1, "review-the-dashboard", story.asked("U2"))
    await story.after("1m")
    assert len(story.replies("overdue")) == 1
    await story.desk.untick(1, "review-the-dashboard", story.asked("U2"))
    await story.after("2s")
    assert len(story.replies("overdue")) == 2
    await story.after("3h")
    assert len(story.replies("overdue")) == 2


async def test_an_overdue_incident_that_the_last_tick_resolved_opens_anew_when_the_tick_is_taken_back(story):
    await story.configured(ESCALATED)
    await story.after("1h 31m")
    await story.desk.tick(1, "review-the-dashboard", story.asked("U2"))
    await story.after("1m")
    await story.desk.untick(1, "review-the-dashboard", story.asked("U2"))
    await story.after("2s")
    assert story.the("#2").shows("Morning health check is overdue", "@ann")
    await story.after("31m")
    assert len(story.replies("Escalated", "@ben")) == 1


async def test_a_tick_taken_back_before_its_time_is_overdue_when_the_others_are(story):
    await story.configured(ESCALATED + SECOND)
    await story.after("1h 1m")
    await story.desk.tick(1, "plants", story.asked("U2"))
    await story.desk.untick(1, "plants", story.asked("U2"))
    await story.after("28m")
    assert story.roots("#1") == []
    await story.after("2m")
    await story.desk.tick(1, "plants", story.asked("U2"))
    await story.desk.untick(1, "plants", story.asked("U2"))
    await story.after("1h")
    assert len(story.roots("is overdue")) == 1


async def test_a_rounds_that_does_not_know_the_checklist_leaves_its_reminder_to_one_that_does(story):
    await story.configured(MORNING)
    await story.after("1h 1m")
    story.clock.at += timedelta(minutes=30)
    stranger = replace(story.configuration, checklists={})
    assert await story.store.write(lambda tx: remind(tx, stranger, tx.now)) == 0
    await story.after("2s")
    assert len(story.replies("overdue")) == 1


async def test_what_waits_of_a_checklist_that_was_taken_out_waits_no_longer_and_calls_nobody(story):
    await story.configured(ESCALATED + SECOND)
    await story.after("1h 31m")
    await story.desk.tick(1, "plants", story.asked("U3"))
    digest, incident = story.the("Morning health check, 09:00"), story.the("#1")
    await story.configured(ESCALATED.replace("morning:", "dawn:"))
    assert incident.shows("its checklist was taken out of the configuration")
    assert len(story.replies("No longer checked")) == 1
    assert digest.shows("skipped by Rounds", "its checklist was taken out of the configuration", "<@U3>")
    await story.after("2h")
    assert story.replies("Escalated") == []
    with pytest.raises(Refused, match="Rounds has skipped"):
        await story.desk.tick(1, "review-the-dashboard", story.asked("U2"))
    slot = (await story.store.read(lambda tx: tx.runs.get(1))).slot
    account = await story.store.read(lambda tx: tx.telling.slot("morning", slot))
    told = slot_story.of_slot(account, post=None, now=story.clock.at, zone=UTC)
    said = [line.text for chapter in told.chapters for line in chapter.lines]
    assert {"“Review the dashboard”: skipped", "“Water the plants”: done by U3"} <= set(said)


async def test_what_was_skipped_with_its_checklist_can_be_taken_up_again(story):
    await story.configured(ESCALATED)
    await story.after("1h 1m")
    await story.configured(ESCALATED.replace("morning:", "dawn:"))
    await story.configured(ESCALATED)
    await story.desk.untick(1, "review-the-dashboard", story.asked("U2"))
    await story.after("31m")
    assert story.the("#1").shows("is overdue", "Review the dashboard")


async def test_a_warning_that_becomes_critical_keeps_its_deadline_where_critical_has_none(story):
    await story.configured(CACHE.replace("critical: {acknowledge_within: 5m}", "warning: {acknowledge_within: 1h}"))
    story.fails("cache", outcome=Outcome.WARNING)
    await story.after("10m")
    story.fails("cache")
    await story.after("30m")
    assert story.replies("Nobody has acknowledged") == []
    await story.after("30m")
    assert len(story.replies("Nobody has acknowledged")) == 1
