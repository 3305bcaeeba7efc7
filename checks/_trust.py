"""Whom to trust: the authorities that sign certificates; and what OpenSSL says when it does not."""

from __future__ import annotations

import os
import re
import ssl
from functools import lru_cache
from typing import Literal, NamedTuple

from checks._contract import CouldNotCheck

_JARGON = re.compile(
    r"^(?:TLS connect error: |SSL(?: certificate(?: problem)?)?: | ?SSL certificate |OpenSSL verify result: )*"
    r"(?:error:[0-9A-F]+:[^:]*:[^:]*:)?"
)


_DER = 2
"""OpenSSL's name for the binary form of a certificate, as the module `_ssl` passes it on."""


class Authorities(NamedTuple):
    """A PEM file, or a folder of them as OpenSSL hashes it."""

    form: Literal["file", "folder"]
    path: str


def authorities(own: str | None) -> Authorities:
    """The configured file, or the system's: `SSL_CERT_FILE`, or where OpenSSL looks.

    Raises:
        CouldNotCheck: there is none that we can read.
    """
    if own is not None:
        if not os.access(own, os.R_OK):
            why = "our user may not" if os.path.exists(own) else "it is not there"
            raise CouldNotCheck(f"could not read the trusted certificates in {own}: {why}")
        return Authorities("file", own)
    paths = ssl.get_default_verify_paths()
    # The file first: it is parsed once for all connections, a folder is read each time.
    if paths.cafile and os.access(paths.cafile, os.R_OK):
        return Authorities("file", paths.cafile)
    if paths.capath and os.access(paths.capath, os.R_OK):
        return Authorities("folder", paths.capath)
    raise CouldNotCheck("no trusted certificates on this machine; install ca-certificates or set SSL_CERT_FILE")


def trusting(own: str | None) -> ssl.SSLContext:
    """Our side of a handshake that verifies.

    Raises:
        CouldNotCheck: the authorities cannot be read.
    """
    found = authorities(own)
    try:
        return _context(found, os.stat(found.path).st_mtime_ns)
    except (OSError, ValueError) as error:
        raise CouldNotCheck(f"could not read the trusted certificates in {found.path}: {error}") from error


@lru_cache(maxsize=32)
def _context(found: Authorities, _changed: int) -> ssl.SSLContext:
    """Kept while the file does not change: parsing it takes tens of milliseconds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if found.form == "file":
        context.load_verify_locations(cafile=found.path)
    else:
        context.load_verify_locations(capath=found.path)
    return context


@lru_cache(maxsize=1)
def trustful() -> ssl.SSLContext:
    """Our side of a handshake that verifies nothing: to read a certificate, nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def certificates_of(connection: ssl.SSLObject) -> list[bytes]:
    """What the other side showed, its own certificate first: with those by which it is trusted, if we verified it.

    What it sent beside them does not count: an old signature of an authority may have ended, and nobody needs it.
    """
    own = connection.getpeercert(binary_form=True) or b""
    if connection.context.verify_mode is ssl.CERT_NONE:
        return [own]
    if hasattr(connection, "get_verified_chain"):  # Python 3.13
        return list(connection.get_verified_chain()) or [own]
    # Older ones have it in the C object beneath, and only there.
    verified = getattr(connection._sslobj, "get_verified_chain", lambda: None)()  # type: ignore[attr-defined]
    return [certificate.public_bytes(_DER) for certificate in verified or ()] or [own]


def in_words(said: str) -> str:
    """What OpenSSL says, without what stands before and behind it for those who read its source."""
    if "unexpected eof" in said:
        return "the connection was closed in it; is this port for TLS?"
    if "wrong version number" in said or "packet length too long" in said:
        return "what answers there speaks no TLS"
    return re.sub(r" \(\d+\)$", "", _JARGON.sub("", said))
