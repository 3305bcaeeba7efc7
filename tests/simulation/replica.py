"""One process of a simulated world: real engine, runner, courier, queue and desk, on ports that the world answers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from sqlalchemy.exc import OperationalError

from bot.domain.incidents import Refused
from bot.domain.masking import Masker
from bot.engine.courier import Courier
from bot.engine.desk import Desk, Repeated
from bot.engine.engine import OWN_QUEUE, Engine
from bot.engine.looking import Looker
from bot.engine.queue import LocalQueue
from bot.engine.runner import Runner
from storage.tx import Tx
from tests.simulation.loop import SimulatedLoop
from tests.simulation.slack import Slack, SlackPort
from tests.simulation.team import configuration

WORK: ContextVar[int] = ContextVar("work", default=0)
"""Which turn of a runner this is; the looks and the transactions of one turn know each other by it."""

_turns = itertools.count(1)


class Conflict(OperationalError):
    """The database failed one transaction, or seemed to."""

    def __init__(self, said: str) -> None:
        super().__init__(said, None, Exception(said))


@dataclass(slots=True)
class Call:
    """Something that a process asked the world for, and waits for.

    Args:
        by: the latest moment (microseconds) at which it is answered, if it has one.
    """

    replica: Replica
    what: str
    name: str
    do: Callable[[], Any]
    future: asyncio.Future[Any]
    by: int | None = None


class Surroundings(Protocol):
    """What a process needs of its world."""

    slack: Slack
    look_up: bool

    def seconds(self) -> float: ...
    def wall(self, machine: int) -> datetime: ...
    def called(self, call: Call) -> None: ...
    def broke(self, what: str, error: BaseException) -> None: ...
    def read(self, replica: Replica, work: Callable[[Tx], Any]) -> Any: ...
    def write(self, replica: Replica, work: Callable[[Tx], Any], turn: int) -> Any: ...
    def look(self, check: str, turn: int) -> Any: ...


class MachineClock:
    """The wall of one machine and the time that passes."""

    def __init__(self, world: Surroundings, machine: int) -> None:
        self._world = world
        self._machine = machine

    def now(self) -> datetime:
        return self._world.wall(self._machine)

    def monotonic(self) -> float:
        return self._world.seconds()


class StorePort:
    """What the engine knows of `storage.store.Store`; every transaction happens when the world lets it."""

    def __init__(self, replica: Replica, *, embedded: bool) -> None:
        self._replica = replica
        self.embedded = embedded

    async def write(self, work: Callable[[Tx], Any]) -> Any:
        replica, turn = self._replica, WORK.get()
        return await replica.ask("write", _name(work), lambda: replica.world.write(replica, work, turn))

    async def read(self, work: Callable[[Tx], Any]) -> Any:
        replica = self._replica
        return await replica.ask("read", _name(work), lambda: replica.world.read(replica, work))


def _name(work: Callable[[Tx], Any]) -> str:
    if isinstance(work, partial):
        return _name(work.func)
    return work.__qualname__.replace(".<locals>", "").replace(".<lambda>", "")


class Replica:
    """A `rounds serve`, from its start to its death."""

    def __init__(self, world: Surroundings, machine: int, text: str, *, embedded: bool) -> None:
        self.world = world
        self.machine = machine
        self.embedded = embedded
        self.alive = True
        self.ready = False
        self.frozen_until: int | None = None
        self.mail: list[Callable[[], None]] = []
        """Answers that came while it was frozen."""
        self.loop = SimulatedLoop(world.seconds)
        self.jobs: dict[str, asyncio.Task[None]] = {}
        self.turns: dict[str, tuple[int, int]] = {}
        """Of each job: when its last turn began, and after how many commits."""
        self.text = text
        self.configuration = configuration(text, self._look)
        self._wire(StorePort(self, embedded=embedded), MachineClock(world, machine))
        self.begin("prepare", self._prepare())

    def _wire(self, store: Any, clock: MachineClock) -> None:
        self._queue = LocalQueue()
        courier = Courier(
            store, SlackPort(self.world.slack, self.ask), clock, lambda: self.configuration, look_up=self.world.look_up
        )
        self._runner = Runner(store, Looker(clock, Masker([])), clock, lambda: self.configuration)
        self.engine = Engine(
            store=store,
            clock=clock,
            queue=self._queue,
            runner=self._runner,
            courier=courier,
            configuration=lambda: self.configuration,
        )
        self.desk = Desk(store, clock, lambda: self.configuration)

    async def _prepare(self) -> None:
        await self.engine.prepare()
        self.ready = True
        self._task("serve", self._queue.serve((OWN_QUEUE,), self._work))

    async def _work(self, run_id: int) -> None:
        WORK.set(next(_turns))
        try:
            await self._runner.work(run_id)
        except Conflict:
            raise
        except Exception as error:  # noqa: BLE001 - the queue would only log it
            self.world.broke(f"working on run {run_id}", error)

    async def _look(self, check: str) -> Any:
        turn = WORK.get()
        return await self.ask("look", check, lambda: self.world.look(check, turn))

    async def ask(self, what: str, name: str, do: Callable[[], Any]) -> Any:
        """Wait until the world has done it. The dead are not answered."""
        future = self.loop.create_future()
        if self.alive:
            self.world.called(Call(self, what, name, do, future))
        return await future

    def begin(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """A system job's turn; what it may not do is to break."""
        self.jobs[name] = self._task(name, work)
        self.run()

    def click(self, name: str, work: Awaitable[Any]) -> None:
        """A person asks the desk."""

        async def asked() -> None:
            with suppress(Refused, Repeated):
                await work

        self._task(name, asked())
        self.run()

    def _task(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        async def guarded() -> None:
            try:
                await work
            except Conflict:
                if name == "prepare":
                    self.alive = False  # it ends with an error, and somebody starts it again
            except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
                self.world.broke(name, error)

        return self.loop.create_task(guarded(), name=name)

    def busy(self, name: str) -> bool:
        """Whether that job's last turn still goes on."""
        return name in self.jobs and not self.jobs[name].done()

    async def reload(self, text: str) -> None:
        """Take a new configuration into use, as `bot.app` does; again, if the ledger refuses."""
        self.configuration = configuration(text, self._look)
        await self.engine.reconfigure("The configuration was read anew.")
        self.text = text

    def answer(self, call: Call, value: Any, error: Exception | None) -> None:
        """Hand over what the world answered; a frozen process gets it when it thaws."""

        def give() -> None:
            if not call.future.done():
                if error is None:
                    call.future.set_result(value)
                else:
                    call.future.set_exception(error)

        if not self.alive:
            return
        if self.frozen_until is not None:
            self.mail.append(give)
            return
        give()
        self.run()

    def run(self) -> None:
        """Until everything in it waits."""
        if self.frozen_until is None and self.alive:
            self.loop.run_until_idle()

    def thaw(self) -> None:
        """It goes on, and finds all that has happened meanwhile."""
        self.frozen_until = None
        mail, self.mail = self.mail, []
        for give in mail:
            give()
        self.run()

    def die(self) -> None:
        """Its memory goes; its leases stay."""
        self.alive = False
        self.loop.die()
