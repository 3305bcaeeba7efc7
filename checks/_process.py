"""A process that is started, watched and ended: no shell, no input, few variables, bounded output and time."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from checks._contract import CouldNotCheck

OUTPUT_LIMIT = 64 << 10
PASSED_ON = ("PATH", "HOME", "LANG", "TZ")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_STRAGGLERS_S = 0.5

SIGNALLED = 128
"""What is added to the number of a signal that ended a process, as shells do."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended. `code` is 128 + the signal if one ended it; `late` if we did, at the deadline."""

    code: int
    output: bytes
    errors: bytes
    cut: bool
    late: bool
    took_s: float


async def run(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, patience_s: float) -> Ended:
    """Run it to its end, or end it and its whole group: SIGTERM first, SIGKILL when `patience_s` is over.

    Raises:
        CouldNotCheck: it could not be started.
    """
    loop = asyncio.get_running_loop()
    start = loop.time()
    transport, watch = await _started(argv, env=env, cwd=cwd)
    late = False
    try:
        if not await _within(watch.exited, patience_s - min(1.0, patience_s / 4)):
            late = True
            _signal(transport, signal.SIGTERM)
            await _within(watch.exited, start + patience_s - loop.time())
        # Somebody it left behind may hold the pipes open; what was said until now is enough.
        await _within(watch.closed, 0 if late else min(_STRAGGLERS_S, patience_s))
    finally:
        if late or not watch.closed.is_set():
            _signal(transport, signal.SIGKILL)
        await asyncio.shield(watch.exited.wait())
        transport.close()
    code = transport.get_returncode() or 0
    return Ended(
        code=SIGNALLED - code if code < 0 else code,
        output=bytes(watch.kept[1]),
        errors=bytes(watch.kept[2]),
        cut=watch.cut,
        late=late,
        took_s=loop.time() - start,
    )


class _Watch(asyncio.SubprocessProtocol):
    """Keeps the beginning of what a process says; the rest is read and forgotten, so that it does not block."""

    def __init__(self) -> None:
        self.exited, self.closed = asyncio.Event(), asyncio.Event()
        self.kept = {1: bytearray(), 2: bytearray()}
        self.cut = False

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        room = OUTPUT_LIMIT - len(self.kept[fd])
        self.kept[fd] += data[:room]
        self.cut = self.cut or len(data) > room

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


async def _started(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: str
) -> tuple[asyncio.SubprocessTransport, _Watch]:
    inherited = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment = {"PATH": _PATH} | inherited | dict(env)
    starting = asyncio.ensure_future(
        asyncio.get_running_loop().subprocess_exec(
            _Watch,
            *argv,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            cwd=cwd,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # asyncio would end the first process only, and then wait for all that hold its pipes.
        with suppress(OSError, ValueError):
            transport, watch = await starting
            _signal(transport, signal.SIGKILL)
            await watch.exited.wait()
            transport.close()
        raise
    except (OSError, ValueError) as error:
        raise CouldNotCheck(why_not(argv[0], cwd, environment["PATH"], error)) from error


def why_not(program: str, cwd: str, path: str, error: Exception) -> str:
    """Why a program could not be started, and what to do."""
    if isinstance(error, FileNotFoundError) and not os.path.isdir(cwd):
        return f"could not start {program}: its folder {cwd} is not there"
    if isinstance(error, NotADirectoryError) and not os.path.isdir(cwd):
        return f"could not start {program}: its folder {cwd} is no folder"
    if isinstance(error, PermissionError) and not os.access(cwd, os.X_OK):
        return f"could not start {program}: our user may not enter its folder {cwd}; give it the right to"
    # A program that is nowhere "may not" be run, says the system, where a folder of PATH may not be looked into.
    place = os.path.join(cwd, program) if "/" in program else shutil.which(program, mode=os.F_OK, path=path)
    nowhere = place is None
    if isinstance(error, FileNotFoundError) and " " in program and "/" not in program:
        return f"could not start {program!r}: no program has that name; give each word of argv as an entry of its own"
    if isinstance(error, FileNotFoundError) and place is not None and os.path.exists(place):
        return f"could not start {program}: what its first line names to run it is not there; install that"
    if isinstance(error, FileNotFoundError) or (isinstance(error, PermissionError) and nowhere):
        return f"could not start {program}: it is not there; install it or give its full path"
    if isinstance(error, PermissionError):
        return f"may not run {program}; give our user the right to"
    return f"could not start {program}: {error}"


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it happens in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await event.wait()
    return event.is_set()


def _signal(transport: asyncio.SubprocessTransport, which: signal.Signals) -> None:
    """Tell the whole group; it has the number of its first process."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(transport.get_pid(), which)
