"""Many requests of one event loop: each gets its own answer, and none waits for another."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from checks._curl import NoAnswer, Request, ask


def asked(port, path=""):
    return ask(Request(f"http://127.0.0.1:{port}/{path}"), patience_s=20)


async def echoes(reader, writer):
    """Answers with the path that was asked for."""
    path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + path)
    await writer.drain()


class Waiting:
    """A server that answers when the test says so."""

    def __init__(self):
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, reader, writer):
        self.reached.set()
        await self.go_on.wait()
        await echoes(reader, writer)


async def test_each_of_many_at_once_gets_its_own_answer(serve):
    port = await serve(echoes)
    answers = await asyncio.gather(*(asked(port, str(n)) for n in range(300)))
    assert [answer.body for answer in answers] == [f"/{n}".encode() for n in range(300)]


async def test_one_that_waits_holds_up_no_other(serve):
    waiting = Waiting()
    slow = asyncio.ensure_future(asked(await serve(waiting), "slow"))
    await waiting.reached.wait()
    assert (await asked(await serve(echoes), "quick")).body == b"/quick"
    waiting.go_on.set()
    assert (await slow).body == b"/slow"


async def test_one_that_is_cancelled_leaves_the_others_alone(serve):
    waiting = Waiting()
    port = await serve(waiting)
    given_up, kept = (asyncio.ensure_future(asked(port, name)) for name in ("given-up", "kept"))
    await waiting.reached.wait()
    given_up.cancel()
    with suppress(asyncio.CancelledError):
        await given_up
    waiting.go_on.set()
    assert (await kept).body == b"/kept"


async def test_failures_among_many_are_their_own(serve, closed_port):
    port = await serve(echoes)
    wanted = [asked(port if n % 2 else closed_port, str(n)) for n in range(40)]
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    assert [type(answer) for answer in answers[::2]] == [NoAnswer] * 20
    assert [answer.body for answer in answers[1::2]] == [f"/{n}".encode() for n in range(1, 40, 2)]


async def test_a_deadline_is_kept_while_others_are_answered(serve):
    waiting, port = Waiting(), await serve(echoes)
    hanging = asyncio.ensure_future(ask(Request(f"http://127.0.0.1:{await serve(waiting)}/"), patience_s=0.2))
    while not hanging.done():
        await asked(port)
    with pytest.raises(NoAnswer, match="timed out"):
        await hanging


def test_an_event_loop_after_another_asks_as_well():
    async def once():
        server = await asyncio.start_server(echoes_and_closes, "127.0.0.1", 0)
        async with server:
            return (await asked(server.sockets[0].getsockname()[1], "again")).body

    async def echoes_and_closes(reader, writer):
        await echoes(reader, writer)
        writer.close()

    assert [asyncio.run(once()) for _ in range(3)] == [b"/again"] * 3
