"""Numbers as people say them: `1.5 GiB`, `812 ms`, `3 days`, `91 %`."""

from __future__ import annotations

import math

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


def plain(value: float) -> str:
    """A bare number: no trailing zeros, at most three significant decimals, thousands grouped."""
    if math.isnan(value):
        return "not a number"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    magnitude = abs(value)
    decimals = 1 if magnitude >= 10 else 2 if magnitude >= 0.1 else 4
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".")


def duration(seconds: float) -> str:
    """Seconds as a person says them: `45 s`, `12 min`, `3.5 h`, `9 days`."""
    size = abs(seconds)
    if size < 2 * _MINUTE:
        return f"{plain(round(seconds, 1) if size < 10 else round(seconds))} s"
    if size < 2 * _HOUR:
        return f"{plain(round(seconds / _MINUTE))} min"
    if size < 2 * _DAY:
        return f"{plain(round(seconds / _HOUR, 1))} h"
    return f"{plain(round(seconds / _DAY, 1))} days"


def show(value: float, unit: str) -> str:
    """A value with its unit. Units: `%`, `B`, `ms`, `s`, `days`; anything else follows the number as it is."""
    if not math.isfinite(value):
        return plain(value) if math.isnan(value) else ("endless" if value > 0 else "minus endless")
    match unit:
        case "":
            return plain(value)
        case "B":
            size, step = value, 0
            while abs(size) >= 1024 and step < len(_BYTES) - 1:
                size, step = size / 1024, step + 1
            return f"{plain(round(size, 1) if step else size)} {_BYTES[step]}"
        case "s":
            return duration(value)
        case "ms":
            return f"{plain(round(value))} ms" if abs(value) >= 10 else f"{plain(round(value, 1))} ms"
        case "%":
            return f"{plain(round(value, 1))} %"
        case "days":
            return f"{plain(round(value, 1))} day" + ("" if value == 1 else "s")
        case _:
            return f"{plain(value)} {unit}"
