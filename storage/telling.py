"""Gathers what the ledger knows of one slot, incident or check. Reads only; rows stay as they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, and_, case, exists, or_, select

from bot.domain.accounts import Card, CheckAccount, Delivery, IncidentAccount, Plan, SlotAccount
from bot.domain.incidents import Incident
from bot.domain.runs import Run
from storage import tables as t
from storage.incidents import Incidents
from storage.loading import whole
from storage.rows import row_result
from storage.versions import Versions
from storage.watches import Watches

NEWEST = 5
"""Looks of a check that are told."""


class Telling:
    """What is known of one thing, from every table that mentions it."""

    def __init__(self, connection: Connection, incidents: Incidents, watches: Watches, versions: Versions) -> None:
        self._connection = connection
        self._incidents = incidents
        self._watches = watches
        self._versions = versions

    def slot(self, checklist: str, slot: str) -> SlotAccount | None:
        """The slot with that key; `None` if no row stands for it."""
        query = select(t.run).where(t.run.c.checklist == checklist, t.run.c.slot == slot)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        run, subject = whole(self._connection, row), f"run:{row.id}"
        return SlotAccount(
            run,
            skipped=row.skipped,
            enqueued_at=row.enqueued_at,
            lease_until=row.lease_until,
            told_in=self._name(row.told_in),
            opened=self._opened_by(run),
            card=self._card(subject),
            deliveries=self._deliveries(subject),
        )

    def newest_slots(self, checklist: str, *, limit: int = NEWEST) -> list[str]:
        """The keys of a checklist's newest slots, newest first."""
        query = select(t.run.c.slot).where(t.run.c.checklist == checklist)
        return list(self._connection.scalars(query.order_by(t.run.c.due_at.desc(), t.run.c.id.desc()).limit(limit)))

    def incident(self, number: int) -> IncidentAccount:
        """The incident of that number.

        Raises:
            Refused: there is none.
        """
        incident, subject = self._incidents.get(number), f"incident:{number}"
        check = incident.check
        return IncidentAccount(
            incident,
            timeline=self._incidents.timeline(number),
            seen_in=self._seen_in(incident),
            watch=self._watches.of([check])[check].watch if check is not None else None,
            card=self._card(subject),
            deliveries=self._deliveries(subject),
        )

    def newest_incidents(self, *, limit: int = NEWEST) -> list[int]:
        """The numbers of the newest incidents, newest first."""
        return list(self._connection.scalars(select(t.incident.c.id).order_by(t.incident.c.id.desc()).limit(limit)))

    def check(self, name: str, *, plans: Collection[str] = ()) -> CheckAccount:
        """The check of that name, with these schedules."""
        remembered = self._watches.of([name])[name]
        # A check that was added to a rhythm while nobody was there has missed none of its looks.
        earlier, its_run = t.result.alias("earlier"), t.run.alias("its_run")
        looked_at_before = exists().where(
            earlier.c.check_name == name,
            earlier.c.looked_at < t.result.c.looked_at,
            its_run.c.id == earlier.c.run_id,
            its_run.c.checklist == t.run.c.checklist,
        )
        left_out = case((and_(t.run.c.skipped > 0, looked_at_before), t.run.c.skipped), else_=0)
        looks = (
            select(t.result, t.run.c.checklist, t.run.c.slot, left_out.label("left_out"))
            .join(t.run, t.run.c.id == t.result.c.run_id)
            .where(t.result.c.check_name == name)
            .order_by(t.result.c.looked_at.desc())
            .limit(NEWEST)
        )
        rows = self._connection.execute(looks).all()
        return CheckAccount(
            name,
            watch=remembered.watch if remembered.looked_at is not None else None,
            looks=tuple((f"{row.checklist}@{row.slot}", row_result(row), row.left_out) for row in rows),
            unresolved=tuple(self._incidents.of_subjects(f"check:{name}", f"blind:{name}", f"hand:{name}").values()),
            last=self._last_of(name),
            plans=self.plans(plans),
            versions=self._versions.newest(),
        )

    def _last_of(self, check: str) -> Incident | None:
        """The latest that is over: of its own, and of those that somebody raised."""
        found = [self._incidents.last_resolved(f"{what}:{check}") for what in ("check", "hand")]
        return max(filter(None, found), key=lambda incident: incident.id, default=None)

    def plans(self, names: Collection[str]) -> tuple[Plan, ...]:
        """When these schedules are due."""
        query = select(t.schedule).where(t.schedule.c.name.in_(names)).order_by(t.schedule.c.next_due)
        return tuple(Plan(row.name, row.cursor, row.next_due) for row in self._connection.execute(query))

    def names(self) -> set[str]:
        """Every check that was looked at and every checklist that was due."""
        checks = self._connection.scalars(select(t.watch.c.check_name))
        checklists = self._connection.scalars(select(t.schedule.c.name))
        return {*checks, *checklists}

    def _opened_by(self, run: Run) -> tuple[Incident, ...]:
        """A look opens an incident at its own moment; that is what joins the two."""
        moments = [
            and_(
                t.incident.c.subject.in_((f"check:{result.check}", f"blind:{result.check}")),
                t.incident.c.opened_at == result.looked_at,
            )
            for result in run.results
        ]
        overdue = t.incident.c.subject == f"run:{run.id}"
        return tuple(self._incidents.load(select(t.incident).where(or_(overdue, *moments)).order_by(t.incident.c.id)))

    def _seen_in(self, incident: Incident) -> str | None:
        if incident.check is None:
            return None
        query = select(t.result.c.run_id).where(
            t.result.c.check_name == incident.check, t.result.c.looked_at == incident.opened_at
        )
        return self._name(self._connection.scalar(query.limit(1)))

    def _name(self, run_id: int | None) -> str | None:
        if run_id is None:
            return None
        row = self._connection.execute(
            select(t.run.c.checklist, t.run.c.slot).where(t.run.c.id == run_id)
        ).one_or_none()
        return f"{row.checklist}@{row.slot}" if row is not None else None

    def _card(self, subject: str) -> Card | None:
        row = self._connection.execute(select(t.message).where(t.message.c.subject == subject)).one_or_none()
        if row is None:
            return None
        return Card(row.channel, row.channel_id, row.ts, row.wanted, row.shown, row.attempts, row.error)

    def _deliveries(self, subject: str) -> tuple[Delivery, ...]:
        query = select(t.outbox).where(t.outbox.c.subject == subject).order_by(t.outbox.c.id)
        return tuple(_delivery(row) for row in self._connection.execute(query))


def _delivery(row: Any) -> Delivery:
    return Delivery(
        key=row.key,
        reason=row.reason,
        state=row.state,
        attempts=row.attempts,
        uncertain=row.uncertain,
        created_at=row.created_at,
        not_before=row.not_before,
        sent_at=row.sent_at,
        ts=row.ts,
        error=row.error,
    )
