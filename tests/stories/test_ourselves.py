"""Rounds notices that it cannot do what it promised, and says so as soon as it can."""

from datetime import timedelta

import pytest

from bot.config.load import parse
from bot.domain.ledger import LedgerAway
from bot.domain.notifications import ChannelUnusable, MessageGone, NotDelivered, PerhapsDelivered, Undeliverable
from bot.domain.runs import Trigger
from bot.engine.courier import Courier
from bot.engine.meter import Meter
from bot.engine.selfwatch import SelfWatch
from bot.engine.ticker import set_right, start_run, synchronise
from bot.slack.cards import status_card

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


async def in_turn(story, times, *processes):
    for _ in range(times):
        for watching in processes:
            await measured(story, watching, 1)


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
    await in_turn(story, 8, deaf, hearing)
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


async def test_a_disk_that_goes_on_filling_up_is_open_again_although_somebody_had_it(story):
    await story.configured(MORNING)
    free = [50_000_000]
    watching = watch(story, disk_free=lambda: free[0])
    await measured(story, watching, 3)
    await story.after("2s")
    await story.desk.acknowledge("#1", story.asked("U1"))
    free[0] = 1_000_000
    await measured(story, watching, 1)
    await story.after("2s")
    assert story.the("#1 The disk of Rounds").shows("Critical, open: nobody has it yet", "976.6 KiB free")
    assert story.replies("Worse: now critical")[0].broadcast


def refused(reason):
    """Slack will never take a letter of that reason."""
    return lambda letter: Undeliverable("msg_too_long: <!channel>") if letter.reason == reason else None


LOST = 'morning@2026-03-02T09:00 in #operations, and 1 more: msg_too_long: &lt;!channel&gt;; rounds why "morning@2026'


async def test_a_message_that_slack_will_never_take_is_told_as_an_incident_and_in_the_status(story):
    await story.configured(MORNING)
    watching = watch(story)
    story.slack.faults = [refused("digest")]
    await story.after("1h 1m")
    assert story.roots("morning") == []
    await measured(story, watching, 1)
    await story.after("2s")
    assert story.the("#1 A message was given up").shows("nobody will read “digest” of", LOST, "@ann")
    loss, evidence = (await story.desk.status()).losses
    assert (evidence.reason, evidence.error) == ("evidence", "the message above it was given up")
    assert (loss.reason, loss.about, loss.channel) == ("digest", "morning@2026-03-02T09:00", "#operations")
    card = status_card(await story.desk.status())
    assert "given up: digest of morning@2026-03-02T09:00: msg_too_long" in card.text
    assert "2 messages were given up in the last day" in str(card.blocks)
    assert "<!channel>" not in str(card)
    await story.after("10m")
    await measured(story, watching, 1)
    assert story.replies("Recovered", "no other message was given up")
    await story.after("1d")
    assert (await story.desk.status()).losses == ()


async def test_a_message_that_was_given_up_is_told_once_also_by_two_processes_and_after_a_resolution(story):
    await story.configured(MORNING)
    one, other = watch(story, name="a"), watch(story, name="b")
    story.slack.faults = [refused("digest")] * 10
    await story.after("1h 1m")
    await in_turn(story, 2, one, other)
    await measured(story, one, 3)
    await story.desk.resolve("#1", story.asked("U1"))
    restarted = watch(story, name="a")
    await in_turn(story, 30, restarted, other)
    assert len(story.roots("A message was given up")) == 1


async def test_a_message_given_up_just_before_somebody_resolved_the_incident_is_told_all_the_same(story):
    await story.configured(MORNING)
    watching = watch(story)
    story.slack.faults = [refused("digest")]
    await story.after("1h 1m")
    await measured(story, watching, 3)
    await story.engine.say("hello")
    story.slack.faults = [refused("notice")]
    await story.after("1s")
    await story.desk.resolve("#1", story.asked("U1"))
    await measured(story, watch(story), 1)
    await story.after("2s")
    assert story.the("#2 A message was given up").shows("notice")


async def test_evidence_whose_digest_somebody_deleted_is_no_loss(story):
    await story.configured(MORNING)
    story.slack.faults = [lambda _: None, lambda _: MessageGone("thread_not_found")]
    await story.after("1h 1m")
    await measured(story, watch(story), 3)
    assert (await story.desk.status()).losses == ()
    assert len(story.roots()) == 1


