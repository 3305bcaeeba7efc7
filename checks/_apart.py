"""Work that may hang: system calls on a dead network file system, name look-ups, opening a device.

Each piece has a daemon thread to itself as long as it takes. `asyncio.to_thread` would not do: its pool holds a handful
of threads, a few dead mounts fill it, and the interpreter waits for them when it ends. A thread that comes back is kept
for a while for the next piece, because to start one takes longer than most pieces do.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from checks._contract import Context

T = TypeVar("T")


_KEPT_S = 60.0
"""How long a thread waits for more to do before it ends."""

_Work = Callable[[], None]
_idle: deque[SimpleQueue[_Work]] = deque()
"""Where threads that have nothing to do wait, the latest last."""


class StillHanging(Exception):
    """The call did not return in time; its thread stays behind until it does."""


def patience(ctx: Context) -> float:
    """Seconds a kind waits itself: a little less than the engine does, so that it can say what hung."""
    return max(ctx.timeout_s - min(0.5, ctx.timeout_s / 10), 0.01)


async def apart(function: Callable[..., T], *args: Any, patience_s: float) -> T:
    """`function(*args)` in a thread of its own.

    Raises:
        StillHanging: it did not return within `patience_s` seconds.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = function(*args)
        except Exception as raised:  # noqa: BLE001  handed to the caller, not swallowed
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    _hand_over(work)
    # The answer itself says that it is late; `asyncio.timeout` would cancel our task and catch that again.
    alarm = loop.call_later(patience_s, settle, None, StillHanging())
    try:
        return await answer
    finally:
        alarm.cancel()


def _hand_over(work: _Work) -> None:
    """To a thread that has nothing to do, or to a new one: never behind what may hang."""
    try:
        hands = _idle.pop()
    except IndexError:
        hands = SimpleQueue()
        threading.Thread(target=_serve, args=(hands,), name="apart", daemon=True).start()
    hands.put(work)


def _serve(hands: SimpleQueue[_Work]) -> None:
    while True:
        try:
            work = hands.get(timeout=_KEPT_S)
        except Empty:
            try:
                _idle.remove(hands)
            except ValueError:  # somebody has just chosen us
                continue
            return
        work()
        del work  # what it holds is not ours to keep alive
        _idle.append(hands)
