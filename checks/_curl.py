"""One HTTP request with libcurl: a new connection each, phases timed, everything bounded.

All requests of an event loop share one multi handle; libcurl is restricted to http and https, ignores proxies of the
environment and follows no redirect by itself (`checks.http` decides about those).
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pycurl

from checks._contract import CouldNotCheck
from checks._multi import Multi
from checks._net import OURS, THEIRS
from checks._trust import authorities

BODY_LIMIT = 1 << 20
_PROXY_REFUSES = 97
_OURS = {
    pycurl.E_COULDNT_RESOLVE_PROXY: "its proxy does not resolve",
    pycurl.E_OUT_OF_MEMORY: "out of memory",
    pycurl.E_SSL_CERTPROBLEM: "our client certificate cannot be used",
    pycurl.E_SSL_CACERT_BADFILE: "our file of trusted certificates cannot be read",
    pycurl.E_FAILED_INIT: "libcurl could not start",
    pycurl.E_URL_MALFORMAT: "the URL is malformed",
    pycurl.E_BAD_FUNCTION_ARGUMENT: "libcurl refuses an option",
    pycurl.E_NOT_BUILT_IN: "libcurl was built without something it needs",
    _PROXY_REFUSES: "the proxy refuses",
}
_BEHIND_SOCKS = re.compile(r"SOCKS5 connection to .* \(([345])\)$")
"""The target is not reached or refuses: a proxy that did its part says so (RFC 1928, 6)."""
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `trust` is a PEM file of authorities instead of the system's; `proxy` empty means none."""

    url: str
    method: str = "GET"
    headers: tuple[str, ...] = ()
    body: str | None = None
    verify: bool = True
    trust: str | None = None
    proxy: str = ""
    userpwd: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long each phase took, in seconds. `first_byte_s` and `total_s` count from the start."""

    status: int
    lines: list[bytes] = field(repr=False)
    body: bytes = field(repr=False)
    length: int
    cut: bool
    redirect_url: str | None
    certificate_ends: datetime | None
    address: str
    dns_s: float
    connect_s: float
    tls_s: float | None
    first_byte_s: float
    total_s: float

    def headers(self) -> tuple[str, dict[str, str]]:
        """The status line and the headers of the last response, names in lower case."""
        start = max([n for n, line in enumerate(self.lines) if line.startswith(b"HTTP/")], default=0)
        first, *rest = b"".join(self.lines[start:]).decode("latin-1").split("\n")
        pairs = [line.split(":", 1) for line in rest if ":" in line]
        return first.strip(), {name.strip().lower(): value.strip() for name, value in pairs}


class NoAnswer(Exception):
    """No complete answer came: libcurl's code and words, the errno beneath, and how far the request got."""

    def __init__(self, code: int, said: str, *, url: str, errno: int = 0, reached: str = "") -> None:
        super().__init__(said)
        self.code, self.said, self.url, self.errno, self.reached = code, said, url, errno, reached


async def ask(request: Request, *, patience_s: float) -> Answer:
    """Send the request, wait at most so long.

    Raises:
        NoAnswer: the target's side failed.
        CouldNotCheck: our side failed.
    """
    lines: list[bytes] = []
    body = bytearray()

    def take(piece: bytes) -> int:
        room = BODY_LIMIT - len(body)
        body.extend(piece[:room])
        return len(piece) if len(piece) <= room else 0

    curl = pycurl.Curl()
    try:
        _prepare(curl, request, patience_s)
        curl.setopt(pycurl.HEADERFUNCTION, lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, take)
        cut = False
        try:
            await _multi().perform(curl)
        except pycurl.error as error:
            code, said = error.args
            cut = code == pycurl.E_WRITE_ERROR and len(body) == BODY_LIMIT
            if not cut:
                raise _failure(curl, request, code, said) from None
        return _answer(curl, lines, bytes(body), cut)
    finally:
        curl.close()


def _multi() -> Multi:
    """The transfers of this event loop."""
    loop = asyncio.get_running_loop()
    held: Multi | None = getattr(_local, "held", None)
    if held is None or held.loop is not loop:
        held = _local.held = Multi(loop)
    return held


