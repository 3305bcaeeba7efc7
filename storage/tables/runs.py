"""What is run and what came out of it."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.tables.instant import Id, Instant, metadata

unnamed = text("told_in IS NULL AND state IN ('missed', 'coalesced')")

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
    Column("id", Id, primary_key=True, autoincrement=True),
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
    # the latest run of a checklist, and the one before it
    Index("ix_run_latest", "checklist", "due_at"),
    # a day's report; retention
    Index("ix_run_due", "due_at"),
    # the gaps that the next digest names
    Index("ix_run_unnamed", "checklist", "due_at", sqlite_where=unnamed, postgresql_where=unnamed),
    # the gaps that this digest names
    Index(
        "ix_run_told_in",
        "told_in",
        sqlite_where=text("told_in IS NOT NULL"),
        postgresql_where=text("told_in IS NOT NULL"),
    ),
)

run_item = Table(
    "run_item",
    metadata,
    Column("run_id", Id, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
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
    Column("attached", Text, comment="the link, or the file's address, that a tick brought"),
    Column("owner", String(80)),
)

result = Table(
    "result",
    metadata,
    Column("run_id", Id, ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
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
