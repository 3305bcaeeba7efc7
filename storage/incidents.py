"""Incidents with their timeline and steps. An effect is stored as a whole, with what it has to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.escalation import Step, StepState
from bot.domain.incidents import Effect, Entry, Incident, Reason, Refused, State
from checks import Outcome
from storage import tables as t
from storage.failures import Outrun
from storage.messages import Messages
from storage.outbox import ESCALATION, INCIDENT, Outbox
from storage.rows import insert_unless
from storage.trail import Trail

_FIELDS = (
    "subject",
    "title",
    "severity",
    "state",
    "opened_at",
    "summary",
    "channel",
    "version",
    "policy",
    "acknowledged_by",
    "acknowledged_at",
    "resolved_by",
    "resolved_at",
    "previous_id",
    "acknowledge_by",
    "snoozed_until",
    "snoozed_by",
)

# Made once, because with SQLAlchemy making a statement costs more than executing it.
_STANDING = select(t.incident).where(
    t.incident.c.subject.in_(bindparam("subjects", expanding=True)), t.incident.c.state != State.RESOLVED.value
)
_SUBJECTS = select(t.incident.c.subject).where(t.incident.c.state != State.RESOLVED.value)
_UNRESOLVED = select(t.incident).where(t.incident.c.state != State.RESOLVED.value).order_by(t.incident.c.opened_at)
_FEW = 100
"""Unresolved incidents up to which it is cheaper to read what they are about than to ask for many subjects."""
_SOME = select(t.incident.c.subject).where(t.unresolved).limit(_FEW + 1)
_OF = select(t.incident).where(t.incident.c.id == bindparam("of"))
_STEPS = select(t.step).where(t.step.c.incident_id.in_(bindparam("of", expanding=True))).order_by(t.step.c.position)
_STORY = select(t.timeline).where(t.timeline.c.incident_id == bindparam("of")).order_by(t.timeline.c.id)
_CHANGE = update(t.incident).where(t.incident.c.id == bindparam("of"), t.incident.c.version == bindparam("as_read"))
_ENTRY, _NEW_STEPS = insert(t.timeline), insert(t.step)
_NO_STEPS = delete(t.step).where(t.step.c.incident_id == bindparam("of"))


class Incidents:
    """What is wrong, and the story of it."""

    def __init__(self, connection: Connection, outbox: Outbox, messages: Messages, trail: Trail) -> None:
        self._connection = connection
        self._outbox = outbox
        self._messages = messages
        self._trail = trail

    def apply(self, effect: Effect) -> Incident:
        """Store an effect: incident, timeline, steps and what is to be told. Returns the incident with its id.

        Raises:
            Outrun: somebody else changed the incident first, or opened the one of this subject.
        """
        incident = self._save(effect.incident)
        entry = {
            "incident_id": incident.id,
            "at": effect.entry.at,
            "reason": effect.entry.reason.value,
            "text": effect.entry.text,
            "by": effect.entry.by,
            "via": effect.entry.via,
        }
        key = self._connection.execute(_ENTRY, entry).inserted_primary_key
        assert key is not None  # a single-row insert always has one
        entry_id = int(key[0])
        subject = f"incident:{incident.id}"
        self._messages.touch(subject)
        self._messages.touch_homes()
        for tell in effect.tell:
            urgent = tell.reason in (Reason.ESCALATED, Reason.REMINDED, Reason.WORSENED, Reason.WOKEN)
            self._outbox.add(
                key=f"{subject}:{incident.version}:{tell.reason.value}",
                subject=subject,
                reason=tell.reason.value,
                priority=ESCALATION if urgent else INCIDENT,
                in_thread=tell.in_thread,
                broadcast=tell.broadcast,
                ref=entry_id,
            )
        self._trail.note(
            f"incident {effect.entry.reason.value}",
            incident=incident.id,
            about=incident.subject,
            severity=incident.severity.value,
            state=incident.state.value,
            by=effect.entry.by,
            via=effect.entry.via,
        )
        return incident

    def _save(self, incident: Incident) -> Incident:
        values: dict[str, Any] = {name: getattr(incident, name) for name in _FIELDS}
        values["severity"], values["state"] = incident.severity.value, incident.state.value
        if incident.id:
            if self._update(incident, values) != 1:
                raise Outrun(f"#{incident.id} was changed by somebody else a moment ago; look at it again.")
        else:
            new_id = self._open(values)
            self._messages.expect(f"incident:{new_id}", channel=incident.channel)
            incident = replace(incident, id=new_id)
        self._connection.execute(_NO_STEPS, {"of": incident.id})
        if incident.steps:
            self._connection.execute(_NEW_STEPS, [_step_row(incident.id, step) for step in incident.steps])
        return incident

    def _update(self, incident: Incident, values: dict[str, Any]) -> int:
        as_read = {"of": incident.id, "as_read": incident.version - 1}
        try:
            return self._connection.execute(_CHANGE, values | as_read).rowcount
        except IntegrityError as error:  # it is reopened at the moment at which its check opens a new one
            raise Outrun(f"Another incident of the same as #{incident.id} has just opened; go on there.") from error

    def _open(self, values: dict[str, Any]) -> int:
        new = insert_unless(self._connection, t.incident, values, key=("subject",), where=t.unresolved)
        if new is None:
            raise Outrun("Somebody opened an incident about the same a moment ago; `/rounds status` shows it.")
        return new

    def get(self, incident_id: int) -> Incident:
        """The incident of that number.

        Raises:
            Refused: there is none.
        """
        found = self._with_steps(self._connection.execute(_OF, {"of": incident_id}).all())
        if not found:
            raise Refused(f"There is no incident #{incident_id}. `/rounds status` lists what is open.")
        return found[0]

    def unresolved(self) -> list[Incident]:
        """What is wrong now, the longest first."""
        return self.load(_UNRESOLVED)

    def subjects(self) -> set[str]:
        """What the unresolved ones are about; a small answer, however many there are."""
        return set(self._connection.scalars(_SUBJECTS))

    def of_ourselves(self) -> list[Incident]:
        """What is wrong with Rounds itself."""
        ours = t.incident.c.subject.like("self:%")
        return self.load(select(t.incident).where(ours, t.incident.c.state != State.RESOLVED.value))

    def of_subjects(self, *subjects: str) -> dict[str, Incident]:
        """The unresolved incidents of these subjects."""
        wanted: Sequence[str] = subjects
        if len(subjects) > 2 and len(some := set(self._connection.scalars(_SOME))) <= _FEW:
            wanted = [subject for subject in subjects if subject in some]
        if not wanted:
            return {}
        rows = self._connection.execute(_STANDING, {"subjects": wanted}).all()
        return {incident.subject: incident for incident in self._with_steps(rows)}

    def last_resolved(self, subject: str) -> Incident | None:
        """The latest incident of this subject that is over."""
        query = (
            select(t.incident)
            .where(t.incident.c.subject == subject, t.incident.c.state == State.RESOLVED.value)
            .order_by(t.incident.c.id.desc())
            .limit(1)
        )
        return next(iter(self.load(query)), None)

    def timeline(self, incident_id: int) -> tuple[Entry, ...]:
        """Its story, oldest first."""
        rows = self._connection.execute(_STORY, {"of": incident_id})
        return tuple(Entry(r.at, Reason(r.reason), r.text, r.by, r.via, r.id) for r in rows)

    def with_something_due(self, now: datetime, *, limit: int = 500) -> list[Incident]:
        """Incidents of which a step, the time to acknowledge, or the end of a quiet is due; locked against people."""
        due = (
            select(t.step.c.incident_id)
            .join(t.incident, t.incident.c.id == t.step.c.incident_id)
            .where(
                t.step.c.state == StepState.PENDING.value, t.step.c.due_at <= now, t.incident.c.snoozed_until.is_(None)
            )
            .order_by(t.step.c.due_at)
            .limit(limit)
        )
        late = and_(
            t.incident.c.acknowledge_by <= now,
            t.incident.c.state == State.OPEN.value,
            t.incident.c.snoozed_until.is_(None),
        )
        quiet_ends = and_(t.incident.c.snoozed_until <= now, t.incident.c.state != State.RESOLVED.value)
        chosen = select(t.incident).where(or_(t.incident.c.id.in_(due), late, quiet_ends)).limit(limit)
        return self.load(chosen.with_for_update(skip_locked=True))

    def load(self, query: Any) -> list[Incident]:
        """The incidents that a query over their table finds, with their steps."""
        return self._with_steps(self._connection.execute(query).all())

    def _with_steps(self, rows: Sequence[Any]) -> list[Incident]:
        if not rows:
            return []
        steps: dict[int, list[Step]] = {}
        for row in self._connection.execute(_STEPS, {"of": [row.id for row in rows]}):
            steps.setdefault(row.incident_id, []).append(_step(row))
        return [_incident(row, tuple(steps.get(row.id, ()))) for row in rows]


def _incident(row: Any, steps: tuple[Step, ...]) -> Incident:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["severity"], values["state"] = Outcome(row.severity), State(row.state)
    return Incident(id=row.id, steps=steps, **values)


def _step_row(incident_id: int, step: Step) -> dict[str, Any]:
    return {
        "incident_id": incident_id,
        "position": step.position,
        "after_s": step.after_s,
        "notify": list(step.notify),
        "due_at": step.due_at,
        "state": step.state.value,
        "fired_at": step.fired_at,
    }


def _step(row: Any) -> Step:
    return Step(row.position, row.after_s, tuple(row.notify), row.due_at, StepState(row.state), row.fired_at)
