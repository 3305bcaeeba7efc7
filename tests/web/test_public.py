"""The public listener stands where anybody can reach it: who comes too often, too slowly or at the end harms nobody."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from bot.web import public as module
from bot.web.public import PublicListener


class Behind:
    """What stands behind the listener: it answers when it is let."""

    def __init__(self):
        self.asked = asyncio.Event()
        self.may = asyncio.Event()
        self.may.set()
        self.fault = None

    async def answer(self, request):
        self.asked.set()
        await self.may.wait()
        if self.fault is not None:
            raise self.fault
        return web.Response(text=await request.text())


@pytest.fixture
def behind():
    return Behind()


@pytest.fixture
async def begin(behind):
    """Start a listener, after the test has set its limits; returns where it listens."""
    begun = []

    async def start():
        begun.append(PublicListener(("127.0.0.1", 0), None, ("/slack/events", behind.answer)))
        return begun[-1], *await begun[-1].start()

    yield start
    behind.may.set()
    for listener in begun:
        await listener.stop()


async def sent(host, port, data):
    """Somebody who sends this and waits; returns all that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(data)
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def connected(listener, count):
    """Wait until so many are connected."""
    async with asyncio.timeout(30):
        while True:
            if len(listener._runner.server.connections) == count:
                return
            await asyncio.sleep(0.01)


HEAD = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: "


@pytest.mark.parametrize(
    "data", [b"", b"POST /slack/ev", HEAD[:-16], b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "], ids=["nothing", "a", "b", "c"]
)
async def test_a_connection_that_says_nothing_whole_is_closed(begin, monkeypatch, data):
    monkeypatch.setattr(module, "IDLE_S", 0.05)
    _, host, port = await begin()
    assert await asyncio.wait_for(sent(host, port, data), 30) == b""


async def test_a_body_that_never_ends_is_given_up(begin, monkeypatch):
    monkeypatch.setattr(module, "REQUEST_S", 0.05)
    monkeypatch.setattr(module, "LINGER_S", 0.05)
    _, host, port = await begin()
    answer = await asyncio.wait_for(sent(host, port, HEAD + b"10\r\n\r\nabc"), 30)
    assert answer.startswith(b"HTTP/1.1 408")
    assert answer.endswith(b"too slow\n")


async def test_an_answer_that_does_not_come_is_given_up(begin, behind, monkeypatch):
    monkeypatch.setattr(module, "REQUEST_S", 0.05)
    behind.may.clear()
    _, host, port = await begin()
    assert (await asyncio.wait_for(sent(host, port, HEAD + b"0\r\n\r\n"), 30)).startswith(b"HTTP/1.1 408")


async def test_there_is_place_for_so_many_at_a_time_and_again_when_they_are_gone(begin, monkeypatch):
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 3)
    listener, host, port = await begin()
    there = [await asyncio.open_connection(host, port) for _ in range(3)]
    await connected(listener, 3)
    assert await asyncio.wait_for(sent(host, port, HEAD + b"0\r\n\r\n"), 30) == b""
    for _, writer in there:
        writer.close()
    await connected(listener, 0)
    async with aiohttp.ClientSession() as http, http.post(f"http://{host}:{port}/slack/events", data="x") as answer:
        assert await answer.text() == "x"


async def test_what_breaks_behind_it_is_logged_and_not_told(begin, behind, caplog):
    behind.fault = RuntimeError("password=hunter2hunter2")
    _, host, port = await begin()
    async with aiohttp.ClientSession() as http, http.post(f"http://{host}:{port}/slack/events") as answer:
        assert (answer.status, await answer.text()) == (500, "not now\n")
    assert "a request from outside could not be answered" in caplog.text


async def test_a_stop_lets_the_answer_that_is_on_its_way_arrive_and_takes_nothing_new(begin, behind, monkeypatch):
    monkeypatch.setattr(module, "STOP_S", 30.0)
    listener, host, port = await begin()
    behind.may.clear()
    asking = asyncio.create_task(sent(host, port, HEAD + b"4\r\n\r\nlast"))
    await behind.asked.wait()
    stopping = asyncio.create_task(listener.stop())
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except ConnectionError:
                break
            writer.close()
    behind.may.set()
    answer = await asyncio.wait_for(asking, 30)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"last")
    await asyncio.wait_for(stopping, 30)


async def test_a_stop_does_not_wait_for_what_never_ends(begin, behind):
    listener, host, port = await begin()
    behind.may.clear()
    asking = asyncio.create_task(sent(host, port, HEAD + b"0\r\n\r\n"))
    await behind.asked.wait()
    await asyncio.wait_for(listener.stop(), 30)
    await asking


async def test_a_compressed_body_is_not_blown_up(begin):
    _, host, port = await begin()
    async with aiohttp.ClientSession() as http:
        bomb = {"Content-Encoding": "gzip"}
        async with http.post(f"http://{host}:{port}/slack/events", data=b"not gzip at all", headers=bomb) as answer:
            assert await answer.text() == "not gzip at all"
