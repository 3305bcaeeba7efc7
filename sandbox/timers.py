"""Things that happen later: a file's type becomes known, a scheduled message is posted."""

import asyncio
from collections.abc import Callable


class Timers:
    """All are forgotten at a reset."""

    def __init__(self) -> None:
        self._handles: dict[int, asyncio.TimerHandle] = {}
        self._count = 0

    def after(self, seconds: float, act: Callable[[], None]) -> int:
        """At once if there is nothing to wait for. The number is for `cancel`."""
        self._count += 1
        number = self._count
        if seconds <= 0:
            act()
            return number

        def run() -> None:
            self._handles.pop(number, None)
            act()

        self._handles[number] = asyncio.get_running_loop().call_later(seconds, run)
        return number

    def cancel(self, number: int) -> None:
        if (handle := self._handles.pop(number, None)) is not None:
            handle.cancel()

    def clear(self) -> None:
        for number in list(self._handles):
            self.cancel(number)
