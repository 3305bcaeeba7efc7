"""What is wrong, its story and whom it calls."""

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from storage.tables.instant import Id, Instant, metadata

unresolved = text("state <> 'resolved'")

incident = Table(
    "incident",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
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
    Column("snoozed_until", Instant, comment="quiet until then; every quiet has an end"),
    Column("snoozed_by", String(80)),
    # the promise: at most one unresolved incident a subject
    Index(
        "uq_incident_unresolved",
        "subject",
        unique=True,
        sqlite_where=unresolved,
        postgresql_where=unresolved,
    ),
    # status: what is wrong now; the last incident of a subject
    Index("ix_incident_state", "state", "opened_at"),
    Index("ix_incident_subject", "subject", "id"),
    # escalator: who should have acknowledged by now
    Index("ix_incident_deadline", "acknowledge_by"),
    # escalator: whose quiet ends
    Index("ix_incident_snoozed", "snoozed_until"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("incident_id", Id, ForeignKey("incident.id", ondelete="CASCADE"), nullable=False),
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
    Column("incident_id", Id, ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("after_s", Float, nullable=False),
    Column("notify", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("fired_at", Instant),
    # escalator: which steps are due
    Index("ix_step_due", "state", "due_at"),
)
