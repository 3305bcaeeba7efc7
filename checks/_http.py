"""A request with its redirects, and what to say when no answer comes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

import pycurl
from pydantic import AfterValidator, Field

from checks._contract import CouldNotCheck
from checks._curl import Answer, NoAnswer, Request, ask
from checks._net import failed
from checks._text import clean
from checks._trust import in_words
from checks._units import duration

MOST_REDIRECTS = 10
Follow = Literal["same-host", "anywhere", "never"]
_TOO_LARGE = 100
_SHOWN = ("content-type", "content-length", "content-encoding", "server", "location", "retry-after", "cache-control")


def _web_address(url: str) -> str:
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise ValueError("must not hold spaces, backslashes or control characters; encode them")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must start with http:// or https:// and name a host")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user or password; use basic_auth or bearer")
    _ = parts.port  # raises where it is none
    return url


WebAddress = Annotated[str, Field(max_length=2000, json_schema_extra={"format": "uri"}), AfterValidator(_web_address)]
"""An address of the web: http or https, no user in it."""


def shown(url: str) -> str:
    """The address for a sentence: without its query, which may be long or secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + ("?…" if parts.query else "")


def _origin(parts: SplitResult) -> tuple[str | None, int]:
    return parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def is_redirect(answer: Answer) -> bool:
    """Whether it leads elsewhere."""
    return answer.redirect_url is not None and answer.status in (301, 302, 303, 307, 308)


def next_request(request: Request, answer: Answer, follow: Follow) -> Request | None:
    """The request that a redirect asks for; `None` where it is not followed.

    Another host never sees our headers and credentials, nor does another port, unless http merely becomes https.

    Raises:
        NoAnswer: it leads out of the web.
    """
    if answer.redirect_url is None or not is_redirect(answer) or follow == "never":
        return None
    old, new = urlsplit(request.url), urlsplit(answer.redirect_url)
    if new.scheme not in ("http", "https"):
        said = f"redirects to {clean(answer.redirect_url, 100)}"
        raise NoAnswer(pycurl.E_UNSUPPORTED_PROTOCOL, said, url=request.url, reached="left")
    if new.hostname != old.hostname and follow == "same-host":
        return None
    request = replace(request, url=answer.redirect_url)
    upgraded = old.hostname == new.hostname and (_origin(old)[1], _origin(new)[1]) == (80, 443)
    if _origin(old) != _origin(new) and not upgraded:
        request = replace(request, headers=(), userpwd=None)
    if answer.status == 303 or (answer.status in (301, 302) and request.method == "POST"):
        request = replace(request, method="GET" if request.method == "POST" else request.method, body=None)
    return request


async def fetch(request: Request, *, follow: Follow, until: float) -> list[Answer]:
    """The answers to a request and to the redirects that followed, the last one last. `until` is in loop time.

    Raises:
        NoAnswer: one of them did not answer, or they led on without end.
        CouldNotCheck: our side failed.
    """
    answers: list[Answer] = []
    asked: Request | None = request
    while asked is not None:
        if len(answers) > MOST_REDIRECTS:
            said = f"redirects more than {MOST_REDIRECTS} times"
            raise NoAnswer(pycurl.E_TOO_MANY_REDIRECTS, said, url=asked.url, reached="left")
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            raise NoAnswer(pycurl.E_OPERATION_TIMEDOUT, "out of time", url=asked.url, reached="asked")
        answers.append(await ask(asked, patience_s=left))
        asked = next_request(asked, answers[-1], follow)
    return answers


def reproach(about: str, error: NoAnswer, *, waited_s: float) -> str:
    """What to say of a target that did not answer.

    Raises:
        CouldNotCheck: it is our side that failed.
    """
    if error.code == pycurl.E_OPERATION_TIMEDOUT:
        return _too_late(about, error.reached, duration(waited_s))
    if error.reached == "left":
        return f"{about} {error.said}"
    if error.code == pycurl.E_PEER_FAILED_VERIFICATION:
        return f"{about} has a certificate that is not to be trusted: {in_words(error.said)}"
    if error.errno and error.code != pycurl.E_SSL_CONNECT_ERROR:
        return failed(about, error.errno, error.said)
    match error.code:
        case pycurl.E_COULDNT_CONNECT:
            return failed(about, None, error.said)
        case pycurl.E_GOT_NOTHING:
            return f"{about} closes the connection without an answer"
        case pycurl.E_UNSUPPORTED_PROTOCOL | pycurl.E_FTP_WEIRD_SERVER_REPLY:
            return f"{about} answers something that is not HTTP"
        case pycurl.E_PARTIAL_FILE:
            return f"{about} breaks off its answer"
        case pycurl.E_SSL_CONNECT_ERROR:
            return f"{about} fails the TLS handshake: {clean(in_words(error.said), 200)}"
        case code if code == _TOO_LARGE:
            return f"{about} sends headers without end"
        case _:
            return f"{about} gives no proper answer: {clean(error.said, 200)}"


def _too_late(about: str, reached: str, waited: str) -> str:
    match reached:
        case "":
            raise CouldNotCheck(f"could not resolve the host of {about} within {waited}: does the name server answer?")
        case "resolved":
            return f"{about} accepts no connection within {waited}"
        case "connected":
            return f"{about} does not finish the TLS handshake within {waited}"
        case "answered":
            return f"{about} did not finish its answer within {waited}"
        case _:
            return f"{about} did not answer within {waited}"


def report(request: Request, answers: list[Answer], also: tuple[str, ...] = ()) -> str:
    """What a person would paste: status line, some headers, the phases, the beginning of the body."""
    asked, parts = request.url, []
    for answer in answers[:-1]:
        parts.append(f"{answer.status} {shown(asked)} → {shown(answer.redirect_url or '')}")
        asked = answer.redirect_url or ""
    last = answers[-1]
    status_line, headers = last.headers()
    parts.append(status_line)
    parts += [f"{name}: {headers[name]}" for name in dict.fromkeys(_SHOWN + also) if name in headers]
    phases = {"dns": last.dns_s, "connect": last.connect_s, "tls": last.tls_s, "first byte": last.first_byte_s}
    times = [f"{name} {1000 * took:.0f} ms" for name, took in phases.items() if took is not None]
    parts.append(f"\n{', '.join(times)}, complete {1000 * last.total_s:.0f} ms, from {last.address}")
    if last.certificate_ends:
        parts.append(f"certificate ends {last.certificate_ends:%Y-%m-%d %H:%M} UTC")
    if last.body:
        parts.append("\n" + clean(last.body, 1000))
    return "\n".join(parts)
