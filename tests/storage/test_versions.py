"""Which configuration counted since when; the same one again is no new version."""

from datetime import timedelta

DAY = timedelta(days=1)


async def noted(ledger, *digests):
    """Each a day after the other."""
    new = []
    for digest in digests:
        new.append(await ledger.write(lambda tx, digest=digest: tx.versions.note(digest, f"changed: {digest}")))
        ledger.passes(days=1)
    return new


async def kept(ledger):
    return [version.digest for version in await ledger.read(lambda tx: tx.versions.newest())]


async def test_each_change_is_a_version_and_the_same_again_is_none(ledger):
    begun = ledger.now
    assert await noted(ledger, "a", "a", "b", "a") == [True, False, True, True]
    assert await kept(ledger) == ["a", "b", "a"]
    (newest, *_) = await ledger.read(lambda tx: tx.versions.newest(limit=1))
    assert (newest.at, newest.changes) == (begun + 3 * DAY, "changed: a")


async def test_old_ones_are_forgotten_but_for_the_newest(ledger):
    await noted(ledger, "a", "b", "c")
    assert await ledger.write(lambda tx: tx.versions.forget(before=ledger.now - 2 * DAY)) == 1
    assert await kept(ledger) == ["c", "b"]
    assert await ledger.write(lambda tx: tx.versions.forget(before=ledger.now + DAY)) == 1
    assert await kept(ledger) == ["c"]
