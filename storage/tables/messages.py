"""What stands in Slack, what should, and what Slack has told us."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.instant import Id, Instant, metadata

unposted = text("ts IS NULL AND thread_subject IS NOT NULL")

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
    # what a message is about that somebody answered, or that was drawn by two at once
    Index("ix_message_place", "channel_id", "ts"),
    # retention: the replies that wait for the message that they answer
    Index("ix_message_reply", "thread_subject", sqlite_where=unposted, postgresql_where=unposted),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
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
    # what was told about one thing, in order
    Index("ix_outbox_subject", "subject", "id"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False, comment="what Rounds says of itself; no markup"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", Instant, nullable=False),
    Column(
        "event",
        JSON(none_as_null=True),
        comment="what Slack told us, until its effect is committed; it outlives a crash",
    ),
    # what was acknowledged but has had no effect yet
    Index("ix_inbox_event", "at", sqlite_where=text("event IS NOT NULL"), postgresql_where=text("event IS NOT NULL")),
)
