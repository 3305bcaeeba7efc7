"""`rounds check-config` names whom Slack was found not to have, as far as the ledger knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import Person, UserGroup
from storage.opening import open_store, sqlite_url

CONFIGURATION = """
timezone: UTC
channel: "#operations"
people: {chi: U0CHI}
checks:
  root: {kind: disk, path: /, every: 1h, escalation: team, channel: "#gone"}
escalations:
  team:
    - {after: 0m, notify: ["user:ann", "user:Ann Arbor", "user:chi", "user:bne", "user:old"]}
    - {after: 5m, notify: ["usergroup:sre", "usergroup:ser"]}
"""


@pytest.fixture
def ledger(tmp_path):
    """What a Rounds left that was served for a while."""

    async def remember(people=(), groups=()):
        store = open_store(sqlite_url(tmp_path / "rounds.db"), now=lambda: datetime.now(UTC))

        def work(tx):
            tx.roster.learn_people(people)
            tx.roster.learn_groups(groups, whole=True)
            tx.notices.add("hello", channel="#gone")
            for token in ("t1", "t2"):
                parcel = tx.outbox.due()[0]
                claimed = tx.outbox.claim(parcel, token=token, lease=timedelta(seconds=30))
                tx.outbox.postpone(claimed, until=tx.now, error="channel_not_found", uncertain=False)

        await store.write(work)
        await store.close()

    return remember


async def test_whom_slack_does_not_have_is_named(rounds, tmp_path, ledger):
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)
    await ledger(
        [
            Person("U1", "ann", "Ann Arbor"),
            Person("U2", "ben", "Ben"),
            Person("U3", "old", "Old", deleted=True),
        ],
        [UserGroup("S1", "sre", "Reliability")],
    )
    told = rounds("check-config").stdout
    warned = [line.partition(": ")[2] for line in told.splitlines() if line.startswith("warning: ")]
    assert [line.partition(": ")[0] for line in warned] == ["user:bne", "user:old", "usergroup:ser", "#gone"]
    assert "#gone: 1 message waits for it (channel_not_found); `rounds doctor` says what to do" in told
    assert "no mistakes, 4 warnings." in told


async def test_an_address_that_slack_does_not_have_is_named(rounds, tmp_path, ledger):
    text = CONFIGURATION.replace("U0CHI}", "chi@example.com, ann: Ann@Example.com}")
    (tmp_path / "rounds.yml").write_text(text.replace('"user:bne", "user:old"', '"user:eve@example.com"'))
    await ledger([Person("U1", "ann", "Ann Arbor")])
    assert "user:" not in rounds("check-config").stdout  # Slack tells us no addresses
    await ledger([Person("U1", "ann", "Ann Arbor", email="ann@example.com")])
    told = rounds("check-config").stdout
    assert "user:chi is chi@example.com: Slack has told Rounds of nobody by that name" in told
    assert "user:eve@example.com: Slack has told Rounds of nobody by that name" in told
    assert told.count("user:") == 2


async def test_before_slack_has_told_of_anybody_nobody_is_a_stranger(rounds, tmp_path, ledger):
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)
    await ledger()
    assert "user:" not in rounds("check-config").stdout


def test_without_a_ledger_there_is_nothing_to_say_and_none_is_made(rounds, tmp_path, monkeypatch):
    (tmp_path / "rounds.yml").write_text(CONFIGURATION)
    assert "no mistakes." in rounds("check-config").stdout
    assert not (tmp_path / "rounds.db").exists()
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    assert "no mistakes." in rounds("check-config").stdout
