"""Python itself, set up for a process that runs for months: its turns between threads, its search for garbage."""

from __future__ import annotations

import gc
import sys

TURN_S = 0.0005
"""How long a thread may keep the interpreter while another one wants it. Python's own 5 ms is what an acknowledgement
would wait for whenever a reader of the store is at work."""


def take_short_turns() -> None:
    """Let whoever waits for the interpreter have it soon: first of all the thread that hears Slack and begins looks."""
    sys.setswitchinterval(TURN_S)


def search_less() -> None:
    """Leave out of every search what was made at the start, and search less often.

    Modules, configuration and models live as long as the process. A look makes some hundred objects and no rings of
    them, so that searching after every 700, as Python does by itself, takes a tenth of the time of a busy process and
    finds nothing; what does make rings (a traceback, say) waits a little longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
