"""The outbox: each thing once, the urgent first, in order within a thread, and nothing sent twice unknowingly."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.domain.notifications import Detour
from storage.outbox import DIGEST, ESCALATION, INCIDENT
from tests.storage.records import AT, MINUTE

LEASE = timedelta(seconds=30)


async def expected(ledger, *subjects, **given):
    for subject in subjects:
        await ledger.write(lambda tx, one=subject: tx.messages.expect(one, channel="#operations", **given))


async def added(ledger, key, subject="run:1", **given):
    values = {"key": key, "subject": subject, "reason": "digest", "priority": DIGEST, **given}
    return await ledger.write(lambda tx: tx.outbox.add(**values))


async def due(ledger):
    return [parcel.key for parcel in await ledger.read(lambda tx: tx.outbox.due())]


async def claimed(ledger, key, token="first"):
    (parcel,) = [each for each in await ledger.read(lambda tx: tx.outbox.due()) if each.key == key]
    return await ledger.write(lambda tx: tx.outbox.claim(parcel, token=token, lease=LEASE))


async def stands(ledger, subject, ts="1.0"):
    await ledger.write(lambda tx: tx.messages.posted(subject, channel_id="C1", ts=ts, shown=1))


async def test_a_key_is_told_once(ledger):
    await expected(ledger, "run:1")
    assert [await added(ledger, "k"), await added(ledger, "k"), await added(ledger, "other")] == [True, False, True]


async def test_of_many_who_decide_the_same_at_once_one_is_told(ledger):
    await expected(ledger, "run:1")
    assert sum(await asyncio.gather(*(added(ledger, "k") for _ in range(20)))) == 1


async def test_whoever_is_called_at_night_does_not_wait_behind_a_digest(ledger):
    await expected(ledger, "run:1", "incident:1", "incident:2")
    await added(ledger, "digest")
    await added(ledger, "incident", "incident:1", priority=INCIDENT)
    await added(ledger, "escalation", "incident:2", priority=ESCALATION)
    assert await due(ledger) == ["escalation", "incident", "digest"]


async def test_a_reply_waits_for_the_message_that_it_answers(ledger):
    await expected(ledger, "incident:1")
    await added(ledger, "reply", "incident:1", in_thread=True, priority=ESCALATION)
    assert await due(ledger) == []
    await stands(ledger, "incident:1", "7.7")
    (parcel,) = await ledger.read(lambda tx: tx.outbox.due())
    assert (parcel.key, parcel.thread_ts, parcel.channel) == ("reply", "7.7", "C1")


async def test_replies_go_out_in_the_order_in_which_it_happened(ledger):
    await expected(ledger, "incident:1")
    await stands(ledger, "incident:1")
    await added(ledger, "first", "incident:1", in_thread=True)
    await added(ledger, "second", "incident:1", in_thread=True)
    assert await due(ledger) == ["first"]
    parcel = await claimed(ledger, "first")
    assert await due(ledger) == []
    await ledger.write(lambda tx: tx.outbox.sent(parcel, ts="1.1"))
    assert await due(ledger) == ["second"]


async def test_whoever_is_called_does_not_wait_behind_a_reply_that_is_only_good_to_know(ledger):
    await expected(ledger, "incident:1")
    await stands(ledger, "incident:1")
    await added(ledger, "escalated", "incident:1", in_thread=True, priority=ESCALATION)
    await added(ledger, "acknowledged", "incident:1", in_thread=True, priority=INCIDENT)
    await added(ledger, "called", "incident:1", in_thread=True, priority=ESCALATION)
    assert await due(ledger) == ["escalated"]
    parcel = await claimed(ledger, "escalated")
    await ledger.write(lambda tx: tx.outbox.sent(parcel, ts="1.1"))
    assert await due(ledger) == ["called", "acknowledged"]


async def test_one_thread_does_not_hold_up_another(ledger):
    await expected(ledger, "incident:1", "incident:2")
    await stands(ledger, "incident:1")
    await stands(ledger, "incident:2", "2.0")
    await added(ledger, "one", "incident:1", in_thread=True)
    await claimed(ledger, "one")
    await added(ledger, "two", "incident:2", in_thread=True)
    assert await due(ledger) == ["two"]


async def test_a_message_in_the_thread_of_another_waits_for_that(ledger):
    await expected(ledger, "incident:1")
    await expected(ledger, "run:9", thread_subject="incident:1")
    await added(ledger, "answer", "run:9")
    assert await due(ledger) == []
    await stands(ledger, "incident:1", "7.7")
    (parcel,) = await ledger.read(lambda tx: tx.outbox.due())
    assert parcel.thread_ts == "7.7"


CLAIMS = [
    pytest.param("pending", timedelta(), True, False, id="what is pending can be taken, and surely did not arrive"),
    pytest.param("not yet", timedelta(), False, False, id="what has to wait cannot"),
    pytest.param("not yet", MINUTE, True, False, id="after its wait it can"),
    pytest.param("sending", timedelta(seconds=29), False, False, id="what somebody is sending cannot"),
    pytest.param("sending", timedelta(seconds=30), True, True, id="who never reported back may have sent it"),
    pytest.param("uncertain", MINUTE, True, True, id="what was uncertain stays so"),
    pytest.param("sent", MINUTE, False, False, id="what was sent cannot"),
    pytest.param("failed", MINUTE, False, False, id="what can never arrive cannot"),
]


@pytest.mark.parametrize(("state", "later", "taken", "uncertain"), CLAIMS)
async def test_what_can_be_taken_in_hand(ledger, state, later, taken, uncertain):
    await expected(ledger, "run:1")
    await added(ledger, "k")
    (candidate,) = await ledger.read(lambda tx: tx.outbox.due())
    if state != "pending":
        parcel = await claimed(ledger, "k")
        until = AT + MINUTE
        ends = {
            "sending": lambda tx: True,
            "not yet": lambda tx: tx.outbox.postpone(parcel, until=until, error="", uncertain=False),
            "uncertain": lambda tx: tx.outbox.postpone(parcel, until=AT, error="", uncertain=True),
            "sent": lambda tx: tx.outbox.sent(parcel, ts="1.0"),
            "failed": lambda tx: tx.outbox.fail(parcel, error=""),
        }
        assert await ledger.write(ends[state])
    ledger.clock.at += later
    assert (await due(ledger) == ["k"]) is taken
    parcel = await ledger.write(lambda tx: tx.outbox.claim(candidate, token="second", lease=LEASE))
    assert (parcel is not None) is taken
    assert bool(parcel and parcel.uncertain) is uncertain


async def test_a_reply_whose_message_went_away_meanwhile_is_not_taken_in_hand(ledger):
    await expected(ledger, "incident:1")
    await stands(ledger, "incident:1")
    await added(ledger, "reply", "incident:1", in_thread=True)
    (seen,) = await ledger.read(lambda tx: tx.outbox.due())
    # Another courier has found the card deleted. Sent now, the reply would stand in the channel, under nothing.
    await ledger.write(lambda tx: tx.messages.gone("incident:1", ts="1.0"))
    assert await ledger.write(lambda tx: tx.outbox.claim(seen, token="second", lease=LEASE)) is None
    await stands(ledger, "incident:1", ts="2.0")
    assert (await claimed(ledger, "reply")).thread_ts == "2.0"


async def test_of_many_who_take_it_at_once_one_has_it(ledger):
    await expected(ledger, "run:1")
    await added(ledger, "k")
    (candidate,) = await ledger.read(lambda tx: tx.outbox.due())
    taken = await asyncio.gather(
        *(ledger.write(lambda tx, n=n: tx.outbox.claim(candidate, token=str(n), lease=LEASE)) for n in range(20))
    )
    assert sum(parcel is not None for parcel in taken) == 1


@pytest.mark.parametrize("end", ["sent", "postpone", "fail"])
async def test_whoever_lost_the_claim_changes_nothing(ledger, end):
    await expected(ledger, "run:1")
    await added(ledger, "k")
    slow = await claimed(ledger, "k")
    ledger.passes(seconds=31)
    quick = await claimed(ledger, "k", "second")
    how = {"sent": {"ts": "1.0"}, "postpone": {"until": AT, "error": "", "uncertain": False}, "fail": {"error": ""}}
    assert not await ledger.write(lambda tx: getattr(tx.outbox, end)(slow, **how[end]))
    assert await ledger.write(lambda tx: tx.outbox.sent(quick, ts="2.0"))


async def test_the_first_attempt_is_remembered_over_all_later_ones(ledger):
    await expected(ledger, "run:1")
    await added(ledger, "k")
    parcel = await claimed(ledger, "k")
    await ledger.write(lambda tx: tx.outbox.postpone(parcel, until=AT, error="lost", uncertain=True))
    ledger.passes(minutes=5)
    again = await claimed(ledger, "k")
    assert (again.first_attempt_at, again.attempts, again.uncertain) == (AT, 2, True)


async def test_after_a_restart_what_was_being_sent_is_uncertain_and_due_as_soon_as_slack_must_have_done_with_it(ledger):
    await expected(ledger, "run:1")
    await added(ledger, "k")
    await claimed(ledger, "k")
    ledger.passes(seconds=3)
    for _ in range(3):  # however often it starts
        await ledger.reopened()
        await ledger.write(lambda tx: tx.outbox.release_all(settled=timedelta(seconds=10)))
        ledger.passes(seconds=3)
        assert await due(ledger) == []
    ledger.passes(seconds=1)
    assert (await claimed(ledger, "k", "alive")).uncertain


async def test_a_restart_prolongs_no_claim(ledger):
    await expected(ledger, "run:1")
    await added(ledger, "k")
    await claimed(ledger, "k")
    ledger.passes(seconds=29)
    await ledger.write(lambda tx: tx.outbox.release_all(settled=timedelta(seconds=10)))
    ledger.passes(seconds=1)
    assert await due(ledger) == ["k"]


async def test_why_a_message_stands_elsewhere_is_remembered_once_and_by_whoever_takes_it_over(ledger):
    await expected(ledger, "run:1")
    assert await ledger.read(lambda tx: tx.detours.of("run:1")) is None
    for channel, error in (("#ops: a:moved:b", "is_archived"), ("#ops: a:moved:b", "later"), ("#record", "gone")):
        await ledger.write(lambda tx, c=channel, e=error: tx.detours.note("run:1", meant_for=c, error=e))
    first = Detour("#ops: a:moved:b", "is_archived")
    assert await ledger.read(lambda tx: tx.detours.of("run:1")) == first
    assert await due(ledger) == []
    assert await ledger.read(lambda tx: tx.outbox.depth()) == (0, None)
    await stands(ledger, "run:1")
    assert await ledger.write(lambda tx: tx.messages.take_over("run:1", "run:2"))
    assert await ledger.read(lambda tx: tx.detours.of("run:2")) == first


async def test_how_much_waits_and_since_when(ledger):
    await expected(ledger, "run:1")
    assert await ledger.read(lambda tx: tx.outbox.depth()) == (0, None)
    await added(ledger, "k")
    ledger.passes(minutes=1)
    await added(ledger, "later")
    assert await ledger.read(lambda tx: tx.outbox.depth()) == (2, AT)


async def test_a_writer_wakes_whoever_delivers(ledger):
    heard = []
    ledger.store.on_commit(heard.append)
    await expected(ledger, "run:1")
    await added(ledger, "k")
    assert "outbox" in heard[-1]
