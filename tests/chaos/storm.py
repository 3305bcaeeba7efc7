"""A storm: Rounds is killed at random moments while slots come due, in front of a Slack that loses answers.

Now and then its ledger fails, or one of its processes is frozen. `Plan` says how much of each.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from tests.chaos.ledgers import Ledger, LedgerDown
from tests.e2e.processes import Serve, so
from tests.e2e.workspace import LOOK_EVERY_S, State, Workspace

T = TypeVar("T")

CHECKLISTS = tuple(f"list{n}" for n in range(9))
EVERY_S = 5
STEPS = 4
"""Of the escalation policy; the first one stands in the opening post."""

LEASE_S = 30.0
"""Of a run and of a message."""

LIFE_S = 3.0
"""How long nobody is killed at most, beyond the time that a process takes to start."""

AWAY_S = (6.0, 12.0)
"""After every tenth kill all are dead for so long, so that slots go by."""

OUTAGE_S = (5.0, 9.0)
SETTLE_S = 240.0

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


@dataclass(frozen=True)
class Plan:
    """How hard it blows.

    Args:
        kills, slots: at least so many.
        outages: times that the ledger fails.
        frozen: times that a process is stopped for twice a lease, and goes on as if nothing had been.
        lost: how probable it is that Slack posts a message and its answer gets lost.
        slow: how probable it is that Slack takes two seconds.
    """

    kills: int
    slots: int
    outages: int = 0
    frozen: int = 0
    lost: float = 0.15
    slow: float = 0.05


def configuration(folder: Path) -> str:
    lists = "\n".join(
        f'  {name}: {{every: {EVERY_S}s, post: always, channel: "#{name}", items: [fine]}}' for name in CHECKLISTS
    )
    return CONFIGURATION.format(folder=folder, checklists=lists)


class Storm:
    """The Rounds on one ledger, killed again and again."""

    def __init__(
        self, workspace: Workspace, ledger: Ledger, serves: list[Serve], plan: Plan, *, folder: Path, seed: int
    ) -> None:
        self.workspace = workspace
        self.ledger = ledger
        self.serves = serves
        self.plan = plan
        self.folder = folder
        self.random = random.Random(seed)
        self.kills = self.outages = self.frozen = 0
        self.serving_since = 0.0
        """From here on every slot has to be accounted for."""
        self._asleep: Serve | None = None
        self._over = False

    async def blow(self) -> None:
        """All of it, until every process serves again and no fault is left."""
        await self._begin()
        await self._faults()
        troubles = [asyncio.create_task(self._trouble(check)) for check in ("left", "right")]
        try:
            await self._rage()
            await self.workspace.act("fault", clear=True)
            self._over = True
            async with asyncio.timeout(SETTLE_S):
                await asyncio.gather(*troubles)
        finally:
            for trouble in troubles:
                trouble.cancel()

    async def blow_until(self, wrong: Callable[[State], T]) -> T:
        """Only until something is wrong, which is to happen; returns what."""
        blowing = asyncio.create_task(self.blow())
        try:
            async with asyncio.timeout(SETTLE_S):
                while not (found := wrong(await self.workspace.state())):
                    assert not blowing.done(), "the storm is over, and nothing went wrong"
                    await asyncio.sleep(LOOK_EVERY_S)
                return found
        finally:
            blowing.cancel()
            await asyncio.gather(blowing, return_exceptions=True)

    async def _begin(self) -> None:
        """Killed while they make the tables; then they serve."""
        for _ in range(3):
            self._start()
            await asyncio.sleep(self.random.uniform(0.2, 2.0))
            for serve in self.serves:
                self._kill(serve)
        began = time.monotonic()
        self._start()
        await self._all_serve()
        self._pause_s = time.monotonic() - began + LIFE_S
        self.serving_since = time.time()

    async def _faults(self) -> None:
        """From now on Slack loses answers after it has posted, is slow, is overloaded, or breaks."""
        post, read = "chat.postMessage", "conversations.history"
        faults = [
            (post, "drop_after_commit", self.plan.lost),
            (post, "500", 0.03),
            (post, "429", 0.03),
            (post, "slow", self.plan.slow),
            (read, "500", 0.1),
        ]
        for seed, (method, status, probability) in enumerate(faults):
            await self.workspace.act(
                "fault",
                method=method,
                status=status,
                count=1_000_000,
                probability=probability,
                retry_after=1,
                seed=seed,
            )

    async def _rage(self) -> None:
        """Kill and start again, until there were so many kills and so many slots came due."""
        plan = self.plan
        async with asyncio.TaskGroup() as frosts:
            while self.kills < plan.kills or self._due() < plan.slots:
                # The moment of the kill is what this is about; nothing is waited for.
                await asyncio.sleep(self.random.uniform(0.0, self._pause_s))
                share = min(1.0, self.kills / plan.kills)
                if self.outages < plan.outages * share:
                    await self._outage()
                elif self._asleep is None and self.frozen < plan.frozen * share:
                    frost = frosts.create_task(self._frost())
                    if self.ledger.replicas == 1:
                        await frost
                elif self.kills % 10 == 9:
                    for serve in self._awake:
                        self._kill(serve)
                    await asyncio.sleep(self.random.uniform(*AWAY_S))
                else:
                    self._kill(self.random.choice(self._awake))
                self._start()

    async def _outage(self) -> None:
        """The ledger fails for a while; perhaps somebody dies meanwhile."""
        await self._all_serve()
        self.outages += 1
        await self.ledger.fail(self._awake)
        await asyncio.sleep(self.random.uniform(*OUTAGE_S))
        if self.random.random() < 0.5:
            self._kill(self.random.choice(self._awake))
        await self.ledger.mend(self._awake)

    async def _frost(self) -> None:
        """One of them is frozen until its leases have long ended, and thaws."""
        await self._all_serve()
        self.frozen += 1
        self._asleep = self.random.choice(self.serves)
        self._asleep.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * LEASE_S)
        self._asleep.process.send_signal(signal.SIGCONT)
        self._asleep = None

    @property
    def _awake(self) -> list[Serve]:
        return [serve for serve in self.serves if serve is not self._asleep]

    async def _all_serve(self) -> None:
        for serve in self._awake:
            await serve.serving()

    def _start(self) -> None:
        """Every one that was killed, as whoever supervises it would."""
        for serve in self.serves:
            if not serve.started or not serve.running:
                assert not serve.started or serve.process.returncode == -signal.SIGKILL, f"it ended:\n{serve.said}"
                serve.start()

    def _kill(self, serve: Serve) -> None:
        assert serve.running, f"it ended by itself:\n{serve.said}"
        serve.kill()
        self.kills += 1

    def _due(self) -> int:
        return len(CHECKLISTS) * int((time.time() - self.serving_since) / EVERY_S)

    async def _trouble(self, check: str) -> None:
        """Break a check until every step of its incident has fired, mend it until that is resolved, and again."""
        subject, last = f"check:{check}", 0
        while not self._over:
            (self.folder / check).unlink()
            last = await self._found(
                "id AS found FROM incident WHERE subject = :s AND id > :last", s=subject, last=last
            )
            steps = "count(*) AS found FROM step WHERE incident_id = :id AND state = 'fired' HAVING count(*) = :steps"
            await self._found(steps, id=last, steps=STEPS)
            (self.folder / check).touch()
            await self._found("1 AS found FROM incident WHERE id = :id AND state = 'resolved'", id=last)

    async def _found(self, query: str, **values: Any) -> int:
        """Wait for a row, however long the ledger is away."""

        def found() -> list[RowMapping]:
            try:
                return self.ledger.rows(f"SELECT {query}", **values)
            except LedgerDown:
                return []

        (row,) = await so(found, f"row of {query} {values}", within=SETTLE_S)
        return int(row["found"])

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
        await asyncio.gather(*(asyncio.to_thread(serve.terminate) for serve in self.serves))
        return await self.workspace.state(), last

    def _untold(self, last: dict[str, str]) -> bool:
        """Whether anything up to these slots is still to be done."""
        unfinished = "SELECT checklist, slot FROM run WHERE state IN ('new', 'running')"
        undelivered = """
            SELECT run.checklist, run.slot FROM outbox JOIN run ON outbox.subject = 'run:' || run.id
            WHERE outbox.state IN ('pending', 'sending')
        """
        incidents = """
            SELECT subject FROM outbox WHERE state IN ('pending', 'sending') AND subject LIKE 'incident:%'
            UNION SELECT subject FROM message WHERE wanted > shown AND subject LIKE 'incident:%'
        """
        rows = (*self.ledger.rows(unfinished), *self.ledger.rows(undelivered))
        return bool(self.ledger.rows(incidents)) or any(row["slot"] <= last.get(row["checklist"], "") for row in rows)
