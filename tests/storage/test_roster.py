"""Whom Slack has told us of, over a restart."""

from bot.domain.people import Person, UserGroup

ANN = Person("U1", "ann", "Ann", real="Ann Onymous", team="T1", email="ann@example.com", zone="Europe/Berlin")
GUEST = Person("U2", "gus", "Gus", team="T1", guest=True)
SRE = UserGroup("S1", "sre", "SRE", frozenset({"U1", "U2"}))
DBA = UserGroup("S2", "dba", "DBA")


async def test_people_and_groups_come_back_as_they_were(ledger):
    await ledger.write(lambda tx: tx.roster.learn_people([ANN, GUEST]))
    await ledger.write(lambda tx: tx.roster.learn_groups([SRE], whole=True))
    await ledger.reopened()
    assert sorted(await ledger.read(lambda tx: tx.roster.people()), key=lambda p: p.id) == [ANN, GUEST]
    assert await ledger.read(lambda tx: tx.roster.groups()) == [SRE]


async def test_news_replaces_what_was_known(ledger):
    await ledger.write(lambda tx: tx.roster.learn_people([ANN]))
    gone = Person("U1", "ann", "Ann", deleted=True)
    await ledger.write(lambda tx: tx.roster.learn_people([gone]))
    assert await ledger.read(lambda tx: tx.roster.people()) == [gone]


async def test_a_group_leaves_only_when_the_whole_list_lacks_it(ledger):
    await ledger.write(lambda tx: tx.roster.learn_groups([SRE, DBA], whole=True))
    await ledger.write(lambda tx: tx.roster.learn_groups([SRE], whole=False))
    assert len(await ledger.read(lambda tx: tx.roster.groups())) == 2
    await ledger.write(lambda tx: tx.roster.learn_groups([DBA], whole=True))
    assert await ledger.read(lambda tx: tx.roster.groups()) == [DBA]


async def test_names_longer_than_slack_allows_are_cut_and_not_refused(ledger):
    await ledger.write(lambda tx: tx.roster.learn_people([Person("U9", "x" * 3000, "y" * 3000, zone="z" * 300)]))
    (kept,) = await ledger.read(lambda tx: tx.roster.people())
    assert len(kept.name) == len(kept.display) == 200
