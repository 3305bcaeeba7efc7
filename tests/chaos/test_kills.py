"""Thirty times `kill -9`, and a Slack that accepts messages without saying so: nothing lost, nothing doubled.

Ten checklists come due every five seconds. The verdict is read from both sides: what stands in Slack, by the keys that
the messages carry, and what the ledger says.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import aiohttp
import pytest

from tests.e2e.processes import Sandbox, Serve
from tests.e2e.workspace import State, Workspace

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

CHECKLISTS = 10
SLOTS = 200
EVERY_S = 5
CHANNELS = 10

CONFIGURATION = """
timezone: UTC
channel: "#c0"
checks:
  good: {{kind: files, path: {folder}/there}}
  broken:
    kind: files
    path: {folder}/missing
    every: 5s
    open_after: 1
    escalation: climb
    channel: "#incidents"
checklists:
{checklists}
escalations:
  climb:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 15s, notify: ["user:ben"]}}
    - {{after: 30s, notify: ["user:chi"]}}
    - {{after: 45s, notify: ["usergroup:sre"]}}
"""


def configuration(folder) -> str:
    lists = "\n".join(
        f'  list{n}: {{every: {EVERY_S}s, channel: "#c{n % CHANNELS}", items: [good]}}' for n in range(CHECKLISTS)
    )
    return CONFIGURATION.format(folder=folder, checklists=lists)


SEED = {
    # What is tried here is lost answers; the pace of one a second and channel would only make the test longer.
    "rate_limits": False,
    "channels": [{"id": f"C{n + 10}", "name": f"c{n}"} for n in range(CHANNELS)] + [{"id": "C90", "name": "incidents"}],
}


@dataclass
class Verdict:
    """What the two sides say at the end."""

    slots: int = 0
    own: int = 0
    missed: int = 0
    coalesced: int = 0
    kills: int = 0
    uncertain: int = 0
    doubled: dict[str, int] = field(default_factory=dict)
    unaccounted: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.slots} slots: {self.own} with a digest of their own, {self.missed} missed, "
            f"{self.coalesced} coalesced; {self.uncertain} sends needed another attempt; {len(self.doubled)} doubled"
        )


class Chaos:
    """One Rounds that is killed again and again."""

    def __init__(self, workspace: Workspace, *, seed: int) -> None:
        self.workspace = workspace
        self.serve = workspace.serve
        self.random = random.Random(seed)
        self.kills = 0

    async def faults(self, *, drop: float) -> None:
        """From now on Slack is unreliable."""
        never_ending = 100_000
        for n, (status, probability) in enumerate((("drop_after_commit", drop), (500, 0.03), (429, 0.03))):
            await self.workspace.act(
                "fault",
                method="chat.postMessage",
                status=status,
                count=never_ending,
                probability=probability,
                seed=n,
                retry_after=1,
            )

    async def kill_at_random(self, *, kills: int, slots: int) -> None:
        """Kill and start again until both numbers are reached; each life lasts between a blink and six seconds."""
        while self.kills < kills or self._slots() < slots:
            self.serve.start()
            # The moment of the next kill is what the test is about; nothing is waited for here.
            await asyncio.sleep(self.random.uniform(0.3, 6.0))
            self.serve.kill()
            self.kills += 1
            assert self.kills < 10 * kills, "the slots never came due"

    def _slots(self) -> int:
        if not self.serve.database.exists():
            return 0
        try:
            return len(self.rows("SELECT id FROM run WHERE trigger = 'schedule'"))
        except sqlite3.OperationalError:
            return 0  # killed before the tables were made

    def rows(self, query: str) -> list[sqlite3.Row]:
        with sqlite3.connect(self.serve.database, timeout=30) as connection:
            connection.row_factory = sqlite3.Row
            found = connection.execute(query).fetchall()
        connection.close()
        return found

    async def calm_down(self) -> State:
        """Let it live, without faults, until everything that was decided is told and every gap is named."""
        await self.workspace.act("fault", clear=True)
        self.serve.start()
        last = max((row["id"] for row in self.rows("SELECT id FROM run")), default=0)

        def settled(_: State) -> bool:
            lists = self.rows(
                f"SELECT DISTINCT checklist FROM run WHERE id > {last} AND trigger = 'schedule' AND posted"
            )
            open_rows = self.rows(
                f"SELECT 1 FROM outbox WHERE state IN ('pending', 'sending') AND created_at < "
                f"(SELECT max(created_at) FROM outbox) - 5000000 UNION ALL "
                f"SELECT 1 FROM run WHERE id <= {last} AND state IN ('new', 'running')"
            )
            return len(lists) == CHECKLISTS and not open_rows

        await self.workspace.until(settled, "quiet ledger", within=90)
        self.serve.terminate()
        return await self.workspace.state()

    def verdict(self, state: State) -> Verdict:
        """Hold what stands in Slack against the ledger."""
        verdict = Verdict(kills=self.kills, doubled=state.doubled())
        keys = Counter(m.key for m in state.messages if m.key)
        told = {m.key: m.everything for m in state.messages if m.key}
        runs = self.rows("SELECT * FROM run WHERE trigger = 'schedule' ORDER BY checklist, due_at")
        by_id = {row["id"]: row for row in runs}
        for row in runs:
            verdict.slots += 1
            name = f"run:{row['checklist']}:{row['slot']}"
            own = keys[name]
            namer = by_id.get(row["told_in"])
            named = 0
            if namer is not None:
                text = told.get(f"run:{namer['checklist']}:{namer['slot']}", "")
                named = text.count(f"{row['slot']} {row['state']}")
            match row["state"]:
                case "complete":
                    verdict.own += 1
                case "missed":
                    verdict.missed += 1
                case "coalesced":
                    verdict.coalesced += 1
            if own + bool(named) == 0:
                verdict.unaccounted.append(f"{name} {row['state']}")
            elif own + named > 1:
                verdict.twice.append(f"{name} {row['state']}")
        verdict.uncertain = self.rows("SELECT count(*) AS n FROM outbox WHERE attempts > 1")[0]["n"]
        self._steps(verdict, keys)
        return verdict

    def _steps(self, verdict: Verdict, keys: Counter) -> None:
        """Every step that fired is told once, and nothing else claims to be one."""
        lines = self.rows("SELECT * FROM timeline WHERE reason = 'escalated'")
        rows = self.rows("SELECT * FROM outbox WHERE reason = 'escalated'")
        assert len(rows) == len(lines)
        for row in rows:
            if keys[row["key"]] != 1:
                verdict.untold.append(f"{row['key']}: stands {keys[row['key']]} times")
        for row in self.rows("SELECT * FROM step"):
            if row["state"] != "fired":
                verdict.untold.append(f"step {row['position']} of incident {row['incident_id']} is {row['state']}")

    def gaps_without_holes(self) -> list[str]:
        """Slots between the first and the last of a checklist that have no row at all."""
        holes = []
        for n in range(CHECKLISTS):
            due = [
                row["due_at"] // 1_000_000
                for row in self.rows(
                    f"SELECT due_at FROM run WHERE checklist = 'list{n}' AND trigger = 'schedule' ORDER BY due_at"
                )
            ]
            holes += [f"list{n}: {a} → {b}" for a, b in pairwise(due) if b - a != EVERY_S]
        return holes


@pytest.fixture
async def chaos(tmp_path):
    """A sandbox, and a Rounds that is not started yet."""

    async def begin(**environment: str) -> Chaos:
        (tmp_path / "there").touch()
        sandbox = Sandbox.start(tmp_path, seed=SEED)
        serve = Serve(tmp_path, api=sandbox.api, configuration=configuration(tmp_path), **environment)
        http = aiohttp.ClientSession()
        started.append((sandbox, serve, http))
        return Chaos(Workspace(sandbox, serve, http), seed=20260302)

    started: list[tuple[Sandbox, Serve, aiohttp.ClientSession]] = []
    yield begin
    for sandbox, serve, http in started:
        await http.close()
        serve.stop()
        sandbox.stop()


async def test_thirty_kills_during_two_hundred_slots_lose_nothing_and_double_nothing(chaos, record_property):
    run = await chaos()
    await run.faults(drop=0.15)
    await run.kill_at_random(kills=30, slots=SLOTS)
    verdict = run.verdict(await run.calm_down())
    record_property("figures", str(verdict))
    assert verdict.slots >= SLOTS
    assert verdict.uncertain > 0, "no send was ever uncertain, so this run proves nothing"
    assert verdict.doubled == {}
    assert verdict.unaccounted == []
    assert verdict.twice == []
    assert verdict.untold == []
    assert run.gaps_without_holes() == []


async def test_the_control_without_the_look_up_shows_that_this_test_can_see_doubles(chaos, record_property):
    run = await chaos(ROUNDS_CHAOS_NO_LOOKUP="1")
    await run.faults(drop=0.5)
    await run.kill_at_random(kills=4, slots=40)
    verdict = run.verdict(await run.calm_down())
    record_property("figures", f"control, look-up switched off: {verdict}")
    assert verdict.doubled != {}
    assert verdict.unaccounted == []
