"""Real things on loopback for the kinds to look at."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from checks import Check, Context, Look, Outcome
from checks.log import LogCheck

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., Awaitable[int]]


@pytest.fixture
def ctx() -> Context:
    """A look with time enough for a busy machine."""
    return Context(now=NOW, timeout_s=20)


@pytest.fixture
def hasty() -> Context:
    """A look that gives up soon, for targets that hang."""
    return Context(now=NOW, timeout_s=0.3)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a TCP server on loopback: `port = await serve(handler)`. Everything is closed at the end."""
    servers: list[asyncio.Server] = []
    connections: set[asyncio.Task[None]] = set()

    async def start(handler: Handler, *, tls: ssl.SSLContext | None = None) -> int:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            with suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await handler(reader, writer)
            connections.discard(task)
            with suppress(OSError):
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for task in list(connections):
        task.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.fixture
def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """A server's side of TLS with a certificate of the authority: `server_tls("localhost", not_after=…)`."""

    def context(*names: str, **how: Any) -> ssl.SSLContext:
        side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("127.0.0.1", "localhost")), **how).configure_cert(side)
        return side

    return context


@pytest.fixture
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """Gives up root for a while, so that a denied permission is a real one."""

    @contextmanager
    def without_root() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return without_root


@pytest.fixture(scope="session")
def numbers() -> Callable[[Check, Look], dict[str, float]]:
    """The metrics of a look by name; each must be declared by its check."""

    def by_name(check: Check, look: Look) -> dict[str, float]:
        assert {metric.name for metric in look.metrics} <= set(check.measured())
        return {metric.name: metric.value for metric in look.metrics}

    return by_name


@pytest.fixture(scope="session")
def broken() -> Callable[[Look], str]:
    """The sentence of a look that found its target broken."""

    def sentence(look: Look) -> str:
        assert [finding.outcome for finding in look.findings] == [Outcome.CRITICAL], look.findings
        return look.findings[0].text

    return sentence


@pytest.fixture
def log(tmp_path):
    """A log file: `log.write("line\\n")` appends."""

    class Log:
        path = tmp_path / "app.log"

        def write(self, text):
            with self.path.open("a") as file:
                file.write(text)

        def check(self, **parameters):
            return LogCheck.model_validate({"path": str(self.path)} | parameters)

    one = Log()
    one.write("ERROR of long ago\n")
    return one


@pytest.fixture
def follow(ctx, numbers):
    """Looks again and again with one memory, as the engine does: `metrics = await follow(check)`."""

    async def look(check):
        ctx.memory = json.loads(json.dumps(ctx.memory))
        look.last = await check.look(ctx)
        return numbers(check, look.last)

    return look
