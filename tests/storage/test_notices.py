"""What Rounds says of itself, once, however many replicas notice it."""

import asyncio
from datetime import timedelta

MINUTE = timedelta(minutes=1)


async def say(ledger, words):
    since = ledger.now - MINUTE
    return await ledger.write(lambda tx: tx.notices.add_unless_said(words, channel="#ops", since=since))


async def test_of_many_replicas_that_say_the_same_at_once_one_is_heard(ledger):
    said = await asyncio.gather(*(say(ledger, "It was read anew.") for _ in range(8)))
    assert sum(number is not None for number in said) == 1


async def test_other_words_and_the_same_words_later_are_said(ledger):
    assert await say(ledger, "It was read anew.") is not None
    assert await say(ledger, "It cannot be used.") is not None
    ledger.passes(minutes=1, seconds=1)
    assert await say(ledger, "It was read anew.") is not None
