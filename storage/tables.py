"""Every table. Each index names the query it serves.

Moments are UTC microseconds in a BIGINT: the same in SQLite and PostgreSQL, exact, and comparable in SQL.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


# SQLite only counts up an INTEGER primary key; PostgreSQL gets the wide one.
_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

schedule = Table(
    "schedule",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("spec", Text, nullable=False, comment="what it was computed from; another spec starts anew from now"),
    Column("cursor", Instant, nullable=False, comment="every slot up to here is accounted for"),
    Column("next_due", Instant),
    # tick: which schedules are due
    Index("ix_schedule_due", "next_due"),
)

run = Table(
    "run",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("checklist", String(200), nullable=False),
    Column("slot", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("trigger", String(20), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("requested_by", String(80)),
    Column("told_in", BigInteger, comment="the run whose digest names this missed or coalesced slot"),
    Column("skipped", Integer, nullable=False, server_default="0", comment="earlier slots this one stands for"),
    Column("posted", Boolean, nullable=False, server_default=text("false"), comment="has a message of its own"),
    Column("done", Integer, nullable=False, server_default="0", comment="checks looked at so far, for its progress"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("token", String(32)),
    Column("lease_until", Instant),
    Column("enqueued_at", Instant),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("overdue_at", Instant, comment="when open manual items become overdue; null once that was told"),
    # the promise: one row a slot
    UniqueConstraint("checklist", "slot", name="uq_run_slot"),
    # sweep: what is new, or running with an expired lease
    Index("ix_run_state", "state", "lease_until"),
    # overdue: whose manual items are late
    Index("ix_run_overdue", "overdue_at"),
    # the gaps that the next digest names, and the latest run of a checklist
    Index("ix_run_latest", "checklist", "due_at"),
)

run_item = Table(
    "run_item",
    metadata,
    Column("run_id", _Id, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("check_name", String(200)),
    Column("text", Text, nullable=False),
    Column("section", Text),
    Column("link", Text),
    Column("how", Text),
    Column("evidence", String(10), nullable=False, server_default="none"),
    Column("meant_for", String(80), comment="whom the configuration names"),
    Column("state", String(20), nullable=False),
    Column("by", String(80)),
    Column("at", Instant),
    Column("note", Text),
    Column("owner", String(80)),
)

result = Table(
    "result",
    metadata,
    Column("run_id", _Id, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
    Column("check_name", String(200), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("findings", JSON, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("looked_at", Instant, nullable=False),
    Column("duration_ms", Float, nullable=False),
    # a check's history, newest first
    Index("ix_result_history", "check_name", "looked_at"),
)

watch = Table(
    "watch",
    metadata,
    Column("check_name", String(200), primary_key=True),
    Column("counters", JSON, nullable=False),
    Column("memory", JSON),
    Column("looked_at", Instant, nullable=False, comment="results older than this change no counter"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("subject", String(220), nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("summary", Text, nullable=False),
    Column("channel", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("policy", String(200)),
    Column("acknowledged_by", String(80)),
    Column("acknowledged_at", Instant),
    Column("resolved_by", String(80)),
    Column("resolved_at", Instant),
    Column("previous_id", BigInteger),
    Column("acknowledge_by", Instant),
    # the promise: at most one unresolved incident a subject
    Index(
        "uq_incident_unresolved",
        "subject",
        unique=True,
        sqlite_where=text("state <> 'resolved'"),
        postgresql_where=text("state <> 'resolved'"),
    ),
    # status: what is wrong now; the last incident of a subject
    Index("ix_incident_state", "state", "opened_at"),
    Index("ix_incident_subject", "subject", "id"),
    # escalator: who should have acknowledged by now
    Index("ix_incident_deadline", "acknowledge_by"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("incident_id", _Id, ForeignKey("incident.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("by", String(80)),
    Column("via", String(20), nullable=False),
    # one incident's story
    Index("ix_timeline_incident", "incident_id", "id"),
)

step = Table(
    "step",
    metadata,
    Column("incident_id", _Id, ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("after_s", Float, nullable=False),
    Column("notify", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("fired_at", Instant),
    # escalator: which steps are due
    Index("ix_step_due", "state", "due_at"),
)

message = Table(
    "message",
    metadata,
    Column("subject", String(200), primary_key=True, comment="run:ID, incident:ID or home:USER"),
    Column("channel", String(200), nullable=False, comment="as configured, or an id"),
    Column("channel_id", String(40)),
    Column("ts", String(40)),
    Column("thread_subject", String(200), comment="this message is a reply to that one"),
    Column("wanted", Integer, nullable=False, comment="the version that should stand in Slack"),
    Column("shown", Integer, nullable=False, comment="the version that stands there"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant),
    Column("error", Text),
    # courier: which cards are to be redrawn
    Index("ix_message_stale", "subject", sqlite_where=text("wanted > shown"), postgresql_where=text("wanted > shown")),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, comment="travels in the message's metadata"),
    Column("subject", String(200), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("ref", BigInteger, comment="the timeline entry that a reply tells"),
    Column("in_thread", Boolean, nullable=False),
    Column("broadcast", Boolean, nullable=False),
    Column("priority", Integer, nullable=False, comment="0 goes first"),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("uncertain", Boolean, nullable=False, server_default=text("false"), comment="it may stand in Slack already"),
    Column("created_at", Instant, nullable=False),
    Column("first_attempt_at", Instant),
    Column("not_before", Instant, nullable=False),
    Column("token", String(32)),
    Column("lease_until", Instant),
    Column("sent_at", Instant),
    Column("ts", String(40)),
    Column("error", Text),
    # the promise: a thing is told once
    UniqueConstraint("key", name="uq_outbox_key"),
    # courier: what is to be sent, most urgent first
    Index("ix_outbox_due", "state", "priority", "id"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False, comment="what Rounds says of itself; no markup"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", Instant, nullable=False),
)
