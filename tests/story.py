"""Stories: YAML, a clock that is moved by hand, and a Slack that remembers. Nothing here sleeps."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import and_, func, or_, select

from bot.config.configuration import Configuration
from bot.config.load import parse
from bot.domain.durations import parse_duration
from bot.domain.escalation import StepState
from bot.domain.incidents import State
from bot.domain.masking import Masker
from bot.domain.notifications import (
    CannotLookUp,
    Delivered,
    Letter,
    MessageGone,
    Place,
    StatusView,
    View,
)
from bot.domain.rules import CompiledRules
from bot.engine.courier import Courier
from bot.engine.desk import Asked, Desk
from bot.engine.engine import Engine
from bot.engine.looking import Looker
from bot.engine.meter import Meter
from bot.engine.runner import Runner
from bot.slack.cards import card_of, home_view, letter_card, maybe_repeated
from checks import Check, Context, CouldNotCheck, Evidence, Finding, Look, Outcome
from storage import tables as t
from storage.opening import open_store, sqlite_url
from storage.store import Store
from storage.tx import Tx

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning."""


class SimulatedClock:
    """Time that only tests move."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - BEGIN).total_seconds() + 1_000.0


class Scripted(Check):
    """A check whose target does what the story says."""

    kind: Literal["scripted"] = "scripted"
    name: str
    script: dict[str, tuple[Outcome, str]]

    def about(self) -> str:
        return self.name

    async def look(self, ctx: Context) -> Look:
        outcome, text = self.script.get(self.name, (Outcome.OK, f"{self.name} is fine"))
        if outcome is Outcome.UNKNOWN:
            raise CouldNotCheck(text)
        return Look(findings=(Finding(outcome, text),), evidence=(Evidence("seen", f"evidence of {self.name}"),))


@dataclass
class Posted:
    """A message in the remembered Slack."""

    channel: str
    ts: str
    text: str
    blocks: list
    key: str
    reason: str
    thread_ts: str | None = None
    broadcast: bool = False
    at: datetime = BEGIN
    drawn: int = 1

    @property
    def everything(self) -> str:
        return f"{self.text}\n{_texts(self.blocks)}"

    def shows(self, *parts: str) -> bool:
        return all(part in self.everything for part in parts)

    @property
    def buttons(self) -> dict[str, str]:
        """Action id to value, of every button on the card."""
        return {b["action_id"]: b.get("value", "") for b in _find(self.blocks, "button")}


def _texts(part) -> str:
    if isinstance(part, dict):
        own = [v for k, v in part.items() if k == "text" and isinstance(v, str)]
        return "\n".join([*own, *(_texts(v) for v in part.values() if not isinstance(v, str))])
    return "\n".join(_texts(each) for each in part) if isinstance(part, list) else ""


def _find(part, kind: str) -> list:
    if isinstance(part, dict):
        own = [part] if part.get("type") == kind else []
        return own + [found for value in part.values() for found in _find(value, kind)]
    return [found for each in part for found in _find(each, kind)] if isinstance(part, list) else []


class RememberedSlack:
    """The engine's port `Notifier`: draws the real cards and remembers them. Faults are queued by the story."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.messages: list[Posted] = []
        self.homes: dict[str, dict] = {}
        self.faults: list[Callable[[Letter], Exception | None]] = []
        self.after_post: list[Exception] = []
        self.unreadable: set[str] = set()
        self.look_ups = 0

    def mention(self, target: str) -> str:
        return "@" + target.partition(":")[2]

    def address(self, place: Place) -> str:
        return f"https://town.example/archives/{place.channel_id}/p{place.ts.replace('.', '')}"

    async def post(self, letter: Letter) -> Delivered:
        if self.faults and (error := self.faults.pop(0)(letter)) is not None:
            raise error
        card = letter_card(letter, self)
        card = maybe_repeated(card) if letter.maybe_repeated else card
        ts = f"{self.clock.at.timestamp():.0f}.{len(self.messages):06d}"
        self.messages.append(
            Posted(
                letter.channel,
                ts,
                card.text,
                list(card.blocks),
                letter.key,
                letter.reason,
                letter.thread_ts,
                letter.broadcast,
                self.clock.at,
            )
        )
        if self.after_post:
            raise self.after_post.pop(0)
        return Delivered(letter.channel, ts)

    async def find(self, letter: Letter, *, since: datetime) -> Delivered | None:
        self.look_ups += 1
        if letter.channel in self.unreadable:
            raise CannotLookUp("not_in_channel")
        place = (letter.key, letter.channel, letter.thread_ts)
        found = next((m for m in self.messages if (m.key, m.channel, m.thread_ts) == place and m.at >= since), None)
        return Delivered(found.channel, found.ts) if found else None

    async def redraw(self, view: View, *, channel_id: str, ts: str) -> None:
        message = next((m for m in self.messages if m.ts == ts and m.channel == channel_id), None)
        if message is None:
            raise MessageGone("message_not_found")
        card = card_of(view, self)
        message.text, message.blocks, message.drawn = card.text, list(card.blocks), message.drawn + 1

    async def publish_home(self, user: str, view: StatusView) -> None:
        self.homes[user] = home_view(view, self)


