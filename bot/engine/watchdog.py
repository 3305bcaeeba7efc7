"""Notices when the event loop stands still, and writes down where: what hangs cannot say so itself."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback

from bot.engine.meter import Meter

log = logging.getLogger(__name__)

BEAT_S = 0.5
STALL_S = 2.0
"""Without a beat for so long, the loop stands still; Slack waits three seconds for an acknowledgement."""


class Watchdog:
    """A thread that listens to the heartbeat of the loop."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._beat = time.monotonic()
        self._longest_s = 0.0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._loop_thread = threading.get_ident()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._beating: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start watching the loop that runs now."""
        self._loop_thread, self._beat = threading.get_ident(), time.monotonic()
        self._pulse()
        self._thread.start()

    def _pulse(self) -> None:
        with self._lock:
            before, self._beat = self._beat, time.monotonic()
            self._longest_s = max(self._longest_s, self._beat - before)
        self._beating = asyncio.get_running_loop().call_later(BEAT_S, self._pulse)

    def _watch(self) -> None:
        told, turned = False, time.monotonic()
        while not self._stop.wait(BEAT_S):
            with self._lock:
                now = time.monotonic()
                still_s, between_s = now - self._beat, self._longest_s
                self._longest_s = 0.0
            if not told and max(still_s, between_s) > STALL_S:
                told = True
                self._tell(max(still_s, between_s), alone=now - turned <= STALL_S)
            if told:
                told = still_s > STALL_S
                self._meter.standing_still(max(still_s, between_s), over=not told)
            turned = now

    def _tell(self, seconds: float, *, alone: bool) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        where = "".join(traceback.format_stack(frame)) if frame is not None else "nobody knows where"
        if alone:
            log.error("the event loop has been standing still for %.1f s, here:\n%s", seconds, where)
        else:  # this thread had no turn, either; where the loop stands now is perhaps not where it stood
            why = "the process or its machine was stopped, or a library held the interpreter"
            log.error("everything stood still for %.1f s: %s. The event loop goes on here:\n%s", seconds, why, where)

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()
        if self._beating is not None:
            self._beating.cancel()
