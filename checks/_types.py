"""Values as people write them in the configuration: `15m`, `10 GB`, `db:5432`, the name of a metric."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

_UNITS = {
    "ms": 0.001,
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
_PART = re.compile(rf"(\d+(?:\.\d+)?) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z]) ?")
_POWERS = {letter: power for power, letter in enumerate("KMGTP", start=1)}
_RESERVED = frozenset(("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function"))
_RESERVED |= frozenset(("if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"))


def seconds(value: Any) -> Any:
    """`15m`, `1h30m`, `2 days` in seconds. A number has no unit: `window: 24` would be hours to who wrote it."""
    text = str(value).strip().lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        raise ValueError(f"has a number without a unit; write {text}s, {text}m or {text}h")
    if not re.fullmatch(f"(?:{_PART.pattern})+", text):
        raise ValueError("not a duration: write for example 90s, 15m, 2h, 1h30m or 7d")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def size(value: Any) -> Any:
    """`10 GB` (10¹⁰) or `10 GiB` (10 · 2³⁰) in bytes; a number is bytes already."""
    if not isinstance(value, str):
        return value
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([KMGTP])(i?))?B", value.strip(), re.IGNORECASE)
    if not parts:
        raise ValueError("not a size: write 500MB, 10GB, 10GiB or a number of bytes")
    base = 1024 if parts[3] else 1000
    return round(float(parts[1]) * base ** _POWERS.get((parts[2] or "").upper(), 0))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _not_reserved(name: str) -> str:
    if name in _RESERVED:
        raise ValueError(f"{name!r} is a word of the rule language; choose another name")
    return name


Duration = Annotated[
    float,
    BeforeValidator(seconds),
    AfterValidator(_finite),
    Field(gt=0),
    WithJsonSchema({"type": "string", "examples": ["90s", "15m", "2h", "7d"]}),
]
"""Seconds; written as `90s`, `15m`, `1h30m`, `7d`."""

Bytes = Annotated[
    int,
    BeforeValidator(size),
    Field(ge=0),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}], "examples": ["500MB", "10GiB"]}),
]
"""Bytes; written as `500MB`, `10GiB` or a number."""

MetricName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,63}$"),
    AfterValidator(_not_reserved),
]
"""The name of a metric that the configuration chooses: rules use it, so it is a plain identifier."""


def _absolute(path: str) -> str:
    if not path.startswith("/") or "\0" in path:
        raise ValueError("must be an absolute path, such as /var/log/app.log")
    return path


AbsolutePath = Annotated[str, Field(max_length=4096), AfterValidator(_absolute)]
"""A path from the root; where Rounds happens to be started must not matter."""


def _address(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    host, _, port = value.rpartition(":") if value.count(":") == 1 or "]:" in value else (value, "", "")
    try:
        address = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        raise ValueError("must be an address such as 10.0.0.2, 10.0.0.2:5353 or [fd00::1]:53") from None
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("the port must be a number from 1 to 65535")
    return address, int(port or 53)


Address = Annotated[tuple[str, int], BeforeValidator(_address), WithJsonSchema({"type": "string"})]
"""The address of a name server, with or without a port."""
