"""A look at each candidate before it is proposed, so that the first round says nothing that is false here."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.cli.machine import Candidate
from checks import Check, Context, CouldNotCheck, Look, Outcome, duration, kind, show

TIMEOUT_S = 5.0
HOUR, DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A check with rules that suit what was measured, and a remark that says what that was."""

    candidate: Candidate
    rules: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""
    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """The check as it is written; what was changed to `None` is left out."""
        together = {**self.candidate.settings, **self.changed, **self.rules}
        return {key: value for key, value in together.items() if value is not None}


Numbers = Mapping[str, float]


async def propose(candidates: Iterable[Candidate]) -> list[Proposal]:
    """A proposal for each candidate that can be looked at; what cannot is left out."""
    made = await asyncio.gather(*(_propose(candidate) for candidate in candidates))
    return [proposal for proposal in made if proposal is not None]


async def _propose(candidate: Candidate) -> Proposal | None:
    name = str(candidate.settings["kind"])
    look = await _look(candidate.settings)
    if look is None and name == "log":  # no time stamps that we know: count from look to look
        settings = {key: value for key, value in candidate.settings.items() if key != "window"}
        look = await _look(settings)
        return Proposal(candidate, changed={"window": None}) if look is not None else None
    if look is None:
        return None
    return _SUITED[name](candidate, {metric.name: metric.value for metric in look.metrics})


async def _look(settings: Mapping[str, Any]) -> Look | None:
    """What is to be seen; `None` if nothing is, or if it is broken already."""
    check: Check = kind(str(settings["kind"])).model.model_validate(dict(settings))
    try:
        async with asyncio.timeout(TIMEOUT_S):
            look = await check.look(Context(now=datetime.now(UTC), timeout_s=TIMEOUT_S))
    except (CouldNotCheck, TimeoutError):
        return None
    return None if any(finding.outcome is Outcome.CRITICAL for finding in look.findings) else look


def above(used: float, steps: Iterable[tuple[float, float]]) -> tuple[float, float] | None:
    """The first pair of limits that leaves room above what is normal here; `None` when there is none."""
    return next((pair for pair in steps if used < pair[0] - 2), None)


def _percent(candidate: Candidate, found: Numbers) -> Proposal:
    used = found["used_percent"]
    total, left = show(found["total_bytes"], "B"), found.get("free_bytes", found.get("available_bytes", 0.0))
    remark = f"{show(used, '%')} used now, {show(left, 'B')} left of {total}"
    steps = ((80.0, 90.0), (90.0, 95.0), (95.0, 98.0))
    pair = above(used, steps if candidate.settings["kind"] == "disk" else ((85.0, 95.0), *steps[1:]))
    if pair is None:
        return Proposal(candidate, remark=f"{remark}: nearly full already, which the first round will say")
    return Proposal(
        candidate, {"warning": f"used_percent > {pair[0]:g}", "critical": f"used_percent > {pair[1]:g}"}, remark
    )


def _load(candidate: Candidate, found: Numbers) -> Proposal:
    usual = max(found[name] for name in ("load1", "load5", "load15")) / found["cpus"]
    warning = max(1.5, math.ceil(2 * usual))
    remark = f"{usual:.1f} for each of {found['cpus']:g} processors now"
    if warning > 1.5:
        remark += "; if that is not usual, lower the limits: 1.5 and 4 suit most machines"
    return Proposal(
        candidate, {"warning": f"per_cpu > {warning:g}", "critical": f"per_cpu > {max(4.0, 2 * warning):g}"}, remark
    )


def _tcp(candidate: Candidate, found: Numbers) -> Proposal:
    return Proposal(candidate, remark=f"accepted a connection in {show(found['latency_ms'], 'ms')}")


def _http(candidate: Candidate, found: Numbers) -> Proposal:
    status, took = f"{found['status']:g}", show(found["latency_ms"], "ms")
    remark = f"answers {status} in {took}"
    slow = (
        {} if found["latency_ms"] < 1000 else {"warning": f"latency_ms > {math.ceil(found['latency_ms'] / 500) * 1000}"}
    )
    if found["status"] < 400:
        return Proposal(candidate, slow, remark)
    if found["status"] < 500:
        return Proposal(candidate, {**slow, "critical": "status >= 500"}, f"{remark}; better: name a page that it has")
    return Proposal(candidate, slow, f"{remark}, which the first round will say")


def _log(candidate: Candidate, found: Numbers) -> Proposal:
    errors = found.get("errors", 0.0)
    limit = max(10, 3 * math.ceil(errors))
    return Proposal(candidate, {"warning": f"errors > {limit}"}, f"{errors:g} errors in the last hour")


def _files(candidate: Candidate, found: Numbers) -> Proposal | None:
    if not found.get("count") or "newest_age_s" not in found:
        return None
    age = found["newest_age_s"]
    remark = f"the newest is {duration(age)} old and has {show(found['newest_bytes'], 'B')}"
    if age < 26 * HOUR:
        rule = "newest_age_s > 26 * 3600"
    elif age < 8 * DAY:
        rule = "newest_age_s > 8 * 86400"
    else:
        rule, remark = f"newest_age_s > {math.ceil(2 * age / DAY)} * 86400", f"{remark}: is that as it should be?"
    return Proposal(candidate, {"critical": rule}, remark)


def _container(candidate: Candidate, found: Numbers) -> Proposal:
    remark = "runs"
    if found["running"] < 1 or found["healthy"] < 1:
        state = "unhealthy" if found["running"] else "not running"
        remark = f"{state} now, which the first round will say"
    return Proposal(candidate, {"critical": "exit_code != 0 || running < 1 || healthy < 1"}, remark)


_SUITED: Mapping[str, Callable[[Candidate, Numbers], Proposal | None]] = {
    "disk": _percent,
    "memory": _percent,
    "load": _load,
    "tcp": _tcp,
    "http": _http,
    "log": _log,
    "files": _files,
    "command": _container,
}
