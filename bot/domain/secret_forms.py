"""The ways in which a secret that we were told may turn up in a text."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, urlsplit

import re2

MASK = "«masked»"

SHORTEST = 6
"""Characters from which on a configured secret is masked; shorter ones would mask ordinary words."""

_LINE = 16
"""Characters from which on a line of a secret of several lines is a secret by itself."""


def forms(secret: str) -> Iterator[str]:
    """The ways in which a secret may appear, as regular expressions."""
    for text in _parts(secret):
        if len(text) < SHORTEST or text in MASK:
            continue
        raw = text.encode("utf-8", "surrogatepass")
        encoded = (quote(raw, safe=""), quote(raw), quote_plus(raw))
        lower = (_lower_percents(form) for form in encoded)
        for form in {text, *_in_json(text), *_in_html(text), repr(text)[1:-1], repr(raw)[2:-1], *encoded, *lower}:
            yield _escaped(form.encode("utf-8", "surrogatepass"))
        yield from _base64_forms(raw)


def _in_json(text: str) -> Iterator[str]:
    """As JSON is written: by Python; by PHP, which escapes slashes; by Go and by Gson, which escape what HTML means."""
    for plain in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield plain
        yield plain.replace("/", "\\/")
        for signs in ("<>&", "<>&='"):
            yield "".join(f"\\u{ord(sign):04x}" if sign in signs else sign for sign in plain)


def _in_html(text: str) -> Iterator[str]:
    """As text and as an attribute of a page; there are two ways to write an apostrophe, and quotes may stay."""
    escaped = html.escape(text)
    yield escaped
    yield escaped.replace("&#x27;", "&#39;")
    yield html.escape(text, quote=False)


def _parts(secret: str) -> Iterator[str]:
    """A secret, its lines, and the password within it if it is a connection string."""
    text = secret.strip()
    yield text
    lines = text.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= _LINE and not line.startswith("-----"))
    try:
        password = urlsplit(text).password
    except ValueError:
        password = None
    if password:
        yield password
        yield unquote(password)


def _base64_forms(raw: bytes) -> Iterator[str]:
    """Inside a longer text a secret begins at one of three places within four characters of base64.

    The characters it shares with its neighbours are not known, but are masked, too.
    """
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw)
        whole = 8 * (shift + len(raw)) // 6
        core = encoded[(0, 2, 3)[shift] : whole]
        shared = 8 * (shift + len(raw)) % 6 > 0
        for form in {core, core.replace(b"+", b"-").replace(b"/", b"_")}:
            yield f"{'[A-Za-z0-9+/_-]?' if shift else ''}{_escaped(form)}{'(?:[A-Za-z0-9+/_-]=*)?' if shared else '=*'}"


def _escaped(text: bytes) -> str:
    return str(re2.escape(text).decode("latin-1"))


def _lower_percents(text: str) -> str:
    """Percent signs with small letters after them, as some libraries write them."""
    first, *rest = text.split("%")
    return "%".join((first, *(part[:2].lower() + part[2:] for part in rest)))
