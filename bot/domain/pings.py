"""Pings: what a job calls to say that it lives, and how its address is known to be its own."""

from __future__ import annotations

import base64
import hashlib
import hmac

KINDS = ("start", "success", "fail")

SHORTEST_SECRET = 16
"""Characters of ROUNDS_PING_SECRET; less could be guessed from one address."""


def token_of(secret: str, check: str) -> str:
    """The token in a check's ping address: the same after every restart, and of no use for another check."""
    digest = hmac.new(secret.encode(), b"ping:" + check.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def kind_of(word: str) -> str | None:
    """What the end of an address says: nothing, `start`, `fail`, or an exit code; `None` if it is none of these."""
    if word in ("", "success"):
        return "success"
    if word in KINDS:
        return word
    if word.isascii() and word.isdigit() and len(word) <= 3:
        return "success" if int(word) == 0 else "fail"
    return None
