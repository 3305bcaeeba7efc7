"""Cursors: an offset that looks opaque, as Slack's do."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.json_types import Json
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.refusal import Refused

T = TypeVar("T")


def encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, ValueError):
        raise Refused("invalid_cursor") from None


def page(items: Sequence[T], args: Arguments, *, default: int, most: int = 1000) -> tuple[list[T], Json]:
    """One page and the response_metadata that leads to the next."""
    limit = args.number("limit", default, least=1, most=most) if args.text("limit") not in ("", "0") else default
    start = 0
    if cursor := args.text("cursor"):
        digits = decode(cursor).removeprefix("offset:")
        if not digits.isdecimal():
            raise Refused("invalid_cursor")
        start = int(digits)
    end = start + limit
    following = encode(f"offset:{end}") if end < len(items) else ""
    return list(items[start:end]), {"next_cursor": following}
