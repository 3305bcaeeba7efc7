"""Rounds notices that it cannot do what it promised, and says so as soon as it can."""

from bot.domain.notifications import NotDelivered
from bot.engine.meter import Meter
from bot.engine.selfwatch import SelfWatch

MORNING = """
channel: "#operations"
checks:
  api: {kind: disk, path: /}
checklists:
  morning: {schedule: every day at 09:00, items: [api]}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
"""


def watch(story, **given):
    return SelfWatch(story.store, story.clock, lambda: story.configuration, meter=Meter(), **given)


async def measured(story, watching, times):
    for _ in range(times):
        await story.after("10s")
        await watching.measure()
        await story.settle()


async def test_messages_that_wait_are_told_when_they_can_be_and_the_wait_is_over_then(story):
    await story.configured(MORNING)
    watching = watch(story)
    story.slack.faults = [lambda letter: NotDelivered("Slack cannot be reached")] * 10_000
    await story.after("1h 10m")
    await measured(story, watching, 3)
    assert story.slack.messages == []
    story.slack.faults = []
    await story.after("2m")
    card = story.the("#1 Rounds cannot tell what it knows")
    assert card.shows("Slack cannot be reached", "rounds doctor", "@ann")
    await measured(story, watching, 3)
    assert story.replies("Recovered", "everything is told")


async def test_a_clock_that_jumps_is_told_and_one_that_goes_on_is_not(story):
    await story.configured(MORNING)

    class Jumping:
        """Wall time that an administrator sets forward; the steady clock goes on."""

        def __init__(self):
            self.jumped = 0.0

        def now(self):
            return story.clock.now()

        def monotonic(self):
            return story.clock.monotonic() - self.jumped

    clock = Jumping()
    watching = SelfWatch(story.store, clock, lambda: story.configuration, meter=Meter())
    await measured(story, watching, 5)
    assert story.roots() == []
    clock.jumped = 7200.0
    await measured(story, watching, 1)
    await story.after("2s")
    assert story.the("#1 The clock of Rounds jumped").shows("forward by 2 h")


async def test_of_two_processes_one_does_not_end_what_the_other_has(story):
    await story.configured(MORNING)
    deaf, hearing = watch(story, deaf_s=lambda: 90.0, name="a"), watch(story, name="b")
    for _ in range(8):
        await measured(story, deaf, 1)
        await measured(story, hearing, 1)
    await story.after("2s")
    card = story.the("#1 Rounds did not hear Slack")
    assert not card.shows("Recovered")
    assert len(story.roots()) == 1


async def test_somebody_may_have_it_like_any_other_incident(story):
    await story.configured(MORNING)
    watching = watch(story, disk_free=lambda: 50_000_000)
    await measured(story, watching, 3)
    await story.after("2s")
    await story.desk.acknowledge("#1", story.asked("U1"))
    await story.settle()
    assert story.the("#1 The disk of Rounds").shows("<@U1> has it")
