"""What people look at: what is wrong now, and one thing in full."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.durations import parse_until
from bot.domain.incidents import Incident, Refused
from bot.domain.naming import Vocabulary
from bot.domain.near import did_you_mean, quoted
from bot.domain.notifications import CheckView, IncidentView, RunView, StatusView
from bot.domain.runs import RunItem
from bot.engine.desk.asking import Counter
from bot.engine.desk.escalations import callable_people
from bot.engine.meaning import SUBJECTS, meant
from bot.engine.views import incident_view, run_view, series_of, status_view
from storage.items import NamedItem
from storage.tx import Tx

RESULTS = 5
"""Results of a check that are shown, newest first."""

LATELY = timedelta(days=2)
"""How long what was done by hand can be taken back by its name; its button does so for longer."""

Shown = IncidentView | CheckView | RunView


def _name(subject: str) -> str:
    what, _, name = subject.partition(":")
    return name if what in SUBJECTS else ""


class Showing(Counter):
    """Reading; it changes nothing."""

    async def status(self) -> StatusView:
        """What is wrong now, what waits for a person, and what comes next."""
        return await self._store.read(lambda tx: status_view(tx, self._configuration(), self._clock.now()))

    async def vocabulary(self) -> Vocabulary:
        """Every name that can be said now."""
        configuration = self._configuration()

        def work(tx: Tx) -> Vocabulary:
            return Vocabulary(
                checklists={name: checklist.title for name, checklist in configuration.checklists.items()},
                checks={name: check.title for name, check in configuration.checks.items()},
                incidents={named: i.title for i in tx.incidents.unresolved() if (named := _name(i.subject))},
                items={item.item_id: item.text for item in tx.items.open()},
                done={item.item_id: item.text for item in self._done_lately(tx)},
                people=callable_people(configuration),
            )

        return await self._store.read(work)

    async def item(self, item_id: str, *, done: bool = False) -> tuple[int, str]:
        """The run and the id of a manual item, for `tick`, `skip` and `untick`: the newest of that name.

        Raises:
            Refused: no such item is open, or none was done lately.
        """
        found = await self._store.read(lambda tx: self._done_lately(tx) if done else tx.items.open())
        for item in found:
            if item.item_id == item_id:
                return item.run_id, item.item_id
        what = "was done or skipped lately" if done else "is open"
        raise Refused(f"No item {quoted(item_id)} {what}. `/rounds status` lists what is to do.")

    def _done_lately(self, tx: Tx) -> list[NamedItem]:
        checklists = [c.name for c in self._configuration().checklists.values() if len(c.checks) < len(c.items)]
        return tx.items.done(checklists, since=self._clock.now() - LATELY)

    async def show(self, target: str) -> Shown:
        """An incident (`#12`), the latest results of a check, or the last run of a checklist, as it is now.

        Raises:
            Refused: there is no such thing, or nothing to show of it yet.
        """
        return await self._store.read(lambda tx: self._shown(tx, target))

    async def incident(self, target: str) -> Incident:
        """The incident that somebody means, as it is now.

        Raises:
            Refused: there is none.
        """
        return await self._store.read(lambda tx: meant(tx, target, self._configuration()))

    async def incident_at(self, channel_id: str, *moments: str) -> int | None:
        """The number of the incident whose message stands there, or in whose thread; `None` if it is about none."""

        def work(tx: Tx) -> int | None:
            for ts in moments:
                what, _, number = (tx.messages.subject_at(channel_id, ts) or "").partition(":")
                if what == "incident":
                    return int(number)
            return None

        return await self._store.read(work)

    async def items(self, value: str) -> tuple[int, tuple[RunItem, ...]]:
        """The manual item that `RUN:ITEM` means, or, with a run alone, those that are open.

        Raises:
            Refused: there is none.
        """
        run_id, _, item_id = value.partition(":")

        def work(tx: Tx) -> tuple[RunItem, ...]:
            run = tx.runs.get(int(run_id)) if run_id.isdecimal() and len(run_id) <= 18 else None
            if run is None or not item_id:
                return run.open_items if run else ()
            return tuple(item for item in run.items if item.manual and item.item.id == item_id)

        if not (found := await self._store.read(work)):
            raise Refused("That item does not exist any more, or everything is done. `/rounds status` says which.")
        return int(run_id), found

    async def moment(self, text: str, by: str) -> datetime:
        """When a quiet ends that somebody asks for now, by their clock: `2h`, `until 18:00`.

        Raises:
            BadDuration: not understood, or not in the future.
        """
        return parse_until(text, self._clock.now(), ZoneInfo(await self.zone_of(by)))

    def _shown(self, tx: Tx, target: str) -> Shown:
        configuration = self._configuration()
        number = target.removeprefix("#")
        if number.isdecimal():
            return incident_view(tx, int(number[:18]), configuration)
        if (check := configuration.checks.get(target)) is not None:
            subjects = tx.incidents.of_subjects(*(f"{what}:{target}" for what in SUBJECTS))
            results = tuple(tx.runs.latest_results(check.name, limit=RESULTS))
            return CheckView(
                name=check.name,
                title=check.title,
                kind=check.check.kind,
                results=results,
                units={name: measure.unit for name, measure in check.check.measured().items()},
                series=series_of(tx, check, results[0] if results else None),
                incident=next(iter(subjects.values()), None),
                timezone=configuration.timezone,
                now=self._clock.now(),
            )
        if target in configuration.checklists:
            run_id = tx.runs.latest_of(target)
            view = run_view(tx, run_id, configuration) if run_id is not None else None
            if view is None:
                raise Refused(f"`{target}` has not been run yet; `/rounds run {target}` does so now.")
            return view
        for what in ("hand", "run"):
            if (raised := tx.incidents.of_subjects(f"{what}:{target}").get(f"{what}:{target}")) is not None:
                return incident_view(tx, raised.id, configuration)
        near = did_you_mean(target, (*configuration.checks, *configuration.checklists))
        raise Refused(
            f"There is no incident, check or checklist {quoted(target)}{near}. `/rounds status` lists what is open."
        )
