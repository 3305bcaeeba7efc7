"""A stop that hangs is left in time, and says what hung."""

from __future__ import annotations

import queue
import threading

from bot.stopping import leave_in_time


def test_what_hangs_is_named_and_left(caplog):
    left, ends = queue.SimpleQueue(), threading.Event()
    threading.Thread(target=ends.wait, name="a library's own", daemon=True).start()
    leave_in_time(within_s=0.01, leave=left.put)
    assert left.get(timeout=60) == 0
    ends.set()
    assert "a library's own: wait, " in caplog.text
    assert "its rows say how it goes on" in caplog.text
