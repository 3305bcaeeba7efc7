"""What waits too long: incidents that nobody acknowledges, and items that nobody does."""

import pytest

from bot.domain.incidents import Refused
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
