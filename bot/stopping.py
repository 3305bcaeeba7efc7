"""A stop that ends in time, whatever hangs.

Container engines kill ten seconds after they have asked. What is on its way gets nine of them; whatever does not end by
then (a database that accepts and never answers, a thread of some library) is named in the log and left. Nothing is lost
by that: what is unfinished stands in the rows, with leases that run out, and a commit is whole or not there.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable

log = logging.getLogger(__name__)

LEAVE_AFTER_S = 9.0
"""Seconds from the order to stop until the process leaves with work undone."""


def leave_in_time(*, within_s: float = LEAVE_AFTER_S, leave: Callable[[int], object] = os._exit) -> None:
    """The order to stop has come: end the process if it has not ended by itself within so many seconds.

    A thread keeps the time, because what hangs may hold up the event loop, too.

    Args:
        leave: ends the process at once and waits for no thread.
    """
    threading.Thread(target=_watch, args=(within_s, leave), name="stopping", daemon=True).start()


def _watch(within_s: float, leave: Callable[[int], object]) -> None:
    time.sleep(within_s)
    log.warning("leaving what does not end within %g s; its rows say how it goes on:\n%s", within_s, _hanging())
    logging.shutdown()
    leave(0)


def _hanging() -> str:
    """Where each of the other threads stands."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    found = []
    for ident, frame in sys._current_frames().items():
        if ident != threading.get_ident():
            at = traceback.extract_stack(frame)[-1]
            found.append(f"  {names.get(ident, 'a thread')}: {at.name}, {at.filename}:{at.lineno}")
    return "\n".join(sorted(found))
