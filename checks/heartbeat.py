"""A job that nobody can look at from outside reports by itself, and is missed when it does not.

Why: a backup, an import or a cron job that silently stops running leaves no error anywhere; what is missing is only its
next sign of life.

What to do: look at whether the job still runs (`systemctl list-timers`, `crontab -l`, its own log) and whether it can
reach its ping URL; `rounds pings` shows that. When it says itself that it failed, its own words are in the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field

from checks._contract import (
    Check,
    Context,
    CouldNotCheck,
    Evidence,
    Finding,
    Look,
    Measure,
    Metric,
    Outcome,
    Ping,
    Rules,
)
from checks._text import clean
from checks._types import Duration
from checks._units import duration

_WORDS = {"start": "started", "success": "reported success", "fail": "reported a failure"}


class HeartbeatCheck(Check):
    """Waits for pings: the job calls its address when it is done; with `/start` behind it before, with `/fail` if it
    went wrong, or with its exit code. `rounds pings` prints the address; what is posted to it stands in the evidence.
    """

    kind: Literal["heartbeat"] = "heartbeat"
    job: str = Field("the job", max_length=100, description="What reports, as a sentence should call it.")
    expect: Duration = Field(description="How often it reports success at least, such as `24h`.")
    grace: Duration = Field("5m", description="How late it may be before that is told.", validate_default=True)
    longest: Duration | None = Field(None, description="How long a run may take that said `/start`.")

    asks: ClassVar[frozenset[str]] = frozenset(("pings",))
    rhythm: ClassVar[timedelta | None] = timedelta(minutes=1)
    measures: ClassVar[Mapping[str, Measure]] = {
        "age_s": Measure(
            "s", "since it last reported success, or since Rounds began to wait", "last reported {value} ago"
        ),
        "run_time_s": Measure("s", "from its last `/start` to the success after it", "took {value}"),
    }
    examples: ClassVar[tuple[str, ...]] = (
        "{kind: heartbeat, job: the nightly backup, expect: 24h, grace: 1h}",
        "{kind: heartbeat, job: the import, expect: 15m, longest: 10m, warning: run_time_s > 300}",
    )

    def about(self) -> str:
        return self.job

    def default_rules(self) -> Rules:
        return Rules(critical=f"age_s > {self.expect + self.grace:g}")

    async def look(self, ctx: Context) -> Look:
        if "pings" not in ctx.facts:
            raise CouldNotCheck(
                "nobody hears pings here; `rounds serve` does, with ROUNDS_PUBLIC_LISTEN and ROUNDS_PING_SECRET set"
            )
        pings: Mapping[str, Ping] = {ping.kind: ping for ping in ctx.facts["pings"]}
        start, success, fail = (pings.get(kind) for kind in ("start", "success", "fail"))
        began = _remembered(ctx, "waits_since")
        metrics = [Metric("age_s", (ctx.now - (success.at if success else began)).total_seconds())]
        if start is not None and success is not None and start.at <= success.at:
            ctx.memory["run_time_s"] = (success.at - start.at).total_seconds()
        if (took := ctx.memory.get("run_time_s")) is not None:
            metrics.append(Metric("run_time_s", float(took)))
        evidence = _told(pings)
        over = max((ping.at for ping in (success, fail) if ping is not None), default=None)
        if fail is not None and fail.at == over:
            words = f": {clean(fail.text.strip().partition(chr(10))[0], 200)}" if fail.text else ""
            return Look.broken(f"{self.job} reported a failure{words}", *evidence, metrics=metrics)
        if self.longest is not None and start is not None and (over is None or start.at > over):
            running_s = (ctx.now - start.at).total_seconds()
            if running_s > self.longest:
                text = f"{self.job} started {duration(running_s)} ago and is not done (limit {duration(self.longest)})"
                return Look.broken(text, *evidence, metrics=metrics)
        if success is not None:
            return Look(tuple(metrics), (), evidence)
        # No rule says this: "last reported 26 h ago" would not be true.
        waited_s, limit_s = (ctx.now - began).total_seconds(), self.expect + self.grace
        text = f"{self.job} has never reported success; Rounds began to wait {duration(waited_s)} ago"
        if waited_s > limit_s:
            return Look.broken(f"{text} (limit {duration(limit_s)})", *evidence, metrics=metrics)
        # No run has ended yet; a job that reports success and never says /start leaves a rule about its time unknown.
        return Look(tuple(metrics), (Finding(Outcome.INFO, text),), evidence, frozenset({"run_time_s"}))


def _remembered(ctx: Context, name: str) -> datetime:
    """The moment of the first look; from then on it is kept."""
    known: Any = ctx.memory.setdefault(name, ctx.now.isoformat())
    return datetime.fromisoformat(known)


def _told(pings: Mapping[str, Ping]) -> tuple[Evidence, ...]:
    """The newest ping of each sort, in the order in which they came."""
    lines = []
    for ping in sorted(pings.values(), key=lambda ping: ping.at):
        lines.append(f"{ping.at:%Y-%m-%d %H:%M:%S %Z} {_WORDS.get(ping.kind, ping.kind)}")
        lines += [f"  {line}" for line in ping.text.splitlines()]
    return (Evidence("pings", "\n".join(lines)),) if lines else ()
