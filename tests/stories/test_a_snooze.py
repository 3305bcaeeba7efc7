"""Quiet for a while: nothing is told, nothing is forgotten, and the end of it says what is still so."""

from datetime import timedelta

import pytest

from bot.domain.incidents import Refused
from bot.domain.notifications import NotDelivered
from checks import Outcome

CACHE = """
channel: "#operations"
checks:
  cache: {kind: disk, path: /, every: 1m, open_after: 2, close_after: 2}
severities:
  warning: {acknowledge_within: 10m}
  critical: {acknowledge_within: 10m}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 15m, notify: ["user:ben"]}
    - {after: 30m, notify: ["usergroup:sre"]}
"""


@pytest.fixture
async def broken(story):
    """The cache has been broken long enough for an incident."""
    await story.configured(CACHE)
    story.fails("cache", outcome=Outcome.WARNING)
    await story.after("2m")
    return story


async def snoozed(story, length):
    until = story.clock.at + timedelta(minutes=length)
    await story.desk.snooze("cache", until, story.asked("U1"), why="a deployment is on")
    await story.settle()


async def test_nobody_is_called_while_it_is_quiet(broken):
    await snoozed(broken, 120)
    await broken.after("119m")
    (only,) = broken.replies()
    assert only.shows("snoozed it for 2 h: a deployment is on")
    assert not only.broadcast
    assert broken.the("#1").shows("quiet until", "asked for by <@U1>")


async def test_the_end_of_the_quiet_tells_anew_and_the_steps_go_on_with_their_gaps(broken):
    await snoozed(broken, 120)
    await broken.after("120m")
    await broken.after("2s")  # Slack's pace
    (over,) = broken.replies("The quiet is over", "cache is broken", "@ann")
    assert over.broadcast
    assert len(broken.replies("Escalated to", "@ben")) == 1
    await broken.after("14m")
    assert broken.replies("Escalated to", "@sre") == []
    await broken.after("2m")
    assert len(broken.replies("Escalated to", "@sre")) == 1
    assert len(broken.roots()) == 1


async def test_a_step_that_was_not_due_in_the_quiet_keeps_its_moment(broken):
    await snoozed(broken, 5)
    await broken.after("7m")
    assert broken.replies("Escalated to") == []
    await broken.after("6m")  # 13 minutes after opening; the time to acknowledge was 10
    assert len(broken.replies("Escalated to", "@ben", "early")) == 1


async def test_taking_the_quiet_back_calls_who_should_have_been_called(broken):
    await snoozed(broken, 120)
    await broken.after("60m")
    await broken.desk.unsnooze("#1", broken.asked("U2"))
    await broken.after("2s")
    assert not broken.replies("<@U2> ended the quiet")[0].broadcast
    assert len(broken.replies("Escalated to", "@ben")) == 1
    await broken.after("120m")
    assert broken.replies("The quiet is over") == []


async def test_a_call_that_the_quiet_kept_back_is_told_when_somebody_ends_it(broken):
    """Slack takes nothing when the step is due; when it does, somebody has asked for quiet."""
    await broken.after("9m")
    broken.slack.faults = [lambda letter: NotDelivered("Slack cannot be reached")] * 1_000
    await broken.after("2m")
    await snoozed(broken, 120)
    broken.slack.faults = []
    await broken.after("5m")
    assert broken.replies("@ben") == []
    await broken.desk.unsnooze("#1", broken.asked("U2"))
    await broken.after("2s")
    (told,) = broken.replies("@ben")
    assert told.broadcast
    assert told.shows("<@U2> ended the quiet", "#1 cache is not over", "cache is broken", "@ann")
    await snoozed(broken, 120)
    await broken.desk.unsnooze("#1", broken.asked("U2"))
    await broken.after("2s")
    assert len(broken.replies("@ben")) == 1


