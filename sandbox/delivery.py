"""Brings envelopes to the bot and waits for its acknowledgements; events are delivered again when there is none."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.faults import Faults
from sandbox.json_types import Json
from sandbox.times import Times
from sandbox.traffic import Traffic


class Transport(Protocol):
    """Socket Mode or signed HTTP."""

    @property
    def online(self) -> bool: ...

    @property
    def timeout_reason(self) -> str:
        """What Slack calls it when there is no answer in time."""
        ...

    async def send(self, envelope: Json) -> bool:
        """False if there is nobody to send to."""
        ...


@dataclass(frozen=True)
class Ack:
    """`problem` says why there is none: timeout, or Slack's other retry reasons."""

    acked: bool
    payload: Json | None = None
    ms: float = 0
    problem: str = ""


Wait = asyncio.Future[Ack]


class Delivery:
    def __init__(self, *, transport: Transport, times: Callable[[], Times], faults: Faults, traffic: Traffic) -> None:
        self.transport = transport
        self._times = times
        self._faults = faults
        self._traffic = traffic
        self._waiting: dict[str, Wait] = {}
        self._delayed: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def acknowledged(self, envelope_id: str, payload: Json | None, problem: str = "") -> None:
        """Called by the transport. An acknowledgement that nobody waits for any more is ignored."""
        if (wait := self._waiting.get(envelope_id)) is None:
            return
        delay = self._delayed.pop(envelope_id, 0.0)
        if delay:
            asyncio.get_running_loop().call_later(delay, _settle, wait, payload, problem)
        else:
            _settle(wait, payload, problem)

    async def command(self, payload: Json) -> Ack:
        return await self._once("command", "slash_commands", payload, accepts=True)

    async def interactive(self, payload: Json, *, accepts: bool = False) -> Ack:
        return await self._once("interactive", "interactive", payload, accepts=accepts)

    async def _once(self, name: str, kind: str, payload: Json, *, accepts: bool) -> Ack:
        wait: Wait = asyncio.get_running_loop().create_future()
        envelope = {"type": kind, "payload": payload, "accepts_response_payload": accepts}
        try:
            return await self._attempt(name, envelope, wait)
        finally:
            self._forget(wait)

    def event(self, payload: Json) -> Wait:
        """Starts the delivery of an event; the answer is that of the first attempt."""
        first: Wait = asyncio.get_running_loop().create_future()
        self._start(self._insist(payload, first))
        if self._faults.draw("event", "duplicate"):
            self._start(self._insist(payload, asyncio.get_running_loop().create_future()))
        return first

    async def _insist(self, payload: Json, first: Wait) -> None:
        """Up to four attempts. A late acknowledgement of any of them ends it."""
        wait: Wait = asyncio.get_running_loop().create_future()
        problem = ""
        try:
            for attempt, pause in enumerate((0.0, *self._times().retries)):
                late = await _within(wait, pause) if attempt else None
                if late is not None and late.acked:
                    return
                if wait.done():
                    wait = self._again(wait)
                envelope = {
                    "type": "events_api",
                    "payload": payload,
                    "accepts_response_payload": False,
                    "retry_attempt": attempt,
                    "retry_reason": problem,
                }
                ack = await self._attempt("event", envelope, wait)
                if not first.done():
                    first.set_result(ack)
                if ack.acked:
                    return
                problem = ack.problem
        finally:
            if not first.done():
                first.set_result(Ack(acked=False, problem="given up"))
            self._forget(wait)

    def _again(self, failed: Wait) -> Wait:
        """A fresh wait that late acknowledgements of the earlier attempts still reach."""
        fresh: Wait = asyncio.get_running_loop().create_future()
        for envelope_id, wait in self._waiting.items():
            if wait is failed:
                self._waiting[envelope_id] = fresh
        return fresh

    async def _attempt(self, name: str, envelope: Json, wait: Wait) -> Ack:
        loop = asyncio.get_running_loop()
        envelope = {"envelope_id": str(uuid.uuid4()), **envelope}
        self._waiting[envelope["envelope_id"]] = wait
        if fault := self._faults.draw(name, "delayed_ack"):
            self._delayed[envelope["envelope_id"]] = fault.seconds or self._times().ack * 1.2
        started = loop.time()
        lost = self._faults.draw(name, "drop_before_commit") is not None
        if not lost and not await self.transport.send(envelope):
            ack = Ack(acked=False, problem="connection_failed")
        else:
            ack = await _within(wait, self._times().ack) or Ack(acked=False, problem=self.transport.timeout_reason)
        if ack.acked:
            ack = Ack(acked=True, payload=ack.payload, ms=round((loop.time() - started) * 1000, 3))
        self._traffic.note(
            "out", _what(envelope), status="acked" if ack.acked else ack.problem, body=envelope, answer=ack.payload
        )
        return ack

    def _forget(self, wait: Wait) -> None:
        for envelope_id in [one for one, other in self._waiting.items() if other is wait]:
            del self._waiting[envelope_id]
            self._delayed.pop(envelope_id, None)

    @property
    def busy(self) -> bool:
        """Whether an event is still on its way."""
        return bool(self._tasks)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is on its way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _within(wait: Wait, seconds: float) -> Ack | None:
    await asyncio.wait([wait], timeout=seconds)
    return wait.result() if wait.done() and not wait.cancelled() else None


def _settle(wait: Wait, payload: Json | None, problem: str) -> None:
    if not wait.done():
        wait.set_result(Ack(acked=not problem, payload=payload, problem=problem))


def _what(envelope: Json) -> str:
    """In the log: `event app_mention`, `/rounds`, `block_actions`."""
    payload = envelope["payload"]
    if envelope["type"] == "events_api":
        return f"event {payload['event']['type']}"
    return str(payload.get("command") or payload.get("type"))