async def test_a_detour_is_counted_and_so_is_what_is_dropped_on_the_way(story):
    await story.configured(MORNING.replace("items: [api]", 'channel: "#elsewhere", items: [api]'))
    meter = Meter()
    courier = Courier(story.store, story.slack, story.clock, lambda: story.configuration, meter=meter)
    story.engine._courier = courier
    errors = (ChannelUnusable("is_archived"), None, MessageGone("thread_not_found"))
    story.slack.faults = [lambda _, error=error: error for error in errors]
    await story.after("1h 1m")
    counted = {outcome: count for outcome, count in meter.deliveries.items() if count}
    assert counted == {"elsewhere": 1, "sent": 1, "dropped": 1}


async def test_every_attempt_is_counted_by_what_became_of_it(story):
    await story.configured(MORNING)
    meter = Meter()
    courier = Courier(story.store, story.slack, story.clock, lambda: story.configuration, meter=meter)
    for error in (NotDelivered("not now"), PerhapsDelivered("lost"), None, Undeliverable("never")):
        await story.engine.say(f"hello, {error}")
        story.slack.faults = [lambda _, error=error: error]
        story.clock.at += timedelta(minutes=1)
        await courier.deliver()
        while (await story.store.read(lambda tx: tx.outbox.depth()))[0]:
            story.clock.at += timedelta(minutes=1)
            await courier.deliver()
    counted = {outcome: count for outcome, count in meter.deliveries.items() if count}
    assert counted == {"later": 1, "uncertain": 1, "sent": 3, "failed": 1}


CLIMB = """
channel: "#operations"
checks:
  api: {kind: disk, path: /, every: 1m, open_after: 1}
escalations:
  team:
    - {after: 0m, notify: ["user:ann"]}
    - {after: 5m, notify: ["user:ben"]}
    - {after: 10m, notify: ["user:chi"]}
"""


async def test_a_step_below_a_card_that_was_given_up_is_told_with_a_card_that_slack_takes(story):
    await story.configured(CLIMB)
    story.fails("api")
    story.slack.faults = [refused("opened")]
    await story.after("4m")
    assert story.roots() == []
    await story.after("3m")
    card = story.the("#1 api")
    assert [m.thread_ts for m in story.replies("Escalated", "@ben")] == [card.ts]
    await story.after("5m")
    assert len(story.replies("Escalated", "@chi")) == 1
    assert (await story.store.read(lambda tx: tx.outbox.depth()))[0] == 0


async def test_what_waits_below_a_card_that_slack_never_takes_is_given_up_with_it_and_nothing_waits_for_ever(story):
    await story.configured(CLIMB)
    story.fails("api")
    story.slack.faults = [refused("opened")] * 100
    await story.after("12m")
    assert (await story.store.read(lambda tx: tx.outbox.depth()))[0] == 0
    lost = [loss.reason for loss in (await story.desk.status()).losses]
    assert lost.count("escalated") == 2
    assert lost.count("opened") == 3
    assert len(story.slack.faults) == 97


async def test_what_concerned_a_process_that_has_ended_ends_with_it_and_not_before(story):
    await story.configured(MORNING)
    deaf, other = watch(story, deaf_s=lambda: 90.0, name="a:1"), watch(story, name="a:2")
    await in_turn(story, 40, deaf, other)
    await story.after("2s")
    assert story.roots("#1 Rounds did not hear Slack (a:1)")
    assert len(story.roots()) == 1
    assert not story.replies("Recovered")
    await measured(story, other, 28)
    assert not story.replies("Recovered")
    await measured(story, other, 3)
    assert story.replies("Recovered", "that process has ended: nothing was heard of it for 5 min")


async def test_beside_a_version_that_does_not_say_that_it_is_alive_one_incident_in_five_minutes_is_the_most(story):
    await story.configured(MORNING)
    old, new = watch(story, deaf_s=lambda: 90.0, name="a"), watch(story, name="a:2")
    old._gone = lambda *_: frozenset()
    await in_turn(story, 60, old, new)
    assert 1 <= len(story.roots("Rounds did not hear Slack (a)")) <= 4


async def test_nobody_is_taken_for_dead_after_a_time_in_which_nobody_could_measure(story):
    await story.configured(MORNING)
    deaf, other = watch(story, deaf_s=lambda: 90.0, name="a:1"), watch(story, name="a:2")
    await in_turn(story, 40, deaf, other)
    await story.after("30m")
    await measured(story, other, 30)
    assert not story.replies("Recovered")
    await measured(story, other, 3)
    assert story.replies("Recovered", "that process has ended")


