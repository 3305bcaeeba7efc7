from __future__ import annotations

import asyncio
import threading
from collections import deque

import pytest

from checks import Context, _apart
from checks._apart import StillHanging, apart, patience


@pytest.mark.parametrize("timeout_s", [0.1, 1, 10, 300])
def test_a_kind_gives_up_a_little_before_the_engine_does(ctx, timeout_s):
    waits = patience(Context(now=ctx.now, timeout_s=timeout_s))
    assert timeout_s - 0.5 <= waits < timeout_s


async def test_a_result_comes_back_from_a_thread_of_its_own():
    assert await apart(threading.current_thread, patience_s=10) is not threading.current_thread()
    assert await apart(divmod, 7, 2, patience_s=10) == (3, 1)


async def test_an_error_comes_back_too():
    with pytest.raises(ZeroDivisionError):
        await apart(divmod, 7, 0, patience_s=10)


async def test_a_call_that_hangs_is_left_behind_and_holds_nobody():
    end = threading.Event()
    with pytest.raises(StillHanging):
        await apart(end.wait, patience_s=0.01)
    left = [thread for thread in threading.enumerate() if thread.name.startswith("apart")]
    assert all(thread.daemon for thread in left)
    end.set()


async def test_a_thread_that_came_back_does_the_next_piece():
    await apart(threading.get_ident, patience_s=10)
    async with asyncio.timeout(60):
        while not _apart._idle:  # noqa: ASYNC110 - another thread says so after it has answered
            await asyncio.sleep(0)
    there = threading.enumerate()
    assert await apart(threading.current_thread, patience_s=10) in there


async def test_pieces_never_wait_for_each_other():
    everybody = threading.Barrier(20)
    await asyncio.gather(*(apart(everybody.wait, patience_s=60) for _ in range(20)))


async def test_what_hangs_keeps_its_thread_and_others_go_on():
    end = threading.Event()
    for _ in range(3):
        with pytest.raises(StillHanging):
            await apart(end.wait, patience_s=0.01)
    assert await apart(divmod, 7, 2, patience_s=10) == (3, 1)
    end.set()


async def test_a_thread_with_nothing_to_do_ends(monkeypatch):
    monkeypatch.setattr(_apart, "_KEPT_S", 0.01)
    monkeypatch.setattr(_apart, "_idle", deque())
    thread = await apart(threading.current_thread, patience_s=10)
    thread.join(timeout=60)
    assert not thread.is_alive()
    # Nothing is handed to it any more. A thread of another test may have become free meanwhile: use all there are.
    everybody = threading.Barrier(len(_apart._idle) + 1)
    await asyncio.gather(*(apart(everybody.wait, patience_s=60) for _ in range(everybody.parties)))
