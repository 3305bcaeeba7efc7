"""A storm: Rounds is killed at random moments while slots come due, in front of a Slack that loses answers."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.e2e.processes import Serve, so
from tests.e2e.workspace import State, Workspace

CHECKLISTS = tuple(f"list{n}" for n in range(8))
EVERY_S = 5
STEPS = 4
"""Of the escalation policy; the first one stands in the opening post."""

LIFE_S = 5.0
"""What a process may live at most, beyond the time that it takes to start."""

AWAY_S = (6.0, 12.0)
"""After every tenth kill nobody starts it again for so long, so that slots go by."""

SETTLE_S = 120.0

CONFIGURATION = """
timezone: UTC
channel: "#record"
checks:
  fine: {{kind: files, path: {folder}/fine}}
  left: {{kind: files, path: {folder}/left, every: 5s, open_after: 1, close_after: 1, channel: "#left"}}
  right: {{kind: files, path: {folder}/right, every: 5s, open_after: 1, close_after: 1, channel: "#list0"}}
checklists:
{checklists}
escalations:
  climb:
    - {{after: 0s, notify: ["user:ann"]}}
    - {{after: 3s, notify: ["user:ben"]}}
    - {{after: 6s, notify: ["user:chi"]}}
    - {{after: 9s, notify: ["usergroup:sre"]}}
"""
CALLED = {2: "<@U2>", 3: "<@U3>", 4: "<!subteam^S1>"}
"""Whom each later step has to mention."""

NAMES = ("record", "left", *CHECKLISTS)
SEED: dict[str, object] = {"channels": [{"id": f"C{n}", "name": name} for n, name in enumerate(NAMES, start=1)]}
"""A channel for each checklist: Slack takes one message a second and channel, here as well."""


def configuration(folder: Path) -> str:
    lists = "\n".join(
        f'  {name}: {{every: {EVERY_S}s, post: always, channel: "#{name}", items: [fine]}}' for name in CHECKLISTS
    )
    return CONFIGURATION.format(folder=folder, checklists=lists)


class Storm:
    """One Rounds that is killed again and again."""

    def __init__(self, workspace: Workspace, *, seed: int) -> None:
        self.workspace = workspace
        self.serve: Serve = workspace.serve
        self.random = random.Random(seed)
        self.kills = 0
        self.serving_since = 0.0
        """From here on every slot has to be accounted for."""
        self._over = False

    async def faults(self, *, drop: float) -> None:
        """From now on Slack loses answers after it has posted, is overloaded, or breaks."""
        for seed, (status, probability) in enumerate((("drop_after_commit", drop), (500, 0.03), (429, 0.03))):
            await self.workspace.act(
                "fault",
                method="chat.postMessage",
                status=status,
                count=1_000_000,
                probability=probability,
                retry_after=1,
                seed=seed,
            )

    async def rage(self, *, kills: int, slots: int) -> None:
        """Kill and start again, until there were so many kills and so many slots came due."""
        for _ in range(3):  # on an empty ledger, when the tables are made
            await self._live(self.random.uniform(0.2, 2.0))
        began = time.monotonic()
        self.serve.start()
        await self.serve.logged("Rounds is serving")
        starts_s = time.monotonic() - began
        self.serving_since = time.time()
        troubles = [asyncio.create_task(self._trouble(check)) for check in ("left", "right")]
        try:
            self._kill()
            while self.kills < kills or self._due() < slots:
                # The moment of the kill is what this is about; nothing is waited for.
                await self._live(self.random.uniform(0.0, starts_s + LIFE_S))
                if self.kills % 10 == 0:
                    await asyncio.sleep(self.random.uniform(*AWAY_S))
            await self.workspace.act("fault", clear=True)
            self.serve.start()
            self._over = True
            async with asyncio.timeout(SETTLE_S):
                await asyncio.gather(*troubles)
        finally:
            for trouble in troubles:
                trouble.cancel()

    async def _live(self, seconds: float) -> None:
        self.serve.start()
        await asyncio.sleep(seconds)
        self._kill()

    def _kill(self) -> None:
        assert self.serve.process.poll() is None, f"it ended by itself:\n{self.serve.said}"
        self.serve.kill()
        self.kills += 1

    def _due(self) -> int:
        return len(CHECKLISTS) * int((time.time() - self.serving_since) / EVERY_S)

    async def _trouble(self, check: str) -> None:
        """Break a check until every step of its incident has fired, mend it until that is resolved, and again."""
        subject, last = f"check:{check}", 0
        while not self._over:
            (self.serve.folder / check).unlink()
            last = await self._row("SELECT id FROM incident WHERE subject = ? AND id > ?", subject, last)
            await self._row(
                "SELECT count(*) FROM step WHERE incident_id = ? AND state = 'fired' HAVING count(*) = ?", last, STEPS
            )
            (self.serve.folder / check).touch()
            await self._row("SELECT 1 FROM incident WHERE id = ? AND state = 'resolved'", last)

    async def _row(self, query: str, *values: Any) -> int:
        return int((await so(lambda: self.rows(query, *values), f"row of {query} {values}", within=SETTLE_S))[0][0])

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """What the ledger says. Nothing, while its tables are not there."""
        url = f"file:{self.serve.database}?mode=ro"
        try:
            with closing(sqlite3.connect(url, uri=True, timeout=30)) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "unable to open" in str(error):
                return []
            raise

    async def calm(self) -> tuple[State, dict[str, str]]:
        """Let it live until all that was decided by now is told; returns the workspace and each list's last slot.

        Slots come due all the while, so the account of a list ends with a slot whose own digest stands.
        """
        now = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}"

        def closed(state: State) -> dict[str, str] | None:
            slots: dict[str, str] = {}
            for key in (m.key for m in state.messages if m.key and m.key.startswith("run:list")):
                _, name, slot = key.split(":", 2)
                if slot > now:
                    slots[name] = min(slot, slots.get(name, slot))
            return slots if len(slots) == len(CHECKLISTS) and not self._untold(slots) else None

        last = await self.workspace.until(closed, "digest of every list with nothing left untold", within=SETTLE_S)
        took = await asyncio.to_thread(self.serve.terminate)
        assert took < 10, f"it took {took:.1f} s to stop"
        return await self.workspace.state(), last

    def _untold(self, last: dict[str, str]) -> bool:
        """Whether anything up to these slots is still to be done."""
        ends = json.dumps(last)
        runs = "SELECT run.id FROM run JOIN json_each(?) AS ends ON ends.key = run.checklist AND run.slot <= ends.value"
        query = f"""
            SELECT 1 FROM run WHERE id IN ({runs}) AND state IN ('new', 'running')
            UNION ALL
            SELECT 1 FROM outbox WHERE state IN ('pending', 'sending')
              AND (subject LIKE 'incident:%' OR subject IN (SELECT 'run:' || run.id FROM run WHERE id IN ({runs})))
        """
        return bool(self.rows(query, ends, ends))
