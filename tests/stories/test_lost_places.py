"""Messages are deleted and channels archived; what has to be told finds another place."""

from datetime import timedelta

import pytest

from bot.domain.notifications import ChannelUnusable, Letter, MessageGone, PerhapsDelivered
from bot.engine.courier import Courier
from bot.engine.meter import Meter
from bot.slack.cards import status_card

CACHE = """
channel: "#operations"
checks:
  cache: {kind: disk, path: /, every: 1m, channel: "#cache", open_after: 1, close_after: 1}
checklists:
  morning: {every: 10m, items: [cache]}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 5m, notify: ["user:ben"]}
    - {after: 10m, notify: ["user:chi"]}
"""


async def test_a_deleted_card_is_posted_once_more_and_the_escalation_stands_in_its_thread(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")
    first = story.the("#1 cache")
    story.slack.messages.remove(first)

    def gone(letter: Letter) -> Exception | None:
        return MessageGone("thread_not_found") if letter.thread_ts == first.ts else None

    story.slack.faults = [gone] * 10
    await story.after("5m")
    anew = story.the("#1 cache")
    (called,) = story.replies("Escalated", "@ben")
    assert called.thread_ts == anew.ts
    story.recovers("cache")
    await story.after("2m")
    assert story.the("#1 cache").shows("Recovered")
    assert [m.thread_ts for m in story.replies("Recovered")] == [anew.ts]


async def test_an_incident_in_a_channel_that_is_archived_climbs_on_in_the_channel_of_record(story):
    await story.configured(CACHE)
    story.fails("cache")
    await story.after("2m")

    def archived(letter: Letter) -> Exception | None:
        return ChannelUnusable("is_archived") if letter.channel == "#cache" else None

    story.slack.faults = [archived] * 20
    await story.after("9m")
    (moved,) = [m for m in story.roots("#1 cache") if m.channel == "#operations"]
    assert [m.thread_ts for m in story.replies("Escalated")] == [moved.ts] * 2


@pytest.mark.parametrize(
    ("arrived", "unreadable", "repeat"),
    [
        pytest.param(True, {"#cache"}, True, id="it arrived, and nobody lets us see"),
        pytest.param(True, set(), True, id="it arrived, as we see now"),
        pytest.param(False, {"#cache"}, True, id="nobody can tell"),
        pytest.param(False, set(), False, id="it did not arrive, as we see"),
    ],
)
async def test_what_is_moved_although_it_may_have_arrived_before_says_so(story, arrived, unreadable, repeat):
    await story.configured(CACHE)
    story.slack.unreadable = {"#cache"}

    def lost(letter: Letter) -> Exception | None:
        return None if arrived else PerhapsDelivered("timed out")

    def archived(letter: Letter) -> Exception | None:
        if letter.channel != "#cache":
            return None
        story.slack.unreadable = unreadable  # from now on
        return ChannelUnusable("is_archived")

    story.slack.faults = [lost, *[archived] * 20]
    story.slack.after_post = [PerhapsDelivered("timed out")] if arrived else []
    story.fails("cache")
    await story.after("4m")
    (told,) = [m for m in story.roots("#1 cache") if m.channel == "#operations"]
    assert ("possible repeat" in told.text) is repeat
    assert len(story.roots("#1 cache")) == 1 + arrived


async def test_where_there_is_nowhere_else_an_incident_waits_for_its_channel(story):
    await story.configured(CACHE.replace("#cache", "#operations"))
    story.fails("cache")
    await story.after("2m")
    story.slack.faults = [lambda letter: ChannelUnusable("is_archived")] * 3
    await story.after("6m")
    assert len(story.roots("#1 cache")) == 1
    assert len(story.replies("Escalated", "@ben")) == 1


async def test_the_evidence_of_a_digest_that_somebody_deleted_is_not_told_anew(story):
    await story.configured(CACHE)
    story.slack.faults = [lambda _: None, lambda _: MessageGone("thread_not_found")]
    await story.after("11m")
    assert len(story.roots("morning")) == 1
    assert story.replies() == []


async def test_status_and_home_say_what_waits_for_a_channel_that_cannot_be_used(story):
    await story.configured(CACHE)
    story.slack.faults = [lambda letter: ChannelUnusable("not_in_channel")] * 100
    story.fails("cache")
    await story.desk.open_home("U1", story.asked("U1"))
    await story.after("2m")
    view = await story.desk.status()
    (trouble,) = view.troubles
    assert (trouble.channel, trouble.waiting, trouble.error) == ("#operations", 2, "not_in_channel")
    assert "2 waiting for #operations: not_in_channel" in status_card(view).text
    assert "say `/invite @rounds` in it" in str(story.slack.homes["U1"])


HAND = """
channel: "#operations"
checks:
  cache: {kind: disk, path: /}
checklists:
  morning: {schedule: every day at 09:00, channel: "#hands", due_in: 10m, items: [cache, {manual: Look around}]}
"""


def archived(letter: Letter) -> Exception | None:
    return ChannelUnusable("is_archived") if letter.channel == "#hands" else None


async def test_a_reminder_whose_channel_is_archived_goes_with_its_list_to_the_channel_of_record(story):
    await story.configured(HAND)
    await story.after("1h 1m")
    story.slack.faults = [archived] * 20
    await story.after("15m")
    (anew,) = [m for m in story.roots("morning", "Look around") if m.channel == "#operations"]
    (reminder,) = story.replies("overdue")
    assert reminder.thread_ts == anew.ts


async def test_a_reminder_whose_list_somebody_deleted_goes_with_a_new_one(story):
    await story.configured(HAND)
    await story.after("1h 1m")
    first = story.the("morning")
    story.slack.messages.remove(first)
    story.slack.faults = [lambda _: MessageGone("thread_not_found")]
    await story.after("15m")
    (reminder,) = story.replies("overdue")
    assert reminder.thread_ts == story.the("morning").ts != first.ts


async def test_evidence_waits_half_an_hour_for_its_channel_and_then_no_longer(story):
    await story.configured(HAND.replace(", {manual: Look around}", ""))
    meter = Meter()
    story.engine._courier = Courier(story.store, story.slack, story.clock, lambda: story.configuration, meter=meter)
    story.slack.faults = [lambda _: None, *([archived] * 100)]
    await story.after("1h 20m")
    assert (await story.store.read(lambda tx: tx.outbox.depth()))[0] == 1
    await story.after("20m")
    assert (await story.store.read(lambda tx: tx.outbox.depth()))[0] == 0
    assert len(story.slack.faults) > 60, "it was tried for ever"
    assert meter.deliveries["failed"] == 1
    assert meter.deliveries["later"] > 20
    (loss,) = (await story.desk.status()).losses
    assert (loss.reason, loss.about, loss.error) == ("evidence", "morning@2026-03-02T09:00", "is_archived")


async def test_whoever_would_be_called_is_told_of_a_missing_channel_once_a_day(story):
    await story.configured(CACHE)
    for _ in range(3):
        await story.engine.tell(["U0ANN", "U0BEN"], "Rounds cannot post to #gone.", topic="#gone channel_not_found")
    await story.after("5s")
    # Two people have two channels, which wait for nobody: either may be first.
    assert sorted(said.channel for said in story.roots("cannot post to #gone")) == ["U0ANN", "U0BEN"]
    story.clock.at += timedelta(days=1)
    await story.engine.tell(["U0ANN"], "Rounds cannot post to #gone.", topic="#gone channel_not_found")
    await story.after("5s")
    assert len(story.roots("cannot post to #gone")) == 3
