"""Connections: making them, what can go wrong in the words of a sentence, and whose fault it is."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import re
import socket
from typing import Annotated

from pydantic import AfterValidator, Field

from checks._apart import StillHanging, apart
from checks._contract import CouldNotCheck
from checks._units import duration

THEIRS = {
    errno.ECONNREFUSED: "refuses connections",
    errno.ECONNRESET: "resets the connection",
    errno.ECONNABORTED: "resets the connection",
    errno.EPIPE: "closes the connection",
    errno.EHOSTUNREACH: "is not reachable",
    errno.EHOSTDOWN: "is down",
    errno.ETIMEDOUT: "accepts no connection",
}
OURS = {
    errno.ENETUNREACH: "this machine has no route to it",
    errno.ENETDOWN: "this machine's network is down",
    errno.EACCES: "this machine forbids the connection; look at its firewall",
    errno.EPERM: "this machine forbids the connection; look at its firewall",
    errno.EADDRNOTAVAIL: "this machine has no free local port or address for it",
    errno.EMFILE: "too many open files here; raise the limit (ulimit -n)",
    errno.ENFILE: "too many open files on this machine",
    errno.ENOBUFS: "this machine is out of network buffers",
    errno.ENOMEM: "this machine is out of memory",
}


def failed(target: str, number: int | None, said: str) -> str:
    """The sentence about a connection that failed with this errno.

    Raises:
        CouldNotCheck: it failed on our side.
    """
    if number in OURS:
        raise CouldNotCheck(f"could not connect to {target}: {OURS[number]}")
    if number in THEIRS:
        return f"{target} {THEIRS[number]}"
    return f"{target} cannot be reached: {os.strerror(number) if number else said}"


def unresolved(host: str, error: OSError | UnicodeError | None) -> str:
    """The sentence about a name that has no address. A resolver that cannot be asked is our side.

    Raises:
        CouldNotCheck: nobody could be asked.
    """
    match error:
        case socket.gaierror(errno=socket.EAI_AGAIN | socket.EAI_FAIL):
            raise CouldNotCheck(f"could not resolve {host}: no name server answers; look at /etc/resolv.conf")
        case socket.gaierror(errno=socket.EAI_MEMORY | socket.EAI_SYSTEM):
            raise CouldNotCheck(f"could not resolve {host}: {error}")
        case None:
            return f"{host} resolves only at times"
        case _:
            return f"{host} does not resolve"


async def why_unresolved(host: str, *, patience_s: float) -> str:
    """Ask again for a name that did not resolve, to learn whose fault it is. Raises like `unresolved`."""
    try:
        await apart(socket.getaddrinfo, host, None, patience_s=patience_s)
    except StillHanging:
        raise CouldNotCheck(f"could not resolve {host}: no name server answers; look at /etc/resolv.conf") from None
    except (OSError, UnicodeError) as error:
        return unresolved(host, error)
    return unresolved(host, None)


class Unreachable(Exception):
    """The target did not take the connection; the text is the sentence that says so."""


async def connect(
    host: str, port: int, *, until: float, waits: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
    """A plain connection to the first address of the host that takes one, and that address.

    `until` is in loop time; `waits`, in seconds, is what a sentence says of it.

    Raises:
        Unreachable: the target's side failed.
        CouldNotCheck: our side failed.
    """
    loop = asyncio.get_running_loop()
    target = endpoint(host, port)
    addresses = await _addresses(host, patience_s=max(until - loop.time(), 0.01))
    trouble: OSError | None = None
    for tried, address in enumerate(addresses):
        share = max(until - loop.time(), 0.01) / (len(addresses) - tried)
        try:
            async with asyncio.timeout(share):
                reader, writer = await asyncio.open_connection(address, port)
        except TimeoutError as error:
            trouble = error if trouble is None else trouble
        except OSError as error:
            trouble = error
        else:
            return reader, writer, endpoint(address, port)
    if trouble is None or trouble.errno is None:
        raise Unreachable(f"{target} accepts no connection within {duration(waits)}")
    raise Unreachable(failed(target, trouble.errno, str(trouble)))


async def _addresses(host: str, *, patience_s: float) -> list[str]:
    """The addresses of a host; looked up apart, because a dead name server hangs for long."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        found = await apart(socket.getaddrinfo, host, None, 0, socket.SOCK_STREAM, patience_s=patience_s)
    except StillHanging:
        raise CouldNotCheck(f"could not resolve {host}: no name server answers; look at /etc/resolv.conf") from None
    except (OSError, UnicodeError) as error:
        raise Unreachable(unresolved(host, error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def endpoint(host: str, port: int) -> str:
    """Host and port as one writes them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host(name: str) -> str:
    name = name.removeprefix("[").removesuffix("]")
    if ":" in name:
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError:
            raise ValueError(_no_host(name)) from None
    if not re.fullmatch(r"[\w.-]{1,253}", name):
        raise ValueError(_no_host(name))
    return name


def host_in(given: str) -> str | None:
    """The host in an address that was given in its place; `None` if there is none to be seen."""
    found = re.fullmatch(r"(?:[a-z][\w+.-]*://)?([\w.-]+)(?::\d+)?(?:/\S*)?", given)
    return found[1] if found else None


def _no_host(given: str) -> str:
    host = host_in(given)
    how = f"; write {host:.60}" if host else ""
    return f"must be the name or address of a host, without scheme, port or path{how}"


HostName = Annotated[str, Field(max_length=255), AfterValidator(_host)]
"""A host: a name, an IPv4 or an IPv6 address."""
