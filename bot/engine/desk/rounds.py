"""What people ask of checklists: run them, tick or skip their items, take that back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incidents import Refused
from bot.domain.near import did_you_mean, listed, quoted
from bot.domain.permissions import May
from bot.domain.runs import Run, RunItem, RunState, Trigger
from bot.domain.ticking import skip, tick, untick
from bot.engine.desk.asking import Asked, Counter, Repeated, needs
from bot.engine.overdue import close_overdue
from bot.engine.ticker import start_run
from bot.engine.triage import expect_message
from storage.tx import Tx

_NAMED = 20
"""Names that a refusal lists; a team may have thousands."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run that somebody asked for.

    Args:
        directly: its message comes to them by direct message: it could not stand where they asked.
    """

    title: str
    directly: bool = False


class Rounds(Counter):
    """Checklists and their items."""

    def names(self) -> dict[str, str]:
        """What can be run, checklists first: each name with its title."""
        configuration = self._configuration()
        lists = {name: checklist.title for name, checklist in configuration.checklists.items()}
        return lists | {name: check.title for name, check in configuration.checks.items() if name not in lists}

    @needs(May.RUN)
    async def run(self, name: str, asked: Asked, *, channel: str, incident: int | None = None) -> Started:
        """Run a checklist or check now; its message shows the progress.

        Args:
            channel: where the message goes; where it cannot, it goes to whoever asked, and to nobody else.
            incident: the incident in whose thread it goes instead.

        Raises:
            Refused: there is no such checklist or check.
        """
        configuration = self._configuration()
        checklist = configuration.runnable(name)
        if checklist is None:
            near = did_you_mean(name, self.names())
            raise Refused(
                f"There is no checklist or check {quoted(name)}{near}. There are: {listed(self.names(), most=_NAMED)}."
            )

        directly = incident is None and self._places is not None and not await self._places.takes(channel, asked.by)
        place = asked.by if directly else channel

        def work(tx: Tx) -> None:
            self._once(tx, asked)
            now = self._clock.now()
            # A key may be longer than a slot; the same request must still name the same one.
            slot = f"hand:{hashlib.sha256(asked.once.encode()).hexdigest()[:32]}"
            run_id = start_run(tx, checklist, slot=slot, trigger=Trigger.HAND, now=now, channel=place, by=asked.by)
            run = tx.runs.get(run_id) if run_id is not None else None
            if run is None:
                raise Repeated
            thread = f"incident:{incident}" if incident else None
            expect_message(tx, run, reason="by hand", thread_subject=thread)

        await self._store.write(work)
        return Started(checklist.title, directly)

    async def run_again(self, incident_id: int, asked: Asked) -> Started:
        """Look again at the check of an incident; the answer goes into its thread."""
        incident = await self._store.read(lambda tx: tx.incidents.get(incident_id))
        if incident.check is None or incident.check not in self._configuration().checks:
            raise Refused(f"#{incident_id} is not about a check that could be run again.")
        return await self.run(f"check:{incident.check}", asked, channel=incident.channel, incident=incident_id)

    @needs(May.TICK)
    async def tick(
        self, run_id: int, item_id: str, asked: Asked, *, note: str | None = None, attached: str | None = None
    ) -> RunItem:
        """A person did a manual item.

        Args:
            attached: the web address of a page, or of a file in Slack, that shows it.

        Raises:
            Refused: it is done already, its run is over, or the evidence that it asks for is missing.
        """
        said, link = self._said(note), self._said(attached) or None
        return await self._settle(
            run_id, item_id, asked, lambda item, now: tick(item, by=asked.by, now=now, note=said, attached=link)
        )

    @needs(May.TICK)
    async def skip(self, run_id: int, item_id: str, asked: Asked, reason: str) -> RunItem:
        """A person decided that a manual item is not done this time; `untick` takes it back.

        Raises:
            Refused: it is done already, its run is over, or nobody said why.
        """
        said = self._said(reason)
        return await self._settle(
            run_id, item_id, asked, lambda item, now: skip(item, by=asked.by, now=now, reason=said)
        )

    async def _settle(
        self, run_id: int, item_id: str, asked: Asked, decide: Callable[[RunItem, datetime], RunItem]
    ) -> RunItem:
        def work(tx: Tx) -> RunItem:
            run, item = self._item(tx, run_id, item_id, asked)
            done = decide(item, self._clock.now())
            tx.items.save(run_id, done, was=item.state)
            if len(run.open_items) == 1:
                tx.runs.set_state(run_id, RunState.COMPLETE, expected=RunState.WAITING)
                close_overdue(tx, run_id, summary="everything is done", now=self._clock.now())
            else:
                self._follow(tx, run, done, asked)
            _show(tx, run_id)
            return done

        return await self._store.write(work)

    @needs(May.TICK)
    async def untick(self, run_id: int, item_id: str, asked: Asked) -> RunItem:
        """It was not done, or not to be skipped, after all."""

        def work(tx: Tx) -> RunItem:
            run, item = self._item(tx, run_id, item_id, asked)
            opened = untick(item)
            tx.items.save(run_id, opened, was=item.state)
            tx.runs.set_state(run_id, RunState.WAITING, expected=RunState.COMPLETE)
            self._follow(tx, run, opened, asked)
            _show(tx, run_id)
            return opened

        return await self._store.write(work)

    def _item(self, tx: Tx, run_id: int, item_id: str, asked: Asked) -> tuple[Run, RunItem]:
        self._once(tx, asked)
        run = tx.runs.hold(run_id)
        item = next((i for i in run.items if i.item.id == item_id and i.manual), None) if run else None
        if run is None or item is None:
            raise Refused("That item does not exist any more. `/rounds status` lists what is to do.")
        if run.state is RunState.CARRIED:
            raise Refused(f"A later {quoted(run.title)} has taken this item over; tick it there.")
        return run, item


def _show(tx: Tx, run_id: int) -> None:
    """Wherever its items stand, they are drawn anew."""
    tx.messages.touch(f"run:{run_id}")
    tx.messages.touch_homes()
