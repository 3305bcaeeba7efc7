"""Tells everybody who listens (the page, tests) what has changed, as server-sent events."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.json_types import Json

BACKLOG = 1000
"""A listener that is this many events behind is dropped; it reconnects and fetches the state anew."""


class Feed:
    """One queue per listener. None in a queue is the end."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json | None]] = set()

    def tell(self, event: Json) -> None:
        for queue in list(self._listeners):
            if queue.qsize() >= BACKLOG:
                self._listeners.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Json | None]]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def close(self) -> None:
        for queue in self._listeners:
            queue.put_nowait(None)
        self._listeners.clear()