def _prepare(curl: pycurl.Curl, request: Request, patience_s: float) -> None:
    set_ = curl.setopt
    set_(pycurl.URL, request.url)
    set_(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    set_(pycurl.NOSIGNAL, 1)
    set_(pycurl.FRESH_CONNECT, 1)
    set_(pycurl.FORBID_REUSE, 1)
    set_(pycurl.DNS_CACHE_TIMEOUT, 0)
    set_(pycurl.PROXY, request.proxy)
    set_(pycurl.TIMEOUT_MS, max(int(patience_s * 1000), 1))
    set_(pycurl.USERAGENT, "rounds")
    if request.headers:
        set_(pycurl.HTTPHEADER, list(request.headers))
    if request.userpwd is not None:
        set_(pycurl.USERPWD, request.userpwd)
    if request.method == "HEAD":
        set_(pycurl.NOBODY, 1)
    elif request.method == "POST":
        set_(pycurl.POST, 1)
        set_(pycurl.COPYPOSTFIELDS, (request.body or "").encode())
    if not request.url.startswith("http:"):
        set_(pycurl.OPT_CERTINFO, 1)
        if request.verify:
            found = authorities(request.trust)
            set_(pycurl.CAINFO if found.form == "file" else pycurl.CAPATH, found.path)
        else:
            set_(pycurl.SSL_VERIFYPEER, 0)
            set_(pycurl.SSL_VERIFYHOST, 0)


def _failure(curl: pycurl.Curl, request: Request, code: int, said: str) -> Exception:
    said = curl.errstr() or said
    if code == _PROXY_REFUSES and (found := _BEHIND_SOCKS.search(said)) is not None:
        number = errno.ECONNREFUSED if found[1] == "5" else errno.EHOSTUNREACH
        return NoAnswer(pycurl.E_COULDNT_CONNECT, said, url=request.url, errno=number)
    if code in _OURS:
        return CouldNotCheck(f"could not ask: {_OURS[code]} ({said})")
    steps = {
        "answered": pycurl.HEADER_SIZE,
        "asked": pycurl.REQUEST_SIZE,
        "connected": pycurl.CONNECT_TIME,
        "resolved": pycurl.NAMELOOKUP_TIME,
    }
    reached = next((step for step, key in steps.items() if curl.getinfo(key) > 0), "")
    if request.proxy and (why := _at_the_proxy(curl, code, reached)) is not None:
        return CouldNotCheck(f"could not ask: its proxy {request.proxy} {why}")
    if request.proxy.startswith("http") and reached == "connected" and not curl.getinfo(pycurl.HTTP_CONNECTCODE):
        reached = "asked"  # the proxy; there was no handshake with the target yet
    return NoAnswer(code, said, url=request.url, errno=curl.getinfo(pycurl.OS_ERRNO), reached=reached)


def _at_the_proxy(curl: pycurl.Curl, code: int, reached: str) -> str | None:
    """What is wrong with the proxy, which says nothing of the target; `None` if it did its part."""
    answered = curl.getinfo(pycurl.HTTP_CONNECTCODE)
    if answered >= 500:
        return None  # what it says when the target does not answer it
    if answered >= 300:
        return f"refuses to connect us ({answered})"
    if code == pycurl.E_COULDNT_CONNECT:
        number = curl.getinfo(pycurl.OS_ERRNO)
        return THEIRS.get(number) or f"cannot be reached: {OURS.get(number, os.strerror(number))}"
    if code == pycurl.E_OPERATION_TIMEDOUT and reached in ("", "resolved"):
        return "accepts no connection" if reached else "does not resolve in time"
    return None


def _answer(curl: pycurl.Curl, lines: list[bytes], body: bytes, cut: bool) -> Answer:
    get = curl.getinfo
    dns, connected, secured = get(pycurl.NAMELOOKUP_TIME), get(pycurl.CONNECT_TIME), get(pycurl.APPCONNECT_TIME)
    return Answer(
        status=get(pycurl.RESPONSE_CODE),
        lines=lines,
        body=body,
        length=max(len(body), int(get(pycurl.CONTENT_LENGTH_DOWNLOAD_T)) if cut else 0),
        cut=cut,
        redirect_url=get(pycurl.REDIRECT_URL),
        certificate_ends=expiry(get(pycurl.INFO_CERTINFO)) if secured else None,
        address=get(pycurl.PRIMARY_IP) or "",
        dns_s=dns,
        connect_s=max(connected - dns, 0.0),
        tls_s=max(secured - connected, 0.0) if secured else None,
        first_byte_s=get(pycurl.STARTTRANSFER_TIME),
        total_s=get(pycurl.TOTAL_TIME),
    )


def expiry(chain: object) -> datetime | None:
    """When the first certificate of libcurl's list ends; `None` when it does not say."""
    if not isinstance(chain, list | tuple) or not chain:
        return None
    try:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(dict(chain[0])["Expire date"]), UTC)
    except (KeyError, ValueError):
        return None
