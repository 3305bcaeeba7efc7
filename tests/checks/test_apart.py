from __future__ import annotations

import threading

import pytest

from checks import Context
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
