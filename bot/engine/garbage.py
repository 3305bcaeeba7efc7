"""Python's search for garbage, set up for a process that runs for months."""

from __future__ import annotations

import gc


def search_less() -> None:
    """Leave out of every search what was made at the start, and search less often.

    Modules, configuration and models live as long as the process. A look makes some hundred objects and no rings of
    them, so that searching after every 700, as Python does by itself, takes a tenth of the time of a busy process and
    finds nothing; what does make rings (a traceback, say) waits a little longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