async def test_a_run_that_nobody_works_on_is_late_as_is_a_slot_that_becomes_none(story):
    await story.configured(MORNING)
    checklist = story.configuration.checklists["morning"]
    now = story.clock.at
    await story.store.write(
        lambda tx: start_run(tx, checklist, slot="s", trigger=Trigger.HAND, now=now, channel="#operations")
    )
    watching = watch(story)
    for _ in range(10):
        story.clock.at += timedelta(seconds=10)
        await watching.measure()
    (incident,) = await story.store.read(lambda tx: tx.incidents.of_ourselves())
    assert (incident.subject, incident.title) == ("self:tick", "Rounds is late")
    assert "waiting to be looked at for 1 min 30 s" in incident.summary


async def test_a_clock_that_was_ahead_and_is_set_right_blinds_nobody(story):
    await story.configured(CLIMB)
    story.clock.at += timedelta(hours=5)
    await story.after("3m")
    seen = await story.store.read(lambda tx: tx.runs.latest_results("api"))
    story.clock.at -= timedelta(hours=5)
    await story.settle()
    story.fails("api")
    await story.after("2m")
    results = await story.store.read(lambda tx: tx.runs.latest_results("api", limit=10))
    assert len([result for result in results if result.looked_at < seen[0].looked_at - timedelta(hours=4)]) >= 2
    assert story.the("#1 api")


async def test_a_clock_is_set_right_although_the_ledger_is_away_at_that_moment(story, monkeypatch):
    await story.configured(CLIMB)
    await story.after("3m")
    story.clock.at -= timedelta(minutes=10)
    write = story.store.write

    async def away(work):
        raise LedgerAway("not now")

    monkeypatch.setattr(story.store, "write", away)
    with pytest.raises(LedgerAway):
        await story.engine.tick()
    monkeypatch.setattr(story.store, "write", write)
    await story.settle()
    story.fails("api")
    await story.after("3m")
    assert story.the("#1 api")


async def test_what_was_looked_at_too_early_is_looked_at_again_when_its_time_comes(story):
    """The clock is ahead for longer than by how much, so that every slot to come has been run already."""
    await story.configured(CLIMB)
    story.clock.at += timedelta(hours=1)
    await story.settle()
    await story.after("2h")
    story.clock.at -= timedelta(hours=1)
    await story.settle()
    story.fails("api")
    await story.after("3m")
    assert story.the("#1 api")
    story.clock.at -= timedelta(minutes=30)  # and once more, over slots that were freed before
    await story.settle()
    story.recovers("api")
    await story.after("3m")
    assert not await story.store.read(lambda tx: tx.incidents.of_subjects("check:api"))


async def test_rounds_that_a_clock_ahead_took_for_missed_take_place(story):
    """For a moment it is Wednesday, and both rounds until then seem to have been missed."""
    await story.configured(MORNING)
    story.clock.at += timedelta(hours=50)
    await story.settle()
    story.clock.at -= timedelta(hours=50)
    await story.settle()
    await story.after("26h")
    assert [message.at.day for message in story.roots("morning")] == [2, 3]
    assert not story.roots("missed")


async def test_they_take_place_also_by_a_schedule_that_was_changed_before_the_clock_was_right(story):
    await story.configured(MORNING)
    story.clock.at += timedelta(hours=50)
    await story.settle()
    story.clock.at -= timedelta(hours=50)
    await story.configured(MORNING.replace("every day at 09:00", "every day at 09:00 and 18:00"))
    await story.after("2h")
    assert len(story.roots("morning")) == 1


async def test_a_schedule_of_another_replica_stays_when_the_clock_is_set_right(story):
    await story.configured(CLIMB)
    await story.after("2m")
    ours, theirs = story.configuration, parse(CLIMB.replace("every: 1m", "every: 7m"))
    now = story.clock.at
    await story.store.write(lambda tx: synchronise(tx, theirs, now + timedelta(hours=1)))
    await story.store.write(lambda tx: set_right(tx, ours, now))
    assert set(await story.store.read(lambda tx: tx.schedules.all())) == set(theirs.planned)
    await story.store.write(lambda tx: set_right(tx, theirs, now))
    assert {row.cursor for row in (await story.store.read(lambda tx: tx.schedules.all())).values()} == {now}


async def test_a_start_with_a_clock_that_was_ahead_before_looks_at_once(story):
    await story.configured(CLIMB)
    story.clock.at += timedelta(hours=5)
    await story.after("3m")
    story.clock.at -= timedelta(hours=5)
    story.fails("api")
    await story.crashed_and_back_after("1s")
    await story.after("2m")
    assert story.the("#1 api")
