"""The few words that turn a connection in the clear to TLS."""

from __future__ import annotations

import asyncio
from typing import Literal

Protocol = Literal["smtp", "imap", "pop3", "postgres"]


class Unready(Exception):
    """The server does not turn to TLS; the text goes on after its name."""


async def prepare(protocol: Protocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Talk until the server waits for the handshake.

    Raises:
        Unready: it does not want to.
        OSError: the connection ended.
    """
    try:
        match protocol:
            case "postgres":
                writer.write(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")
                if await reader.readexactly(1) != b"S":
                    raise Unready("offers no TLS")
            case "smtp":
                await _reply(reader, b"220")
                writer.write(b"EHLO rounds\r\n")
                await _reply(reader, b"250")
                writer.write(b"STARTTLS\r\n")
                await _reply(reader, b"220")
            case "imap":
                await _reply(reader, b"* OK")
                writer.write(b"a STARTTLS\r\n")
                await _reply(reader, b"a OK")
            case "pop3":
                await _reply(reader, b"+OK")
                writer.write(b"STLS\r\n")
                await _reply(reader, b"+OK")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise Unready(f"does not speak {protocol}") from error


async def _reply(reader: asyncio.StreamReader, wanted: bytes) -> None:
    """The last line of a reply; SMTP marks earlier ones with a hyphen after the code."""
    for _ in range(100):
        line = await reader.readline()
        if not line.startswith(wanted):
            raise Unready(f"offers no TLS: {line[:100].decode('ascii', 'replace').strip()!r}")
        if line[len(wanted) : len(wanted) + 1] != b"-":
            return
    raise Unready("talks without end")
