"""The desk: what a person may ask for. Slash commands, buttons and the command line all ask here.

Every request carries a key; the key and the effect commit together, so a click that Slack delivers twice works once.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.config.configuration import Configuration
from bot.domain import incidents
from bot.domain.climbing import escalate_by_hand
from bot.domain.incidents import Incident, Refused, State
from bot.domain.near import did_you_mean, listed, quoted
from bot.domain.notifications import StatusView
from bot.domain.runs import ItemState, Run, RunItem, RunState, Trigger, tick, untick
from bot.engine.clock import Clock
from bot.engine.meaning import SUBJECTS, meant
from bot.engine.ticker import start_run
from bot.engine.triage import close_overdue, expect_message
from bot.engine.views import status_view
from checks import Outcome
from storage.store import Store
from storage.tx import Tx
from storage.watches import Remembered


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, through which surface, and the key that makes a repeated request harmless."""

    by: str
    via: str
    key: str = ""

    @property
    def once(self) -> str:
        """The key; a new one for a surface that cannot repeat itself."""
        return self.key or uuid.uuid4().hex


class Repeated(Exception):
    """This very request has had its effect already; there is nothing more to say."""


class Desk:
    """Requests of people, each one transaction."""

    def __init__(self, store: Store, clock: Clock, configuration: Callable[[], Configuration]) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration

    async def status(self) -> StatusView:
        """What is wrong now, what waits for a person, and what comes next."""
        return await self._store.read(lambda tx: status_view(tx, self._configuration(), self._clock.now()))

    def names(self) -> tuple[str, ...]:
        """What can be run: checklists and checks."""
        configuration = self._configuration()
        return (*configuration.checklists, *configuration.checks)

    async def run(self, name: str, asked: Asked, *, channel: str, incident: int | None = None) -> str:
        """Run a checklist or check now; its message shows the progress. Returns the title.

        Args:
            channel: where the message goes.
            incident: the incident in whose thread it goes instead.

        Raises:
            Refused: there is no such checklist or check.
        """
        configuration = self._configuration()
        checklist = configuration.runnable(name)
        if checklist is None:
            near = did_you_mean(name, self.names())
            raise Refused(f"There is no checklist or check {quoted(name)}{near}. There are: {listed(self.names())}.")

        def work(tx: Tx) -> None:
            self._once(tx, asked)
            now = self._clock.now()
            # A key may be longer than a slot; the same request must still name the same one.
            slot = f"hand:{hashlib.sha256(asked.once.encode()).hexdigest()[:32]}"
            run_id = start_run(tx, checklist, slot=slot, trigger=Trigger.HAND, now=now, channel=channel, by=asked.by)
            run = tx.runs.get(run_id) if run_id is not None else None
            if run is None:
                raise Repeated
            thread = f"incident:{incident}" if incident else None
            expect_message(tx, run, reason="by hand", thread_subject=thread)

        await self._store.write(work)
        return checklist.title

    async def run_again(self, incident_id: int, asked: Asked) -> str:
        """Look again at the check of an incident; the answer goes into its thread."""
        incident = await self._store.read(lambda tx: tx.incidents.get(incident_id))
        if incident.check is None or incident.check not in self._configuration().checks:
            raise Refused(f"#{incident_id} is not about a check that could be run again.")
        return await self.run(f"check:{incident.check}", asked, channel=incident.channel, incident=incident_id)

    async def acknowledge(self, target: str, asked: Asked, *, note: str = "") -> Incident | RunItem:
        """Somebody has it. `target` is `#12`, a check's name, or an open manual item, which they then own.

        Raises:
            Refused: there is nothing to acknowledge, or somebody was first.
        """

        def work(tx: Tx) -> Incident | RunItem:
            self._once(tx, asked)
            if (item := self._own(tx, target, asked)) is not None:
                return item
            incident = meant(tx, target, self._configuration())
            effect = incidents.acknowledge(incident, by=asked.by, now=self._clock.now(), via=asked.via, note=note)
            return tx.incidents.apply(effect)

        return await self._store.write(work)

    async def open_in(self, channel_id: str) -> tuple[Incident, ...]:
        """The open incidents whose messages stand in this channel."""

        def work(tx: Tx) -> tuple[Incident, ...]:
            unresolved = [i for i in tx.incidents.unresolved() if i.state is State.OPEN]
            return tuple(i for i in unresolved if _stands_in(tx, i, channel_id))

        return await self._store.read(work)

    async def acknowledge_all(self, numbers: Sequence[int], asked: Asked) -> None:
        """Somebody has all of these; those that somebody else took meanwhile stay theirs."""

        def work(tx: Tx) -> None:
            self._once(tx, asked)
            for incident in [tx.incidents.get(number) for number in numbers]:
                if incident.state is State.OPEN:
                    effect = incidents.acknowledge(incident, by=asked.by, now=self._clock.now(), via=asked.via)
                    tx.incidents.apply(effect)

        await self._store.write(work)

    @staticmethod
    def _own(tx: Tx, target: str, asked: Asked) -> RunItem | None:
        """The open manual item of that id, with its new owner."""
        for run in tx.runs.with_open_items():
            for item in run.open_items:
                if item.item.id == target:
                    owned = replace(item, owner=asked.by)
                    tx.runs.save_item(run.id, owned)
                    tx.messages.touch(f"run:{run.id}")
                    tx.messages.touch_homes()
                    return owned
        return None

    async def unacknowledge(self, target: str, asked: Asked) -> Incident:
        """Take an acknowledgement back; what has not fired counts again from now."""
        return await self._change(
            target,
            asked,
            lambda i: incidents.unacknowledge(
                i,
                by=asked.by,
                now=self._clock.now(),
                via=asked.via,
                within=self._configuration().within.get(i.severity),
            ),
        )

    async def escalate(self, target: str, asked: Asked, *, why: str = "") -> Incident:
        """Tell the next step now. A check without an incident gets one, opened by hand.

        Raises:
            Refused: no step is left, or there is no such thing.
        """

        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            now = self._clock.now()
            check = self._configuration().checks.get(target)
            subjects = [f"{what}:{target}" for what in SUBJECTS]
            if check is not None and not tx.incidents.of_subjects(*subjects):
                effect = incidents.open_incident(
                    subject=f"hand:{target}",
                    title=check.title,
                    severity=Outcome.WARNING,
                    summary=why or f"somebody asks for help with {check.title}",
                    channel=check.channel,
                    policy=check.policy,
                    now=now,
                    within=check.within.get(Outcome.WARNING),
                    by=asked.by,
                    via=asked.via,
                )
                return tx.incidents.apply(effect)
            incident = meant(tx, target, self._configuration())
            within = self._configuration().within.get(incident.severity)
            return tx.incidents.apply(
                escalate_by_hand(incident, by=asked.by, now=now, via=asked.via, why=why, within=within)
            )

        return await self._store.write(work)

    async def resolve(self, target: str, asked: Asked, *, note: str = "") -> Incident:
        """It is over, says a person. If the check still fails, its counters start anew."""

        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            incident = meant(tx, target, self._configuration())
            resolved = tx.incidents.apply(
                incidents.resolve(incident, by=asked.by, now=self._clock.now(), via=asked.via, note=note)
            )
            if incident.check is not None:
                # Its counters only: what its kind wrote down (how far a log is read, say) goes on.
                memory = tx.watches.of([incident.check])[incident.check].memory
                tx.watches.save(incident.check, Remembered(memory=memory, looked_at=self._clock.now()))
            return resolved

        return await self._store.write(work)

    async def tick(self, run_id: int, item_id: str, asked: Asked, *, note: str | None = None) -> RunItem:
        """A person did a manual item.

        Raises:
            Refused: it is done already, or its run is over.
        """

        def work(tx: Tx) -> RunItem:
            run, item = self._item(tx, run_id, item_id, asked)
            if item.state is not ItemState.OPEN:
                raise Refused(f"<@{item.by}> has done {quoted(item.item.text)} already.")
            done = tick(item, by=asked.by, now=self._clock.now(), note=note)
            tx.runs.save_item(run_id, done)
            if len(run.open_items) == 1:
                tx.runs.set_state(run_id, RunState.COMPLETE, expected=RunState.WAITING)
                close_overdue(tx, run_id, summary="everything is done", now=self._clock.now())
            return done

        return await self._store.write(work)

    async def untick(self, run_id: int, item_id: str, asked: Asked) -> RunItem:
        """It was not done after all."""

        def work(tx: Tx) -> RunItem:
            _, item = self._item(tx, run_id, item_id, asked)
            if item.state is ItemState.OPEN:
                raise Refused(f"{quoted(item.item.text)} is open; there is nothing to take back.")
            opened = untick(item)
            tx.runs.save_item(run_id, opened)
            tx.runs.set_state(run_id, RunState.WAITING, expected=RunState.COMPLETE)
            return opened

        return await self._store.write(work)

    async def open_home(self, user: str, asked: Asked) -> None:
        """Somebody opened their App Home; it is drawn now and kept up to date from then on."""

        def work(tx: Tx) -> None:
            self._once(tx, asked)
            tx.messages.expect(f"home:{user}", channel=user)
            if (standing := tx.messages.of(f"home:{user}")) is not None and standing.ts is None:
                tx.messages.posted(f"home:{user}", channel_id=user, ts="home", shown=0)
            tx.messages.touch(f"home:{user}")

        await self._store.write(work)

    async def _change(self, target: str, asked: Asked, decide: Callable[[Incident], incidents.Effect]) -> Incident:
        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            return tx.incidents.apply(decide(meant(tx, target, self._configuration())))

        return await self._store.write(work)

    @staticmethod
    def _once(tx: Tx, asked: Asked) -> None:
        if asked.key and not tx.inbox.first_time(asked.key):
            raise Repeated

    def _item(self, tx: Tx, run_id: int, item_id: str, asked: Asked) -> tuple[Run, RunItem]:
        self._once(tx, asked)
        run = tx.runs.get(run_id)
        item = next((i for i in run.items if i.item.id == item_id and i.manual), None) if run else None
        if run is None or item is None:
            raise Refused("That item does not exist any more.")
        if run.state is RunState.CARRIED:
            raise Refused(f"A later {quoted(run.title)} has taken this item over; tick it there.")
        tx.messages.touch(f"run:{run_id}")
        tx.messages.touch_homes()
        return run, item


def _stands_in(tx: Tx, incident: Incident, channel_id: str) -> bool:
    standing = tx.messages.of(f"incident:{incident.id}")
    return standing is not None and standing.channel == channel_id
