"""An event loop whose time is told to it, and which runs until every task of its process waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable


class _Idle(selectors.SelectSelector):
    """Stops the loop instead of waiting: nothing from outside arrives but what the simulation hands over."""

    stop: Callable[[], None]

    def select(self, timeout: float | None = None) -> list:
        if timeout is None or timeout > 0:
            self.stop()
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """One process's loop.

    Args:
        seconds: its monotonic time.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        idle = _Idle()
        super().__init__(idle)
        idle.stop = self.stop

    def time(self) -> float:
        return self._seconds()

    def run_until_idle(self) -> None:
        """Until every task waits for a later moment or for something from outside."""
        self.run_forever()

    def die(self) -> None:
        """Every task ends where it waits. What their `finally` would do to the world, the world must refuse."""
        while tasks := asyncio.all_tasks(self):
            for task in tasks:
                task.cancel()
            self.run_until_idle()
        self.close()
