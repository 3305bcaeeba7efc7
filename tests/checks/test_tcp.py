from __future__ import annotations

import asyncio
import socket
import threading

import pytest
from pydantic import ValidationError

from checks import CouldNotCheck
from checks.tcp import TcpCheck


def says(*pieces):
    async def handler(reader, writer):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()

    return handler


async def echoes(reader, writer):
    asked = await reader.readline()
    writer.write(b"you said " + asked)
    await reader.read()


def check(port, **parameters):
    return TcpCheck(host="127.0.0.1", port=port, **parameters)


async def test_an_open_port_is_measured(serve, ctx, numbers):
    one = check(await serve(says()))
    look = await one.look(ctx)
    assert look.findings == ()
    assert set(numbers(one, look)) == {"latency_ms"} == set(one.measured())
    assert look.evidence[0].text == f"connected to {one.about()}"


async def test_a_greeting_in_pieces_is_waited_for(serve, ctx, numbers):
    one = check(await serve(says(b"220 mail ", b"ESMTP\r\n")), banner="^220 .*ESMTP")
    look = await one.look(ctx)
    assert look.findings == ()
    assert numbers(one, look)["banner_ms"] >= numbers(one, look)["latency_ms"]
    assert look.evidence[0].text.endswith("220 mail ESMTP\n")


async def test_what_is_sent_is_sent(serve, ctx):
    one = check(await serve(echoes), send="PING\r\n", banner="said PING")
    assert (await one.look(ctx)).findings == ()


async def test_a_closed_port_refuses(ctx, broken, closed_port):
    assert broken(await check(closed_port).look(ctx)) == f"127.0.0.1:{closed_port} refuses connections"


async def test_a_name_is_looked_up(ctx, broken, closed_port, serve):
    assert (await TcpCheck(host="localhost", port=await serve(says())).look(ctx)).findings == ()
    text = broken(await TcpCheck(host="localhost", port=closed_port).look(ctx))
    assert text == f"localhost:{closed_port} refuses connections"


async def test_a_name_that_cannot_exist_is_broken(ctx, broken):
    name = "a" * 64 + ".test"
    assert broken(await TcpCheck(host=name, port=1).look(ctx)) == f"{name} does not resolve"


async def test_a_name_server_that_hangs_is_ours(hasty, monkeypatch):
    end = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: end.wait())
    with pytest.raises(CouldNotCheck, match="no name server answers"):
        await TcpCheck(host="shop.test", port=1).look(hasty)
    end.set()


async def test_a_port_whose_queue_is_full_is_silence(hasty, broken):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        look = await check(listener.getsockname()[1]).look(hasty)
        for one in waiting:
            one.close()
    assert broken(look).endswith("accepts no connection within 0.3 s")


async def test_a_server_that_says_nothing_is_broken(serve, hasty, broken):
    assert broken(await check(await serve(says()), banner="220").look(hasty)).endswith("says nothing within 0.3 s")


async def test_a_server_that_hangs_up_is_broken(serve, ctx, broken):
    async def hangs_up(reader, writer):
        return

    look = await check(await serve(hangs_up), banner="220").look(ctx)
    assert broken(look).endswith("closes the connection without a greeting")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param(b"554 no\r\n", "does not greet as expected: '554 no'", id="another greeting"),
        pytest.param(b"\x00\xff\x1b[31m", "does not greet as expected: '��", id="noise"),
        pytest.param(b"x" * 10_000_000, "does not greet as expected: 'xxxx", id="without end"),
    ],
)
async def test_another_greeting_is_broken(serve, hasty, broken, said, shown):
    look = await check(await serve(says(said)), banner="^220").look(hasty)
    assert shown in broken(look)
    assert len(look.evidence[0].text) < 1_100


@pytest.mark.parametrize("host", ["http://a", "a:b@c", "db:5432", "a b", "a/b", ""])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(ValidationError):
        TcpCheck(host=host, port=1)


def test_an_address_of_version_6_is_written_in_brackets():
    assert TcpCheck(host="[::1]", port=22).about() == "[::1]:22"
