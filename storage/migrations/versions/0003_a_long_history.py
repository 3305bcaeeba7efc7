"""Indexes for a long history: digests, what they name, what was told, and what is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UNNAMED = "told_in IS NULL AND state IN ('missed', 'coalesced')"
_UNPOSTED = "ts IS NULL AND thread_subject IS NOT NULL"
_INDEXES: tuple[tuple[str, str, list[str], str | None], ...] = (
    ("ix_run_due", "run", ["due_at"], None),
    ("ix_run_unnamed", "run", ["checklist", "due_at"], _UNNAMED),
    ("ix_run_told_in", "run", ["told_in"], "told_in IS NOT NULL"),
    ("ix_message_place", "message", ["channel_id", "ts"], None),
    ("ix_message_reply", "message", ["thread_subject"], _UNPOSTED),
    ("ix_outbox_subject", "outbox", ["subject", "id"], None),
)


def upgrade() -> None:
    for name, table, columns, where in _INDEXES:
        chosen = None if where is None else sa.text(where)
        op.create_index(name, table, columns, unique=False, sqlite_where=chosen, postgresql_where=chosen)


def downgrade() -> None:
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
