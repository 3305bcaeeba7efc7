"""What people write down, and what a day's report makes of it."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.config.configuration import Configuration
from bot.domain.incidents import Refused
from bot.domain.logbook import Kind, LogEntry, read_entry
from bot.domain.permissions import May
from bot.domain.reports import Figure, Report, assemble, span
from bot.engine.desk.asking import Asked, Counter, needs
from storage.daybook import Course
from storage.tx import Tx

FIGURES = 60
"""Checks whose figures a report tells; those of checklists first, because people look at them."""

RUNS_KEPT = timedelta(days=14)
"""As long as the engine keeps results."""


class Logbook(Counter):
    """The operations log."""

    @needs(May.LOG)
    async def log(
        self,
        text: str,
        asked: Asked,
        *,
        kind: Kind | None = None,
        channel: str | None = None,
        incident: int | None = None,
        link: str | None = None,
    ) -> LogEntry:
        """Write something down.

        Args:
            kind: `None`: the text's first word says it (`issue`, `action` or `note`), else it is a note.
            channel: where it was written.
            incident: the number of the incident that it is about.
            link: the web address of the message that it was made from.

        Raises:
            Refused: it is empty, too long, or about an incident that does not exist.
        """
        kind, words = read_entry(self._said(text, longest=None), kind)
        entry = LogEntry(self._clock.now(), asked.by, asked.via, kind, words, channel, incident, link)

        def work(tx: Tx) -> LogEntry:
            self._once(tx, asked)
            if incident is not None:
                tx.incidents.get(incident)
            return tx.log.add(entry)

        return await self._store.write(work)

    @needs(May.LOG)
    async def unlog(self, asked: Asked, *, entry_id: int | None = None) -> LogEntry:
        """Take one's own entry back: that one, or the last.

        Raises:
            Refused: there is none, or somebody else wrote it.
        """

        def work(tx: Tx) -> LogEntry:
            self._once(tx, asked)
            entry = tx.log.get(entry_id) if entry_id is not None else tx.log.last_of(asked.by)
            if entry is None:
                which = "no entry of yours" if entry_id is None else f"no entry {entry_id}"
                raise Refused(f"There is {which} in the log that could be taken back. `/rounds report` shows the log.")
            if entry.by != asked.by:
                raise Refused(f"<@{entry.by}> wrote that; only they can take it back.")
            tx.log.remove(entry.id, by=asked.by, now=self._clock.now())
            return entry

        return await self._store.write(work)

    async def today(self) -> date:
        """The day that it is where the configuration lives."""
        return self._clock.now().astimezone(ZoneInfo(self._configuration().timezone)).date()

    async def report(self, day: date | None = None) -> Report:
        """The report of a day; of today, if none is named."""
        configuration, now = self._configuration(), self._clock.now()
        chosen = day or await self.today()
        begin, end = span(chosen, ZoneInfo(configuration.timezone))
        names = _worth_telling(configuration)

        def work(tx: Tx) -> Report:
            incidents = tx.daybook.incidents(begin, end)
            return assemble(
                chosen,
                configuration.timezone,
                now=now,
                runs=tx.daybook.runs(begin, end),
                incidents=incidents,
                story=tx.daybook.story(incidents, begin, end),
                entries=tx.log.between(begin, end),
                waiting=tx.runs.with_open_items(),
                figures=_figures(tx.daybook.courses(names, begin, end), names, configuration),
                kept=RUNS_KEPT,
                people={person.id: person.display or person.name for person in tx.roster.people()}
                | {group.id: group.handle for group in tx.roster.groups()},
            )

        return await self._store.read(work)


def _worth_telling(configuration: Configuration) -> list[str]:
    listed = [name for checklist in configuration.checklists.values() for name in checklist.checks]
    return list(dict.fromkeys((*listed, *configuration.checks)))[:FIGURES]


def _figures(courses: list[Course], names: list[str], configuration: Configuration) -> list[Figure]:
    """In the order of the checklists, and within a check in that of its kind's catalogue."""
    told: list[tuple[tuple[int, int, str], Figure]] = []
    for course in courses:
        measures = configuration.checks[course.check].check.measured()
        measure = measures.get(course.metric)
        place = list(measures).index(course.metric) if measure else len(measures)
        figure = Figure(
            check=course.check,
            metric=course.metric,
            about=course.about,
            unit=measure.unit if measure else "",
            last=course.last,
            lowest=course.lowest,
            highest=course.highest,
            title=configuration.checks[course.check].title,
        )
        told.append(((names.index(course.check), place, course.about or ""), figure))
    return [figure for _, figure in sorted(told, key=lambda each: each[0])]