async def test_who_has_it_is_told_of_no_call_that_the_quiet_kept_back(broken):
    await broken.after("9m")
    broken.slack.faults = [lambda letter: NotDelivered("Slack cannot be reached")] * 1_000
    await broken.after("2m")
    await snoozed(broken, 120)
    broken.slack.faults = []
    await broken.after("5m")
    await broken.desk.acknowledge("#1", broken.asked("U1"))
    await broken.desk.unsnooze("#1", broken.asked("U1"))
    await broken.after("2s")
    assert not broken.replies("<@U1> ended the quiet.")[0].broadcast
    assert broken.replies("@ben") == []


def lateness(story):
    """How many steps fired, and how late they were together, in seconds."""
    measured = story.meter.escalation_lateness
    return sum(measured.classes), measured.total_s


async def test_a_step_that_waited_for_the_end_of_the_quiet_is_not_late(broken):
    await snoozed(broken, 120)
    await broken.after("120m")
    assert lateness(broken) == (1, 0.0)


async def test_a_step_that_waited_until_somebody_ended_the_quiet_is_not_late(broken):
    await snoozed(broken, 120)
    await broken.after("60m")
    await broken.desk.unsnooze("#1", broken.asked("U2"))
    await broken.settle()
    assert lateness(broken) == (1, 0.0)


async def test_a_step_is_as_late_as_the_end_of_its_quiet_is_noticed(broken):
    await snoozed(broken, 60)
    await broken.crashed_and_back_after("60m 20s")
    assert lateness(broken) == (1, 20.0)


async def test_that_it_gets_worse_in_the_quiet_is_told_at_its_end(broken):
    await snoozed(broken, 60)
    broken.fails("cache", "cache is gone")
    await broken.after("30m")
    assert broken.the("#1").shows("Critical", "cache is gone")
    assert broken.replies("Worse") == []
    await broken.after("31m")
    assert len(broken.replies("The quiet is over", "Critical", "cache is gone")) == 1


async def test_a_recovery_in_the_quiet_stands_in_the_thread_only(broken):
    await snoozed(broken, 60)
    broken.recovers("cache")
    await broken.after("10m")
    (recovered,) = broken.replies("Recovered")
    assert not recovered.broadcast
    await broken.after("60m")
    assert broken.replies("The quiet is over") == []


async def test_somebody_may_still_be_called_by_hand(broken):
    await snoozed(broken, 60)
    await broken.desk.escalate("#1", broken.asked("U1"), why="it is getting hot")
    await broken.after("2s")
    (called,) = broken.replies("Escalated to", "@ben", "it is getting hot")
    assert called.broadcast
    await broken.after("59m")
    assert broken.replies("@sre") == []
    await broken.after("2m")
    assert len(broken.replies("Escalated to", "@sre")) == 1


async def test_what_somebody_has_is_not_shouted_when_its_quiet_ends(broken):
    await snoozed(broken, 60)
    await broken.desk.acknowledge("#1", broken.asked("U1"))
    await broken.after("61m")
    (over,) = broken.replies("The quiet is over")
    assert not over.broadcast
    assert broken.replies("Escalated to") == []


async def test_a_quiet_outlives_a_crash(broken):
    await snoozed(broken, 60)
    await broken.crashed_and_back_after("30m")
    assert broken.replies("Escalated to") == []
    await broken.after("31m")
    assert len(broken.replies("The quiet is over")) == 1


@pytest.mark.parametrize(("minutes", "answer"), [(0, "past"), (-5, "past"), (60 * 24 * 31, "30 days")])
async def test_a_quiet_needs_a_moment_to_come_and_not_too_far(broken, minutes, answer):
    with pytest.raises(Refused, match=answer):
        await snoozed(broken, minutes)


async def test_what_is_not_quiet_cannot_be_woken_and_what_is_over_cannot_be_snoozed(broken):
    with pytest.raises(Refused, match="not snoozed"):
        await broken.desk.unsnooze("#1", broken.asked("U1"))
    await broken.desk.resolve("#1", broken.asked("U1"))
    with pytest.raises(Refused, match="resolved already"):
        await broken.desk.snooze("#1", broken.clock.at + timedelta(hours=1), broken.asked("U1"))
