"""Work that may hang: system calls on a dead network file system, name look-ups, opening a device.

Each piece gets a daemon thread of its own. `asyncio.to_thread` would not do: its pool holds a handful of threads, a
few dead mounts fill it, and the interpreter waits for them when it ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from checks._contract import Context

T = TypeVar("T")


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

    threading.Thread(target=work, name=f"apart {function!r:.80}", daemon=True).start()
    done, _ = await asyncio.wait([answer], timeout=patience_s)
    if not done:
        answer.cancel()
        raise StillHanging
    return answer.result()
