"""The ledger."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_inbox")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(length=220), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=200), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=80), nullable=True),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("resolved_by", sa.String(length=80), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.Column("acknowledge_by", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index("ix_incident_deadline", ["acknowledge_by"], unique=False)
        batch_op.create_index("ix_incident_state", ["state", "opened_at"], unique=False)
        batch_op.create_index("ix_incident_subject", ["subject", "id"], unique=False)
        batch_op.create_index(
            "uq_incident_unresolved",
            ["subject"],
            unique=True,
            sqlite_where=sa.text("state <> 'resolved'"),
            postgresql_where=sa.text("state <> 'resolved'"),
        )

    op.create_table(
        "message",
        sa.Column("subject", sa.String(length=200), nullable=False, comment="run:ID, incident:ID or home:USER"),
        sa.Column("channel", sa.String(length=200), nullable=False, comment="as configured, or an id"),
        sa.Column("channel_id", sa.String(length=40), nullable=True),
        sa.Column("ts", sa.String(length=40), nullable=True),
        sa.Column(
            "thread_subject", sa.String(length=200), nullable=True, comment="this message is a reply to that one"
        ),
        sa.Column("wanted", sa.Integer(), nullable=False, comment="the version that should stand in Slack"),
        sa.Column("shown", sa.Integer(), nullable=False, comment="the version that stands there"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_stale",
            ["subject"],
            unique=False,
            sqlite_where=sa.text("wanted > shown"),
            postgresql_where=sa.text("wanted > shown"),
        )

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="what Rounds says of itself; no markup"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False, comment="travels in the message's metadata"),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.BigInteger(), nullable=True, comment="the timeline entry that a reply tells"),
        sa.Column("in_thread", sa.Boolean(), nullable=False),
        sa.Column("broadcast", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False, comment="0 goes first"),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "uncertain",
            sa.Boolean(),
            server_default=sa.text("(false)"),
            nullable=False,
            comment="it may stand in Slack already",
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("first_attempt_at", Instant(), nullable=True),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("ts", sa.String(length=40), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_due", ["state", "priority", "id"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("checklist", sa.String(length=200), nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("trigger", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=True),
        sa.Column(
            "told_in",
            sa.BigInteger(),
            nullable=True,
            comment="the run whose digest names this missed or coalesced slot",
        ),
        sa.Column(
            "skipped", sa.Integer(), server_default="0", nullable=False, comment="earlier slots this one stands for"
        ),
        sa.Column(
            "posted",
            sa.Boolean(),
            server_default=sa.text("(false)"),
            nullable=False,
            comment="has a message of its own",
        ),
        sa.Column(
            "done",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="checks looked at so far, for its progress",
        ),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("enqueued_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "overdue_at",
            Instant(),
            nullable=True,
            comment="when open manual items become overdue; null once that was told",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("checklist", "slot", name="uq_run_slot"),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_latest", ["checklist", "due_at"], unique=False)
        batch_op.create_index("ix_run_overdue", ["overdue_at"], unique=False)
        batch_op.create_index("ix_run_state", ["state", "lease_until"], unique=False)

    op.create_table(
        "schedule",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "spec", sa.Text(), nullable=False, comment="what it was computed from; another spec starts anew from now"
        ),
        sa.Column("cursor", Instant(), nullable=False, comment="every slot up to here is accounted for"),
        sa.Column("next_due", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_due", ["next_due"], unique=False)

    op.create_table(
        "watch",
        sa.Column("check_name", sa.String(length=200), nullable=False),
        sa.Column("counters", sa.JSON(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=True),
        sa.Column("looked_at", Instant(), nullable=False, comment="results older than this change no counter"),
        sa.PrimaryKeyConstraint("check_name", name=op.f("pk_watch")),
    )
    op.create_table(
        "result",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("looked_at", Instant(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_result_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "check_name", name=op.f("pk_result")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index("ix_result_history", ["check_name", "looked_at"], unique=False)

    op.create_table(
        "run_item",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("check_name", sa.String(length=200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("evidence", sa.String(length=10), server_default="none", nullable=False),
        sa.Column("meant_for", sa.String(length=80), nullable=True, comment="whom the configuration names"),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_item_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "item_id", name=op.f("pk_run_item")),
    )
    op.create_table(
        "step",
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("after_s", sa.Float(), nullable=False),
        sa.Column("notify", sa.JSON(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("fired_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_step_incident_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident_id", "position", name=op.f("pk_step")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index("ix_step_due", ["state", "due_at"], unique=False)

    op.create_table(
        "timeline",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=True),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_timeline_incident_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
    )
    with op.batch_alter_table("timeline", schema=None) as batch_op:
        batch_op.create_index("ix_timeline_incident", ["incident_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("timeline", schema=None) as batch_op:
        batch_op.drop_index("ix_timeline_incident")

    op.drop_table("timeline")
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index("ix_step_due")

    op.drop_table("step")
    op.drop_table("run_item")
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.drop_index("ix_result_history")

    op.drop_table("result")
    op.drop_table("watch")
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_index("ix_schedule_due")

    op.drop_table("schedule")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index("ix_run_state")
        batch_op.drop_index("ix_run_overdue")
        batch_op.drop_index("ix_run_latest")

    op.drop_table("run")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_due")

    op.drop_table("outbox")
    op.drop_table("notice")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_stale", sqlite_where=sa.text("wanted > shown"), postgresql_where=sa.text("wanted > shown")
        )

    op.drop_table("message")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_incident_unresolved",
            sqlite_where=sa.text("state <> 'resolved'"),
            postgresql_where=sa.text("state <> 'resolved'"),
        )
        batch_op.drop_index("ix_incident_subject")
        batch_op.drop_index("ix_incident_state")
        batch_op.drop_index("ix_incident_deadline")

    op.drop_table("incident")
    op.drop_table("inbox")
