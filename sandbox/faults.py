"""Faults on request: what goes wrong in Slack now and then, as often as a test wants it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.json_types import Json

API_KINDS = ("timeout", "drop_after_commit", "drop_before_commit", "slow", "not_json")
DELIVERY_KINDS = ("drop_before_commit", "duplicate", "delayed_ack")
DELIVERIES = ("event", "command", "interactive")
KINDS = (*API_KINDS, "duplicate", "delayed_ack", "refuse_ticket")


@dataclass
class Fault:
    """`kind` is one of KINDS or an HTTP status. `left` is how many more times; it happens with `probability` each."""

    id: str
    method: str
    kind: str
    left: int
    probability: float
    seconds: float
    retry_after: int
    chance: random.Random = field(repr=False)

    @property
    def status(self) -> int:
        return int(self.kind) if self.kind.isdigit() else 0

    def covers(self, name: str) -> bool:
        """`*` is every Web API method; deliveries, uploads and response URLs are named."""
        return self.method == name or (self.method == "*" and "." in name)


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._count = 0

    def add(self, given: Json) -> str:
        """The id; a sentence as ValueError where it makes no sense."""
        kind, method = str(given.get("status", "")), given.get("method", "*")
        if kind.isdigit() and not 400 <= int(kind) <= 599:
            raise ValueError("An HTTP status of a fault is from 400 to 599.")
        if not kind.isdigit() and kind not in KINDS:
            raise ValueError(f"There is no fault {kind!r}; there is an HTTP status, {', '.join(KINDS)}.")
        if not isinstance(method, str) or not method:
            raise ValueError("method must be a Web API method, event, command, interactive, upload, response_url or *.")
        if kind == "refuse_ticket":
            method = "apps.connections.open"
        elif kind in ("duplicate", "delayed_ack") and method == "*":
            method = "event"
        if method in DELIVERIES and kind not in DELIVERY_KINDS:
            raise ValueError(f"A delivery can suffer {', '.join(DELIVERY_KINDS)}, not {kind}.")
        if kind in ("duplicate", "delayed_ack") and method not in DELIVERIES:
            raise ValueError(f"{kind} is for {', '.join(DELIVERIES)}.")
        if kind == "duplicate" and method != "event":
            raise ValueError("Slack delivers only events twice.")
        self._count += 1
        self._faults.append(
            Fault(
                id=f"fault-{self._count}",
                method=method,
                kind=kind,
                left=int(_number(given, "count", 1, 1, 1_000_000)),
                probability=_number(given, "probability", 1, 0, 1),
                seconds=_number(given, "seconds", 0, 0, 3600),
                retry_after=int(_number(given, "retry_after", 1, 0, 3600)),
                chance=random.Random(_number(given, "seed", 0, 0, 2**53)),
            )
        )
        return f"fault-{self._count}"

    def draw(self, name: str, kind: str) -> Fault | None:
        """The fault of that kind which happens now, if one does."""
        return self._draw(name, lambda fault: fault.kind == kind)

    def draw_call(self, name: str) -> Fault | None:
        """The fault that befalls this HTTP call, if one does."""
        return self._draw(name, lambda fault: bool(fault.status) or fault.kind in API_KINDS)

    def _draw(self, name: str, wanted: Callable[[Fault], bool]) -> Fault | None:
        for fault in self._faults:
            if fault.covers(name) and wanted(fault) and fault.chance.random() < fault.probability:
                fault.left -= 1
                self._faults = [one for one in self._faults if one.left > 0]
                return fault
        return None

    def clear(self) -> None:
        self._faults.clear()


def _number(given: Json, name: str, default: float, least: float, most: float) -> float:
    value: Any = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}.")
    return float(value)
