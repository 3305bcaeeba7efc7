"""What is taken from Slack's payloads. They are signed, and still only believed as far as they look right."""

from __future__ import annotations

import hashlib
import json
import re

_ID = re.compile(r"[A-Z][A-Z0-9]{1,20}", re.ASCII)
_TS = re.compile(r"[0-9]{1,16}\.[0-9]{1,10}", re.ASCII)


def inside(payload: object, *path: str) -> object:
    """What stands there in nested objects; `None` where there is nothing, or something else than objects."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, dict) else None
    return payload


def slack_id(value: object) -> str | None:
    """The id of a person or channel; `None` for whatever is none."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def slack_ts(value: object) -> str | None:
    """The time stamp that names a message; `None` for whatever is none."""
    return value if isinstance(value, str) and _TS.fullmatch(value) else None


def once(what: str, *parts: object) -> str:
    """The key of a request, made of what is the same when Slack delivers it twice; empty if that is missing."""
    if not all(parts):
        return ""
    said = json.dumps([str(part) for part in parts])
    return f"{what}:{hashlib.sha256(said.encode()).hexdigest()}"
