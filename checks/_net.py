"""What can go wrong with a connection, in the words of a sentence, and whose fault it is."""

from __future__ import annotations

import errno
import os
import socket

from checks._apart import StillHanging, apart
from checks._contract import CouldNotCheck

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
