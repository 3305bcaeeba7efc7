"""The output of Nagios plugins: a sentence, then performance data behind a bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

from checks._regex import compiled

_DATUM = r"('(?:[^']|'')+'|[^\s=']+)=([-+]?[0-9]*[.,]?[0-9]+(?:[eE][-+]?[0-9]+)?)([a-zA-Zμ%]*)"
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "μs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"b": 1.0} | {
    f"{letter}{form}": 2.0 ** (10 * power) for power, letter in enumerate("kmgtp", start=1) for form in ("b", "ib")
}
_AS_THEY_ARE = ("", "%", "c")
"""A number, a share, a counter."""


def _factor(unit: str) -> float | None:
    """What makes seconds or bytes of it; `None` for a unit that we do not know."""
    return 1.0 if unit in _AS_THEY_ARE else _SECONDS.get(unit) or _BYTES.get(unit.lower())


@dataclass(frozen=True, slots=True)
class Said:
    """What a plugin said: its sentence, and its numbers by label, times in seconds and sizes in bytes.

    Numbers with a unit that we do not know are left out: a rule over them is unknown, not wrong by a factor.
    """

    text: str
    numbers: dict[str, float]


def said(output: bytes) -> Said:
    """Parse it as the Nagios plugin guidelines describe: text|data, longer text, and more data behind a second bar."""
    first, _, rest = output.partition(b"\n")
    text, _, numbers = first.partition(b"|")
    _, _, more = rest.partition(b"|")
    found: dict[str, float] = {}
    for match in compiled(_DATUM).finditer(numbers + b" " + more.replace(b"\n", b" ")):
        label, digits, unit = (group.decode("utf-8", "replace") for group in match.groups())
        factor = _factor(unit)
        value = float(digits.replace(",", ".")) * factor if factor is not None else math.nan
        if math.isfinite(value):
            found[label.strip("'").replace("''", "'")] = value
    return Said(text.decode("utf-8", "replace").strip(), found)
