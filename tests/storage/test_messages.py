"""What stands in Slack, and which version of it should."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import tables as t
from storage.opening import open_store
from tests.story import SimulatedClock


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
async def store(database_url, clock):
    """An open store on each database, on a clock that the test moves."""
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    yield store
    await store.close()


async def standing(store, subject="run:1", *, shown=1):
    """A message that stands in Slack."""

    def work(tx):
        tx.messages.expect(subject, channel="#ops")
        tx.messages.posted(subject, channel_id="C1", ts=f"ts of {subject}", shown=shown)

    await store.write(work)


async def of(store, subject="run:1"):
    return await store.read(lambda tx: tx.messages.of(subject))


async def stale(store) -> list[str]:
    return sorted(s.subject for s in await store.read(lambda tx: tx.messages.stale()))


LEASE = timedelta(seconds=30)


async def claimed(store):
    """What a courier has in hand for a redraw now."""
    return await store.write(lambda tx: tx.messages.claim_redraws(lease=LEASE))


async def test_a_message_is_expected_under_its_configured_channel_until_it_stands_somewhere(store):
    await store.write(lambda tx: tx.messages.expect("run:1", channel="#ops", thread_subject="incident:4"))
    found = await of(store)
    assert (found.channel, found.ts, found.wanted, found.shown) == ("#ops", None, 1, 0)
    assert found.thread_subject == "incident:4"
    await store.write(lambda tx: tx.messages.posted("run:1", channel_id="C1", ts="1.1", shown=1))
    found = await of(store)
    assert (found.channel, found.ts, found.shown) == ("C1", "1.1", 1)
    assert await store.read(lambda tx: tx.messages.meant_for("run:1")) == "#ops"
    assert await store.read(lambda tx: tx.messages.subject_at("C1", "1.1")) == "run:1"
    assert await store.read(lambda tx: tx.messages.subject_at("C2", "1.1")) is None


async def test_expecting_a_message_twice_changes_nothing(store):
    await standing(store)
    before = await of(store)
    await store.write(lambda tx: tx.messages.expect("run:1", channel="#elsewhere"))
    assert await of(store) == before


async def test_any_number_of_touches_is_one_redraw(store, clock):
    await standing(store)
    for _ in range(5):
        await store.write(lambda tx: tx.messages.touch("run:1"))
    (found,) = await claimed(store)
    assert (found.wanted, found.shown) == (6, 1)
    await store.write(lambda tx: tx.messages.redrawn(found, not_before=clock.at))
    assert await stale(store) == []


async def test_a_touch_during_a_redraw_is_seen_afterwards(store, clock):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    (drawn,) = await claimed(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    await store.write(lambda tx: tx.messages.redrawn(drawn, not_before=clock.at))
    assert await stale(store) == ["run:1"]


async def test_a_card_is_drawn_by_one_courier_at_a_time_until_that_one_is_given_up(store, clock):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    assert [s.subject for s in await claimed(store)] == ["run:1"]
    assert await claimed(store) == []
    clock.at += LEASE
    assert [s.subject for s in await claimed(store)] == ["run:1"]


async def test_who_draws_after_its_claim_ran_out_has_the_card_drawn_once_more(store, clock):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    (slow,) = await claimed(store)
    clock.at += LEASE
    await store.write(lambda tx: tx.messages.touch("run:1"))
    (quick,) = await claimed(store)
    # In Slack the slow one's older card may have come last; whichever of the two says so last, it is not left there.
    await store.write(lambda tx: tx.messages.redrawn(slow, not_before=clock.at))
    await store.write(lambda tx: tx.messages.redrawn(quick, not_before=clock.at))
    assert await stale(store) == ["run:1"]


async def test_a_message_that_a_later_run_took_over_while_it_was_drawn_is_drawn_for_that_run(store, clock):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    (drawn,) = await claimed(store)
    assert await store.write(lambda tx: tx.messages.take_over("run:1", "run:2"))
    await store.write(lambda tx: tx.messages.redrawn(drawn, not_before=clock.at))
    assert await stale(store) == ["run:2"]


async def test_changes_gather_until_the_next_redraw_may_come(store, clock):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    (found,) = await claimed(store)
    later = clock.at + timedelta(seconds=1)
    await store.write(lambda tx: tx.messages.redrawn(found, not_before=later))
    await store.write(lambda tx: tx.messages.touch("run:1"))
    assert await stale(store) == []
    clock.at = later
    assert await stale(store) == ["run:1"]


async def test_what_is_not_posted_yet_is_not_redrawn(store):
    await store.write(lambda tx: tx.messages.expect("run:1", channel="#ops"))
    await store.write(lambda tx: tx.messages.touch("run:1"))
    assert await stale(store) == []


async def test_a_message_posted_from_an_older_state_is_redrawn(store):
    await store.write(lambda tx: tx.messages.expect("run:1", channel="#ops"))
    await store.write(lambda tx: tx.messages.touch("run:1"))
    await store.write(lambda tx: tx.messages.posted("run:1", channel_id="C1", ts="1.1", shown=1))
    assert await stale(store) == ["run:1"]


async def test_a_redraw_that_failed_waits_and_counts_and_success_forgets_it(store, clock):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    later = clock.at + timedelta(seconds=40)
    (found,) = await claimed(store)
    await store.write(lambda tx: tx.messages.redraw_later(found, not_before=later, error="ratelimited"))
    clock.at += LEASE
    assert await stale(store) == []
    clock.at = later
    (found,) = await claimed(store)
    assert found.attempts == 1
    await store.write(lambda tx: tx.messages.redrawn(found, not_before=clock.at))
    assert (await of(store)).attempts == 0


async def test_touching_homes_touches_every_home_and_nothing_else(store):
    for subject in ("home:U1", "home:U2", "run:1"):
        await standing(store, subject)
    await store.write(lambda tx: tx.messages.touch_homes())
    assert await stale(store) == ["home:U1", "home:U2"]


async def test_homes_are_written_last_so_that_nobody_waits_for_them_meanwhile(store):
    await standing(store, "home:U1")

    def work(tx):
        before = tx.messages.of("home:U1").wanted
        tx.messages.touch_homes()
        tx.messages.touch_homes()
        return before, tx.messages.of("home:U1").wanted

    before, meanwhile = await store.write(work)
    assert (meanwhile, (await of(store, "home:U1")).wanted) == (before, before + 1)


async def test_a_touch_wakes_the_courier(store):
    heard = []
    store.on_commit(heard.append)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    assert heard == [frozenset({"outbox"})]


async def test_a_run_takes_over_the_message_of_the_one_before_and_what_is_to_be_told_there(store):
    await standing(store)
    evidence = {"subject": "run:1", "reason": "evidence", "priority": 2, "in_thread": True}
    await store.write(lambda tx: tx.outbox.add(key="evidence:1", **evidence))
    assert await store.write(lambda tx: tx.messages.take_over("run:1", "run:2"))
    assert await of(store) is None
    found = await of(store, "run:2")
    assert (found.ts, found.wanted > found.shown) == ("ts of run:1", True)
    (parcel,) = await store.read(lambda tx: tx.outbox.due())
    assert (parcel.subject, parcel.thread_ts) == ("run:2", "ts of run:1")


async def test_what_was_sent_about_the_earlier_one_stays_its_own(store):
    await standing(store)
    await store.write(lambda tx: tx.outbox.add(key="k", subject="run:1", reason="digest", priority=2))

    def send(tx):
        (parcel,) = tx.outbox.due()
        claimed = tx.outbox.claim(parcel, token="t", lease=timedelta(seconds=30))
        assert tx.outbox.sent(claimed, ts="1.1")

    await store.write(send)
    await store.write(lambda tx: tx.messages.take_over("run:1", "run:2"))
    assert await store.read(lambda tx: list(tx.connection.scalars(select(t.outbox.c.subject)))) == ["run:1"]


async def test_a_message_that_does_not_stand_yet_cannot_be_taken_over(store):
    await store.write(lambda tx: tx.messages.expect("run:1", channel="#ops"))
    assert not await store.write(lambda tx: tx.messages.take_over("run:1", "run:2"))
    assert not await store.write(lambda tx: tx.messages.take_over("run:9", "run:2"))
    assert await of(store, "run:2") is None


async def test_a_message_that_waits_moves_to_another_channel_and_out_of_its_thread(store):
    await store.write(lambda tx: tx.messages.expect("run:1", channel="#gone", thread_subject="incident:4"))
    await store.write(lambda tx: tx.messages.move("run:1", channel="#ops"))
    found = await of(store)
    assert (found.channel, found.thread_subject) == ("#ops", None)
    assert await store.read(lambda tx: tx.messages.meant_for("run:1")) == "#ops"


async def test_a_message_that_stands_does_not_move(store):
    await standing(store)
    before = await of(store)
    await store.write(lambda tx: tx.messages.move("run:1", channel="#elsewhere"))
    assert await of(store) == before


async def test_a_message_that_is_gone_waits_to_be_posted_anew_and_then_shows_everything(store):
    await standing(store)
    await store.write(lambda tx: tx.messages.touch("run:1"))
    assert await store.write(lambda tx: tx.messages.gone("run:1", ts="ts of run:1"))
    found = await of(store)
    assert (found.ts, found.shown, found.channel) == (None, 0, "#ops")
    assert await stale(store) == []
    await store.write(lambda tx: tx.messages.posted("run:1", channel_id="C1", ts="2.2", shown=found.wanted))
    assert (await of(store)).ts == "2.2"
    assert await stale(store) == []


async def test_a_message_that_stands_elsewhere_by_now_is_not_gone(store):
    await standing(store)
    await store.write(lambda tx: tx.messages.gone("run:1", ts="ts of run:1"))
    await store.write(lambda tx: tx.messages.posted("run:1", channel_id="C1", ts="2.2", shown=1))
    assert not await store.write(lambda tx: tx.messages.gone("run:1", ts="ts of run:1"))
    assert (await of(store)).ts == "2.2"


async def test_replies_wait_for_the_message_that_is_posted_anew(store):
    await standing(store, "incident:1")
    reply = {"subject": "incident:1", "reason": "recovered", "priority": 1, "in_thread": True}
    await store.write(lambda tx: tx.outbox.add(key="reply", **reply))
    await store.write(lambda tx: tx.messages.gone("incident:1", ts="ts of incident:1"))
    assert await store.read(lambda tx: tx.outbox.due()) == []
    await store.write(lambda tx: tx.outbox.add(key="again", subject="incident:1", reason="opened", priority=0))
    assert [p.key for p in await store.read(lambda tx: tx.outbox.due())] == ["again"]