class Collected:
    """The port `Queue`: ids wait until the story works on them."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def enqueue(self, queue: str, run_id: int) -> None:
        if run_id not in self.ids:
            self.ids.append(run_id)

    async def serve(self, queues, work) -> None:
        raise AssertionError("a story works by itself")

    async def drain(self) -> None:
        return


@dataclass
class Story:
    """One team, one machine, one Slack."""

    path: Path
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    script: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    slack: RememberedSlack = field(init=False)
    configuration: Configuration = field(init=False)
    store: Store = field(init=False)
    meter: Meter = field(default_factory=Meter)
    look_up: bool = True
    url: str = ""

    @classmethod
    @asynccontextmanager
    async def begin(cls, path: Path, url: str = "") -> AsyncIterator[Story]:
        story = cls(path, url=url or sqlite_url(path / "rounds.db"))
        story.slack = RememberedSlack(story.clock)
        story._open()
        yield story
        await story.store.close()

    def _open(self) -> None:
        self.store = open_store(self.url, now=self.clock.now, synchronous="OFF", database_time=False)

    def _wire(self) -> None:
        self.queue = Collected()
        looker = Looker(self.clock, Masker([]))
        self.runner = Runner(self.store, looker, self.clock, lambda: self.configuration)
        courier = Courier(self.store, self.slack, self.clock, lambda: self.configuration, look_up=self.look_up)
        self.engine, self.replica = (
            Engine(
                store=self.store,
                clock=self.clock,
                queue=self.queue,
                runner=self.runner,
                courier=courier,
                configuration=lambda: self.configuration,
                meter=self.meter,
            )
            for _ in range(2)
        )
        self.desk = Desk(self.store, self.clock, lambda: self.configuration)

    async def configured(self, yaml: str, *, scripted: bool = True) -> None:
        """Start with this configuration. Every check is `scripted`, whatever kind the text names, unless told."""
        configuration = parse("timezone: UTC\n" + yaml)
        if scripted:
            configuration = self._scripted(configuration)
        self.configuration = configuration
        self._wire()
        await self.engine.prepare()
        await self.settle()

    def _scripted(self, configuration: Configuration) -> Configuration:
        checks = {
            name: replace(check, check=Scripted(name=name, script=self.script), rules=CompiledRules())
            for name, check in configuration.checks.items()
        }
        # pydantic copies what it is given; the story's script has to stay one object.
        for check in checks.values():
            object.__setattr__(check.check, "script", self.script)
        return replace(configuration, checks=checks)

    async def crashed_and_back_after(self, length: str) -> None:
        """The process dies now; another one starts later on the same ledger."""
        await self.store.close()
        self.clock.at += parse_duration(length)
        self._open()
        self._wire()
        await self.engine.prepare()
        await self.settle()

    def fails(self, check: str, text: str | None = None, *, outcome: Outcome = Outcome.CRITICAL) -> None:
        """From now on this is what the check sees."""
        self.script[check] = (outcome, text or f"{check} is broken")

    def recovers(self, check: str) -> None:
        """From now on it is fine."""
        self.script.pop(check, None)

    async def settle(self) -> None:
        """Do everything that can be done at this moment."""
        moved = True
        while moved:
            await self.engine.tick()
            await self.engine.sweep()
            ids, self.queue.ids = self.queue.ids, []
            for run_id in ids:
                await self.runner.work(run_id)
            await self.engine.escalate()
            moved = bool(await self.engine.deliver()) or bool(ids)

    async def after(self, length: str) -> None:
        """Let time pass, stopping at every moment at which something is due."""
        end = self.clock.at + parse_duration(length)
        while (moment := await self._next_moment(end)) < end:
            self.clock.at = moment
            await self.settle()
        self.clock.at = end
        await self.settle()

    async def _next_moment(self, end: datetime) -> datetime:
        def work(tx: Tx) -> list[datetime | None]:
            scalar = tx.connection.scalar
            return [
                scalar(select(func.min(t.schedule.c.next_due))),
                scalar(select(func.min(t.step.c.due_at)).where(t.step.c.state == StepState.PENDING.value)),
                scalar(select(func.min(t.run.c.overdue_at))),
                scalar(select(func.min(t.incident.c.acknowledge_by)).where(t.incident.c.state == State.OPEN.value)),
                scalar(select(func.min(t.incident.c.snoozed_until))),
                tx.outbox.next_moment(),
                scalar(select(func.min(t.message.c.not_before)).where(t.message.c.wanted > t.message.c.shown)),
            ]

        # What waits for a time that is known needs no look before.
        known = t.outbox.c.not_before > self.clock.at
        waiting = select(func.count()).where(
            or_(t.outbox.c.state == "sending", and_(t.outbox.c.state == "pending", known.is_not(True)))
        )
        moments = await self.store.read(work)
        if await self.store.read(lambda tx: tx.connection.scalar(waiting)):
            moments.append(self.clock.at + timedelta(seconds=1))  # paced
        later = [m for m in moments if m is not None and m > self.clock.at]
        return min([*later, end])

    def asked(self, by: str, key: str = "") -> Asked:
        """A request of that person."""
        return Asked(by=by, via="button", key=key)

    def roots(self, *parts: str) -> list[Posted]:
        """Messages that are no replies and show all of this."""
        return [m for m in self.slack.messages if m.thread_ts is None and m.shows(*parts)]

    def replies(self, *parts: str) -> list[Posted]:
        """Thread replies that show all of this, without the evidence."""
        messages = [m for m in self.slack.messages if m.thread_ts is not None and m.reason != "evidence"]
        return [m for m in messages if m.shows(*parts)]

    def the(self, *parts: str) -> Posted:
        """The one root message that shows all of this."""
        found = self.roots(*parts)
        assert len(found) == 1, f"{len(found)} messages show {parts}: {[m.text for m in self.slack.messages]}"
        return found[0]

    def number(self, message: Posted) -> int:
        """The incident's number on its card."""
        return int(re.search(r"#(\d+)", message.text).group(1))
