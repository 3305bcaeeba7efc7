"""The output of Nagios plugins: a sentence, then performance data behind a bar."""

from __future__ import annotations

import math
from dataclasses import dataclass

from checks._regex import compiled

_DATUM = r"('(?:[^']|'')+'|[^\s=']+)=([-+]?[0-9]*[.,]?[0-9]+(?:[eE][-+]?[0-9]+)?)([a-zA-Zμ%]*)"
_FACTORS = {
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "μs": 1e-6,
    "ns": 1e-9,
    "B": 1.0,
    "KB": 2.0**10,
    "MB": 2.0**20,
    "GB": 2.0**30,
    "TB": 2.0**40,
    "PB": 2.0**50,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a plugin said: its sentence, and its numbers by label, times in seconds and sizes in bytes."""

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
        value = float(digits.replace(",", ".")) * _FACTORS.get(unit, 1.0)
        if math.isfinite(value):
            found[label.strip("'").replace("''", "'")] = value
    return Said(text.decode("utf-8", "replace").strip(), found)
