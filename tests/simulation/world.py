"""A simulated world: processes, a ledger, a Slack, people, clocks and misfortune, all driven by one seed.

At every step one thing happens, chosen by the seed: a call is answered, a job takes its turn, time goes on, somebody
clicks, a process dies. After every step the promises are held against what has changed.
"""

from __future__ import annotations

import hashlib
import random
import traceback
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bot.domain.notifications import NotDelivered, PerhapsDelivered
from checks import Outcome
from storage.tx import Tx
from tests.simulation import fate
from tests.simulation.chances import Chances
from tests.simulation.due import Due
from tests.simulation.fate import S
from tests.simulation.ledger import Change, Ledger
from tests.simulation.people import Click
from tests.simulation.promises import Seen
from tests.simulation.replica import Call, Conflict, Replica
from tests.simulation.slack import REFUSALS, Slack
from tests.simulation.team import CHECKS, configuration_text

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CALL_S = 10
"""After this long a call to Slack is given up, as in `bot.slack.client`."""

SHOWN = 60
"""Lines of the trace that a failure shows."""


class Broken(AssertionError):
    """A promise does not hold."""


class World:
    """One world.

    Args:
        look_up: see `Courier`.
        told: gets every line of the trace.
    """

    def __init__(self, seed: int, *, look_up: bool = True, told: Callable[[str], None] = lambda line: None) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.chances = Chances.drawn(self.random)
        self.look_up = look_up
        self.at = 0
        self.steps = 0
        self.waits = 0
        """How often time was let go on."""
        self.slots = 0
        self.counts: Counter[str] = Counter()
        self.ledger = Ledger()
        self.due = Due(self.ledger)
        self.slack = Slack(self.random, self.chances, self.now)
        self.seen = Seen(self.ledger, self.slack)
        self.pending: list[Call] = []
        self.skew = [
            self.random.uniform(-1, 1) * self.chances.skew_s if n else 0.0 for n in range(self.chances.replicas)
        ]
        self.health: dict[str, Outcome] = dict.fromkeys(CHECKS, Outcome.OK)
        self.text = configuration_text(self.random)
        self.trace: deque[str] = deque(maxlen=SHOWN)
        self._told = told
        self._hash = hashlib.sha256()
        self._wrong: list[str] = []
        self._looks = 0
        self.clicked: list[Click] = []
        self.replicas: list[Replica | None] = [None] * self.chances.replicas
        for machine in range(self.chances.replicas):
            self.start(machine)

    @property
    def embedded(self) -> bool:
        """One process has the database for itself, and its clock is the database's."""
        return self.chances.replicas == 1

    # What the processes see of it.

    def seconds(self) -> float:
        """Time that passes."""
        return 1_000 + self.at / S

    def now(self) -> datetime:
        """The true time: Slack's, and that of a database of its own."""
        return BEGIN + timedelta(microseconds=self.at)

    def wall(self, machine: int) -> datetime:
        """What a machine's clock shows."""
        return self.now() + timedelta(seconds=self.skew[machine])

    def moment(self) -> int:
        """The database's time, as it is stored."""
        return (self._database_time() - EPOCH) // timedelta(microseconds=1)

    def _database_time(self) -> datetime:
        return self.wall(0) if self.embedded else self.now()

    def called(self, call: Call) -> None:
        """A process waits for this."""
        if call.what in ("post", "find", "redraw", "home"):
            call.by = self.at + CALL_S * S
        self.pending.append(call)

    def broke(self, what: str, error: BaseException) -> None:
        """Something raised what it must not."""
        self._wrong.append(f"{what} broke:\n{''.join(traceback.format_exception(error))}")

    def read(self, replica: Replica, work: Callable[[Tx], Any]) -> Any:
        """A read transaction."""
        del replica
        return self.ledger.read(work, self._database_time())

    def write(self, replica: Replica, work: Callable[[Tx], Any], turn: int) -> Any:
        """A write transaction; the database may fail it, or fail to say that it did not."""
        dice = self.random.random()
        if dice < self.chances.conflict:
            self.counts["conflicts"] += 1
            raise Conflict("could not serialize access")
        value, _, changes = self.ledger.write(work, self._database_time())
        if value is False and turn and "Runner.work" in getattr(work, "__qualname__", ""):
            self.counts["claims lost"] += 1
        self._changed(changes, turn)
        if dice > 1 - self.chances.unheard:
            self.counts["commits unheard"] += 1
            raise Conflict("server closed the connection unexpectedly")
        return value

    def look(self, check: str, turn: int) -> tuple[Outcome, str, bool]:
        """What a check sees now."""
        self._looks += 1
        outcome = self.health[check]
        if self.random.random() < 0.05:
            outcome = self.random.choice(list(Outcome))
        self.seen.looked(self._looks, turn)
        return outcome, f"{check} is {outcome.value} (look {self._looks})", self.random.random() < 0.2

    def _changed(self, changes: list[Change], turn: int) -> None:
        self.due.note(changes)
        for change in changes:
            if change.table == "run" and change.before is None and change.after.trigger in ("schedule", "rhythm"):
                self.slots += 1 + change.after.skipped
            # A token is new in every run of the simulation; all else has to be the same.
            after = change.after._replace(token=None) if hasattr(change.after, "token") else change.after
            self._hash.update(f"{change.table} {change.key} {after}".encode())
        self.seen.commit(changes, turn=turn, now=self.moment())

    # What happens.

    def step(self) -> None:
        """One thing happens, and everything that was promised must still hold."""
        self.steps += 1
        self.at += 1  # no two things happen at the same moment
        weights = self.chances.weights
        options = [(weights[name], happen) for name, happen in fate.possible(self) if weights.get(name)]
        if not options:
            return  # in the calm at the end, and it was the turn of a process that has nothing to do
        dice = self.random.random() * sum(weight for weight, _ in options)
        self._chosen(options, dice)()
        self.hold()

    @staticmethod
    def _chosen(options: list[tuple[float, Callable[[], None]]], dice: float) -> Callable[[], None]:
        for weight, happen in options:
            dice -= weight
            if dice < 0:
                return happen
        return options[-1][1]

    def hold(self) -> None:
        """Hold the promises against what the last step did."""
        wrong = [*self._wrong, *self.seen.broken()]
        if wrong:
            raise Broken(self.report(wrong))

    def answer(self) -> None:
        """One of the calls that wait is carried out."""
        n = self.random.randrange(len(self.pending))
        self.pending[n], self.pending[-1] = self.pending[-1], self.pending[n]
        self.carry_out(self.pending.pop())

    def carry_out(self, call: Call) -> None:
        """Do what a call is for, and answer it; of those to Slack some are answered later."""
        value, error = None, None
        try:
            value = call.do()
        except Exception as failed:  # noqa: BLE001 - it belongs to whoever asked
            error = failed
        self.say(f"r{call.replica.machine} {call.what} {call.name}" + (f": {type(error).__name__}" if error else ""))
        if call.by is not None and self.chances.slow and self.random.random() < self.chances.slow:
            self.pending.append(
                Call(call.replica, "heard", call.name, partial(_given, value, error), call.future, call.by)
            )
            return
        call.replica.answer(call, value, error)
        self._bury(call.replica)

    def _bury(self, replica: Replica) -> None:
        if not replica.alive and self.replicas[replica.machine] is replica:
            fate.kill(self, replica)

    def start(self, machine: int) -> None:
        """A process starts, with the newest configuration."""
        self.say(f"r{machine} starts")
        self.replicas[machine] = Replica(self, machine, self.text, embedded=self.embedded)

    def advance(self, by: int) -> None:
        """So many microseconds later. No call to Slack is without an answer for longer than its timeout."""
        end = self.at + by
        while (late := self._first_timeout(end)) is not None and late.by is not None:
            self.at = max(self.at, late.by)
            self.pending.remove(late)
            self._timed_out(late)
        self.at = end
        self.waits += 1
        self.say(f"{by / S:.3f} s go by")
        self._run_all()

    def _first_timeout(self, end: int) -> Call | None:
        late = [call for call in self.pending if call.by is not None and call.by <= end]
        return min(late, key=lambda call: call.by or 0, default=None)

    def _timed_out(self, call: Call) -> None:
        if call.what in ("post", "redraw", "home") and self.random.random() < 0.5:
            with suppress(*REFUSALS):
                call.do()  # it has arrived, and nobody hears so
        failure = NotDelivered("timed out") if call.what == "find" else PerhapsDelivered("timed out")
        self.say(f"r{call.replica.machine} {call.what} {call.name} timed out")
        call.replica.answer(call, None, failure)

    def _run_all(self) -> None:
        for replica in self.replicas:
            if replica is not None and replica.frozen_until is not None and replica.frozen_until <= self.at:
                self.say(f"r{replica.machine} goes on")
                replica.thaw()
            if replica is not None:
                replica.run()
                self._bury(replica)

    # What is told of it.

    def say(self, line: str) -> None:
        """Write into the trace."""
        line = f"{self.steps:>6} {self.at / S:>11.6f} {line}"
        self.trace.append(line)
        self._hash.update(line.encode())
        self._told(line)

    def fingerprint(self) -> str:
        """The same for the same history."""
        return self._hash.hexdigest()

    def report(self, wrong: list[str]) -> str:
        """What a person needs to find the mistake."""
        story = "\n".join(self.trace)
        said = "\n".join(wrong)
        again = f"make simulate ARGS='--seed {self.seed}'"
        return f"{story}\n\n{said}\n\nseed {self.seed}, step {self.steps}; again: {again}"

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: object) -> None:
        """Let everything go."""
        for replica in self.replicas:
            if replica is not None:
                replica.die()
        self.ledger.close()


def _given(value: Any, error: Exception | None) -> Any:
    if error is not None:
        raise error
    return value
