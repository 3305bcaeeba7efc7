"""A world in which nothing fails and everything is answered at once: for stories that somebody else makes up."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.incidents import Refused
from bot.engine.desk import Asked, Desk
from checks import Outcome
from storage.tx import Tx
from tests.simulation.chances import Chances
from tests.simulation.due import Due
from tests.simulation.fate import S
from tests.simulation.ledger import Ledger
from tests.simulation.lives import wrong_cards
from tests.simulation.promises import Seen
from tests.simulation.replica import Call, Replica
from tests.simulation.slack import Slack
from tests.simulation.team import CHECKS
from tests.simulation.world import BEGIN, EPOCH, Broken


class StillWorld:
    """One process, embedded. After every request all that can be done is done, and every promise must hold."""

    look_up = True

    def __init__(self, text: str) -> None:
        calm = replace(Chances.drawn(random.Random(0)), replicas=1).calm()
        self.at = 0
        self.ledger = Ledger()
        self.due = Due(self.ledger)
        self.slack = Slack(random.Random(0), calm, self.now)
        self.seen = Seen(self.ledger, self.slack)
        self.health: dict[str, Outcome] = dict.fromkeys(CHECKS, Outcome.OK)
        self._wrong: list[str] = []
        self._looks = 0
        self._clicks = 0
        self.replica = self.start(text)

    def start(self, text: str) -> Replica:
        """A process starts with this configuration."""
        self.replica = Replica(self, 0, text, embedded=True)
        self.settle()
        return self.replica

    def restart(self, text: str) -> None:
        """The process dies, and another one starts."""
        self.replica.die()
        self.start(text)

    # What the process sees of it.

    def seconds(self) -> float:
        return 1_000 + self.at / S

    def now(self) -> datetime:
        return BEGIN + timedelta(microseconds=self.at)

    def wall(self, machine: int) -> datetime:
        del machine
        return self.now()

    def moment(self) -> int:
        return (self.now() - EPOCH) // timedelta(microseconds=1)

    def called(self, call: Call) -> None:
        try:
            call.future.set_result(call.do())
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            call.future.set_exception(error)

    def broke(self, what: str, error: BaseException) -> None:
        raise AssertionError(what) from error

    def read(self, replica: Replica, work: Callable[[Tx], Any]) -> Any:
        del replica
        return self.ledger.read(work, self.now())

    def write(self, replica: Replica, work: Callable[[Tx], Any], turn: int) -> Any:
        del replica
        self.at += 1  # no two things happen at the same moment
        value, _, changes = self.ledger.write(work, self.now())
        self.due.note(changes)
        self.seen.commit(changes, turn=turn, now=self.moment())
        return value

    def look(self, check: str, turn: int) -> tuple[Outcome, str, bool]:
        self._looks += 1
        self.at += 1
        self.seen.looked(self._looks, turn)
        outcome = self.health[check]
        return outcome, f"{check} is {outcome.value} (look {self._looks})", self._looks % 5 == 0

    # What happens in it.

    def ask(self, request: Callable[[Desk, Asked], Awaitable[Any]], *, by: str = "U1") -> str | None:
        """Somebody asks the desk; returns why not, if it refuses."""
        self._clicks += 1
        asked = Asked(by=by, via=f"b{self._clicks}", key=f"click:{self._clicks}")
        refused: list[str] = []

        async def click() -> None:
            try:
                await request(self.replica.desk, asked)
            except Refused as error:
                refused.append(str(error))

        self.replica.begin("click", click())
        self.settle()
        return next(iter(refused), None)

    def reload(self, text: str) -> None:
        """A new configuration is taken into use."""
        self.replica.begin("reload", self.replica.reload(text))
        self.settle()

    def pass_time(self, by: int) -> None:
        """So many microseconds, with a stop wherever something is due."""
        end = self.at + by
        while (coming := self.due.next_moment(self.moment())) is not None and self.at + coming - self.moment() < end:
            self.at += coming - self.moment()
            self.settle()
        self.at = end
        self.settle()

    def settle(self) -> None:
        """Do all that can be done at this moment; messages that keep Slack's pace take their seconds."""
        for _ in range(1_000):
            self.replica.run()
            jobs = self.due.jobs(self.moment())
            if not jobs:
                break
            for job in jobs:
                before = self.seen.commits
                self.replica.begin(job, getattr(self.replica.engine, job)())
                if job == "deliver" and self.seen.commits == before:
                    self.at += S
        else:
            raise AssertionError(f"it does not settle: {self.due.open}")
        self._hold()

    def _hold(self) -> None:
        wrong = [
            *self._wrong,
            *self.seen.broken(),
            *self.seen.broken_in_calm(checks=self.replica.configuration.checks, now=self.moment()),
            *wrong_cards(self, self.replica, latest=10),
        ]
        if wrong:
            raise Broken("\n".join(wrong))

    def close(self) -> None:
        """Let everything go."""
        self.replica.die()
        self.ledger.close()
