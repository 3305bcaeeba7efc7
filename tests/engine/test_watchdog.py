"""The watchdog notices a loop that stands still and says where."""

import asyncio
import os
import signal
import subprocess
import sys
import threading

import pytest

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


FROZEN = """
import asyncio
from bot.engine.meter import Meter
from bot.engine.watchdog import Watchdog

async def main():
    meter = Meter()
    Watchdog(meter).start()
    print("turning", flush=True)
    while not meter.stalls:
        await asyncio.sleep(0.01)
    print(meter.stalls, meter.take_stall_s())

asyncio.run(main())
"""


@pytest.mark.timeout(60)
def test_a_process_that_was_stopped_as_a_whole_says_so_whichever_thread_goes_on_first():
    command = [sys.executable, "-c", FROZEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "turning\n"
        os.kill(process.pid, signal.SIGSTOP)
        threading.Event().wait(STALL_S + 0.5)  # this is the stall itself
        os.kill(process.pid, signal.SIGCONT)
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    stalls, seconds = out.split()
    assert (int(stalls), float(seconds) > STALL_S, "everything stood still" in err) == (1, True, True)
