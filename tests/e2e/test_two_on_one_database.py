"""Two Rounds on one PostgreSQL, in front of one Slack: whoever hears it, it happens once; one of them may die."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bot.engine.runner import LEASE
from tests.e2e.processes import Sandbox, Serve, so
from tests.e2e.workspace import LOOK_EVERY_S, PATIENCE_S, Said, State, Workspace

ANN, BEN, CHI = "U1", "U2", "U3"
OPERATIONS = "C1"

CONFIGURATION = """
timezone: UTC
channel: "#operations"
checks:
  fine: {{kind: files, path: {folder}/fine}}
  backup: {{kind: files, path: {folder}/backup, every: 5s, open_after: 1, close_after: 1}}
checklists:
  rhythm: {{title: Every five seconds, every: 5s, channel: "#rhythm", items: [fine]}}
escalations:
  climb:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 6s, notify: ["user:ben"]}}
    - {{after: 24s, notify: ["user:chi"]}}
"""
SECOND_S, THIRD_S = 6, 24
"""When its second and third step are due. Between them somebody has to acknowledge, on a busy machine, too."""

SEED: dict[str, object] = {"channels": [{"id": OPERATIONS, "name": "operations"}, {"id": "C2", "name": "rhythm"}]}


@dataclass(frozen=True)
class Team:
    """Two Rounds, the Slack that both serve, and the file whose absence is an incident."""

    first: Serve
    second: Serve
    slack: Workspace
    backup: Path

    async def connections(self, count: int) -> None:
        """Wait until so many connections are open."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = (await self.slack.look("connections"))["connections"]
                if len(found) == count:
                    return
                await asyncio.sleep(LOOK_EVERY_S)

    async def broken(self) -> Said:
        """The backup goes missing; its incident."""
        self.backup.unlink()
        return await self.slack.until(open_card, "incident")

    async def told(self) -> None:
        """Wait until the ledger knows that the incident stands in Slack.

        Whoever dies between the two leaves the second to wait until the lease has run out, and every message of that
        incident with it; `tests/chaos` is about that moment.
        """
        await so(
            lambda: any("told: opened" in serve.said for serve in (self.first, self.second)), "note of the incident"
        )

    async def mended(self, card: Said, *, within: float = PATIENCE_S) -> None:
        self.backup.touch()
        await self.slack.until(lambda state: state.replies(card, "Recovered"), "recovery", within=within)


def open_card(state: State) -> Said | None:
    return next((card for card in state.roots(OPERATIONS, "backup") if not card.shows("Recovered")), None)


@pytest.fixture
async def team(tmp_path: Path, postgresql_url: str) -> AsyncIterator[Team]:
    """Both serve."""
    for name in ("fine", "backup"):
        (tmp_path / name).touch()
    sandbox = Sandbox.start(tmp_path, seed=SEED)
    serves: list[Serve] = []
    try:
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            serve = Serve(tmp_path / name, api=sandbox.api, configuration=CONFIGURATION.format(folder=tmp_path))
            serve.environment["DATABASE_URL"] = postgresql_url
            serves.append(serve.start())
        async with aiohttp.ClientSession() as http:
            team = Team(*serves, Workspace(sandbox, serves[1], http), tmp_path / "backup")
            for serve in serves:
                await serve.logged("Rounds is serving")
            await team.connections(2)
            yield team
            assert (await team.slack.state()).doubled() == {}
    finally:
        for serve in serves:
            serve.stop()
        sandbox.stop()


async def test_one_dies_and_the_other_goes_on_where_it_was(team: Team) -> None:
    card = await team.broken()
    await team.told()
    team.first.kill()
    (called,) = await team.slack.until(lambda s: s.replies(card, "Escalated", f"<@{BEN}>"), "second step")
    assert called.at - card.opened >= SECOND_S
    await team.slack.click(BEN, card.button("acknowledge"))
    await team.slack.until(lambda s: s.replies(card, f"<@{BEN}> has it"), "acknowledgement")
    until = card.opened + THIRD_S + 2
    await team.slack.never(lambda s: s.replies(card, "step 3"), "climbed although acknowledged", until=until)
    await team.mended(card, within=PATIENCE_S + LEASE.total_seconds())  # it may have died while it looked
    slots = [m.key for m in (await team.slack.state()).messages if m.key and m.key.startswith("run:rhythm")]
    assert len(slots) == len(set(slots)) > 0


async def test_whatever_slack_does_to_the_connections_each_click_and_word_has_its_effect_once(team: Team) -> None:
    slack = team.slack
    await slack.act("fault", status="duplicate", method="event", count=1_000)
    await slack.act("fault", status="429", method="chat.postMessage", count=10, probability=0.5, retry_after=1, seed=7)
    card = await team.broken()
    for turn in range(4):
        await slack.click(ANN, card.button("acknowledge"))
        card = await slack.until(lambda s: s.the(OPERATIONS, "backup", f"<@{ANN}> has it"), "acknowledgement")
        if turn == 1:
            await slack.act("fault", status="refuse_ticket", count=2)
            await slack.act("disconnect", reason="refresh_requested")
            await team.connections(2)
        await slack.click(ANN, card.button("unacknowledge"))
        card = await slack.until(lambda s: s.the(OPERATIONS, "backup", "nobody has it"), "giving back")
        assert "Wrong now" in await slack.ask(CHI, OPERATIONS, "status")
    number = re.search(r"#(\d+)", card.text)[1]  # type: ignore[index]
    assert "You have #" in await slack.ask(BEN, OPERATIONS, f"ack #{number}")

    def told(state: State) -> list[Said]:
        return state.replies(card, "has it")

    await slack.until(lambda s: len(told(s)) == 5, "five acknowledgements in the thread")
    await team.mended(card)
    state = await slack.state()
    assert len(state.replies(card, "gave it back")) == 4
    assert len(told(state)) == 5
    assert team.first.complained + team.second.complained == []


async def test_of_two_who_press_at_once_one_has_it_whichever_process_hears_them(team: Team) -> None:
    card = await team.broken()
    await asyncio.gather(*(team.slack.click(who, card.button("acknowledge")) for who in (ANN, BEN)))

    def refused(state: State) -> list[Said]:
        return [m for m in state.messages if m.only_for in (ANN, BEN) and (m.shows("already") or m.shows("changed by"))]

    (loser,) = {m.only_for for m in await team.slack.until(refused, "sentence to the loser")}
    (has,) = await team.slack.until(lambda s: s.replies(card, "has it"), "acknowledgement")
    assert has.shows(f"<@{ANN if loser == BEN else BEN}> has it")
    await team.mended(card)
