"""The watchdog notices a loop that stands still and says where."""

import asyncio
import threading

from bot.engine.meter import Meter
from bot.engine.watchdog import STALL_S, Watchdog


async def test_a_loop_that_stands_still_is_noticed_with_the_place_where_it_does(caplog):
    meter = Meter()
    watchdog = Watchdog(meter)
    watchdog.start()
    threading.Event().wait(STALL_S + 1.5)  # this is the stall itself
    async with asyncio.timeout(30):
        while not meter.stalls:  # noqa: ASYNC110 - another thread counts it
            await asyncio.sleep(0.05)
    watchdog.stop()
    assert meter.take_stall_s() > STALL_S
    assert meter.take_stall_s() == 0.0
    assert "test_a_loop_that_stands_still" in caplog.text


async def test_a_loop_that_turns_is_left_alone(caplog):
    meter = Meter()
    watchdog = Watchdog(meter)
    watchdog.start()
    await asyncio.sleep(0.7)
    watchdog.stop()
    assert "standing still" not in caplog.text
