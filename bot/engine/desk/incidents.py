"""What people ask of incidents: have them, give them back, quiet them, end them, and take that back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import incidents, quiet
from bot.domain.durations import BadDuration, TooLong, split_until
from bot.domain.incidents import Incident, State
from bot.domain.near import quoted
from bot.domain.near_ends import ends_meant
from bot.domain.permissions import May
from bot.domain.reopening import reopen
from bot.domain.runs import RunItem, RunState
from bot.engine.desk.asking import Asked, Counter, NoSuchEnd, needs
from bot.engine.meaning import meant, moot, over
from storage.tx import Tx
from storage.watches import Remembered


class Incidents(Counter):
    """Incidents, and the manual items that somebody takes."""

    @needs(May.ACKNOWLEDGE)
    async def acknowledge(self, target: str, asked: Asked, *, note: str = "") -> Incident | RunItem:
        """Somebody has it. `target` is `#12`, a check's name, or an open manual item, which they then own.

        Raises:
            Refused: there is nothing to acknowledge, or somebody was first.
        """

        said = self._said(note)

        def work(tx: Tx) -> Incident | RunItem:
            self._once(tx, asked)
            if (item := self._own(tx, target, asked.by, asked)) is not None:
                return item
            incident = meant(tx, target, self._configuration())
            effect = incidents.acknowledge(incident, by=asked.by, now=self._clock.now(), via=asked.via, note=said)
            return tx.incidents.apply(effect)

        return await self._store.write(work)

    async def open_in(self, channel_id: str) -> tuple[Incident, ...]:
        """The open incidents whose messages stand in this channel."""

        def work(tx: Tx) -> tuple[Incident, ...]:
            unresolved = [i for i in tx.incidents.unresolved() if i.state is State.OPEN]
            return tuple(i for i in unresolved if _stands_in(tx, i, channel_id))

        return await self._store.read(work)

    @needs(May.ACKNOWLEDGE)
    async def acknowledge_all(self, numbers: Sequence[int], asked: Asked) -> None:
        """Somebody has all of these; those that somebody else took meanwhile stay theirs."""

        def work(tx: Tx) -> None:
            self._once(tx, asked)
            for incident in [tx.incidents.get(number) for number in numbers]:
                if incident.state is State.OPEN:
                    effect = incidents.acknowledge(incident, by=asked.by, now=self._clock.now(), via=asked.via)
                    tx.incidents.apply(effect)

        await self._store.write(work)

    def _own(self, tx: Tx, target: str, owner: str | None, asked: Asked) -> RunItem | None:
        """The open manual item of that id, with its new owner; `None` gives it back to whom it is meant for.

        When somebody has every item of a run that is overdue, nobody else is called for it.
        """
        for run_id in tx.items.runs_with_open(target):
            run = tx.runs.hold(run_id)
            item = next((each for each in run.open_items if each.item.id == target), None) if run else None
            if run is None or item is None or run.state is not RunState.WAITING:
                continue  # somebody has just done it
            owned = replace(item, owner=owner or item.item.owner)
            tx.items.save(run_id, owned, was=item.state)
            self._follow(tx, run, owned, asked)
            tx.messages.touch(f"run:{run_id}")
            tx.messages.touch_homes()
            return owned
        return None

    @needs(May.ACKNOWLEDGE)
    async def unacknowledge(self, target: str, asked: Asked) -> Incident | RunItem:
        """Take an acknowledgement back; what has not fired counts again from now. A manual item is nobody's again."""

        def work(tx: Tx) -> Incident | RunItem:
            self._once(tx, asked)
            if (item := self._own(tx, target, None, asked)) is not None:
                return item
            incident = meant(tx, target, self._configuration())
            within, now = self._configuration().within.get(incident.severity), self._clock.now()
            effect = incidents.unacknowledge(incident, by=asked.by, now=now, via=asked.via, within=within)
            return tx.incidents.apply(effect)

        return await self._store.write(work)

    async def end_of_quiet(self, words: str, by: str) -> tuple[datetime, str]:
        """When words such as `2h` or `until monday 09:00` say that a quiet ends, and what follows them.

        Args:
            by: who says so; their clock is meant.

        Raises:
            NoSuchEnd: they do not say when, not in the future, or after more than ten years.
        """
        now, zone, said = self._clock.now(), ZoneInfo(await self.zone_of(by)), quoted(" ".join(words.split()[:3]))
        try:
            return split_until(words, now, zone)
        except TooLong as error:
            longest = f"`{quiet.LONGEST_SNOOZE.days} days`"
            raise NoSuchEnd(f"{said} is more than ten years; the longest quiet there is is {longest}.") from error
        except BadDuration as error:
            raise NoSuchEnd(
                f"{said} says no moment to come. Say how long, such as `2h` or `3 days`, "
                "or until when, such as `until 18:00`, `until tomorrow` or `until monday 14:00`.",
                ends_meant(words, now, zone),
            ) from error

    @needs(May.SNOOZE)
    async def snooze(self, target: str, until: datetime, asked: Asked, *, why: str = "") -> Incident:
        """Quiet for this incident until then.

        Raises:
            Refused: it is over, or that is no moment to be quiet until.
        """
        said = self._said(why)
        return await self._change(
            target,
            asked,
            lambda i: quiet.snooze(i, until=until, by=asked.by, now=self._clock.now(), via=asked.via, why=said),
        )

    @needs(May.SNOOZE)
    async def unsnooze(self, target: str, asked: Asked) -> Incident:
        """End its quiet; what came due meanwhile is told now."""

        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            incident = meant(tx, target, self._configuration())
            untold = tx.outbox.kept_quiet(f"incident:{incident.id}")
            effect = quiet.unsnooze(incident, by=asked.by, now=self._clock.now(), via=asked.via, untold=untold)
            return tx.incidents.apply(effect)

        return await self._store.write(work)

    @needs(May.RESOLVE)
    async def resolve(self, target: str, asked: Asked, *, note: str = "") -> Incident:
        """It is over, says a person. If the check still fails, its counters start anew."""
        said = self._said(note)

        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            incident = meant(tx, target, self._configuration())
            resolved = tx.incidents.apply(
                incidents.resolve(incident, by=asked.by, now=self._clock.now(), via=asked.via, note=said)
            )
            if incident.check is not None:
                # Its counters only: what its kind wrote down (how far a log is read, say) goes on.
                memory = tx.watches.hold([incident.check])[incident.check].memory
                tx.watches.save(incident.check, Remembered(memory=memory, looked_at=self._clock.now()))
            return resolved

        return await self._store.write(work)

    @needs(May.RESOLVE)
    async def reopen(self, target: str, asked: Asked, *, note: str = "") -> Incident:
        """It is not over after all, although somebody resolved it. `target` is `#12`, or a check, and then its last.

        Raises:
            Refused: it is going on, it recovered by itself, a later incident of the same is there, or what it was about
                is gone or done.
        """
        said = self._said(note)

        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            incident = over(tx, target, self._configuration())
            last = tx.incidents.last_resolved(incident.subject)
            effect = reopen(
                incident,
                by=asked.by,
                now=self._clock.now(),
                via=asked.via,
                note=said,
                within=self._configuration().within.get(incident.severity),
                going_on=tx.incidents.of_subjects(incident.subject).get(incident.subject),
                later=last if last is not None and last.id > incident.id else None,
                moot=moot(tx, incident, self._configuration()),
            )
            return tx.incidents.apply(effect)

        return await self._store.write(work)

    async def _change(self, target: str, asked: Asked, decide: Callable[[Incident], incidents.Effect]) -> Incident:
        def work(tx: Tx) -> Incident:
            self._once(tx, asked)
            return tx.incidents.apply(decide(meant(tx, target, self._configuration())))

        return await self._store.write(work)


def _stands_in(tx: Tx, incident: Incident, channel_id: str) -> bool:
    standing = tx.messages.of(f"incident:{incident.id}")
    return standing is not None and standing.channel == channel_id
