"""What people wrote, pings, roll-ups, versions of the configuration, people, snoozes, events kept."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "configuration_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the files that were read"),
        sa.Column("changes", sa.Text(), nullable=False, comment="what it changed, in sentences"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_version")),
    )
    op.create_table(
        "log_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="issue, action or note"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=True, comment="where it was written"),
        sa.Column("incident_id", sa.BigInteger(), nullable=True, comment="what it is about, if it is about one"),
        sa.Column("link", sa.Text(), nullable=True, comment="the message that it was made from"),
        sa.Column("removed_at", Instant(), nullable=True, comment="taken back; it stays, and no report shows it"),
        sa.Column("removed_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.create_index("ix_log_entry_at", ["at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=40), nullable=False, comment="Slack's"),
        sa.Column("team", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("display", sa.String(length=200), nullable=False),
        sa.Column("real", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("zone", sa.String(length=80), nullable=True),
        sa.Column("deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "guest",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a single- or multi-channel guest",
        ),
        sa.Column("bot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False, comment="when Slack last told us"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "ping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("check_name", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False, comment="start, success or fail"),
        sa.Column("text", sa.Text(), nullable=True, comment="what the job said of itself; masked"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ping")),
    )
    with op.batch_alter_table("ping", schema=None) as batch_op:
        batch_op.create_index("ix_ping_check", ["check_name", "at"], unique=False)

    op.create_table(
        "rollup",
        sa.Column("check_name", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False, comment="the object; empty for the check as a whole"),
        sa.Column("hour", Instant(), nullable=False, comment="its beginning"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("lowest", sa.Float(), nullable=False),
        sa.Column("highest", sa.Float(), nullable=False),
        sa.Column("last", sa.Float(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("check_name", "metric", "about", "hour", name=op.f("pk_rollup")),
    )
    with op.batch_alter_table("rollup", schema=None) as batch_op:
        batch_op.create_index("ix_rollup_hour", ["hour"], unique=False)

    op.create_table(
        "user_group",
        sa.Column("id", sa.String(length=40), nullable=False, comment="Slack's"),
        sa.Column("handle", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False, comment="when Slack last told us"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_group")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "event",
                sa.JSON(none_as_null=True),
                nullable=True,
                comment="what Slack told us, until its effect is committed; it outlives a crash",
            )
        )
        batch_op.create_index(
            "ix_inbox_event",
            ["at"],
            unique=False,
            sqlite_where=sa.text("event IS NOT NULL"),
            postgresql_where=sa.text("event IS NOT NULL"),
        )

    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("snoozed_until", Instant(), nullable=True, comment="quiet until then; every quiet has an end")
        )
        batch_op.add_column(sa.Column("snoozed_by", sa.String(length=80), nullable=True))
        batch_op.create_index("ix_incident_snoozed", ["snoozed_until"], unique=False)

    with op.batch_alter_table("run_item", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "attached", sa.Text(), nullable=True, comment="the link, or the file's address, that a tick brought"
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("run_item") as batch_op:
        batch_op.drop_column("attached")
    with op.batch_alter_table("incident") as batch_op:
        batch_op.drop_index("ix_incident_snoozed")
        batch_op.drop_column("snoozed_by")
        batch_op.drop_column("snoozed_until")
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.drop_index("ix_inbox_event")
        batch_op.drop_column("event")
    for table in ("user_group", "rollup", "ping", "person", "log_entry", "configuration_version"):
        op.drop_table(table)
