"""How long to wait before trying again, and how to wait for several things of which some may fail."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import Any

_RETRY_S = (1, 2, 5, 10, 30, 60)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: quick at first, then once a minute, for ever."""
    return timedelta(seconds=_RETRY_S[min(attempts, len(_RETRY_S)) - 1])


async def all_of(works: Iterable[Coroutine[Any, Any, bool]]) -> int:
    """Wait for each of them, whatever becomes of the others; returns how many said yes.

    Raises:
        What the first of those that failed raised, once none is under way any more.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    for failure in ended:
        if isinstance(failure, BaseException):
            raise failure
    return ended.count(True)
