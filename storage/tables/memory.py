"""What people wrote, what programs reported, and what is remembered for long."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text, text

from storage.tables.instant import Id, Instant, metadata

log_entry = Table(
    "log_entry",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("by", String(80), nullable=False),
    Column("via", String(20), nullable=False),
    Column("kind", String(20), nullable=False, comment="issue, action or note"),
    Column("text", Text, nullable=False),
    Column("channel", String(200), comment="where it was written"),
    Column("incident_id", BigInteger, comment="what it is about, if it is about one"),
    Column("link", Text, comment="the message that it was made from"),
    Column("removed_at", Instant, comment="taken back; it stays, and no report shows it"),
    Column("removed_by", String(80)),
    # a day's report
    Index("ix_log_entry_at", "at"),
)

ping = Table(
    "ping",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("check_name", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(10), nullable=False, comment="start, success or fail"),
    Column("text", Text, comment="what the job said of itself; masked"),
    # the facts of a heartbeat, newest first
    Index("ix_ping_check", "check_name", "at"),
)

rollup = Table(
    "rollup",
    metadata,
    Column("check_name", String(200), primary_key=True),
    Column("metric", String(80), primary_key=True),
    Column("about", String(200), primary_key=True, comment="the object; empty for the check as a whole"),
    Column("hour", Instant, primary_key=True, comment="its beginning"),
    Column("count", Integer, nullable=False),
    Column("total", Float, nullable=False),
    Column("lowest", Float, nullable=False),
    Column("highest", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("last_at", Instant, nullable=False),
    # retention
    Index("ix_rollup_hour", "hour"),
)

configuration_version = Table(
    "configuration_version",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the files that were read"),
    Column("changes", Text, nullable=False, comment="what it changed, in sentences"),
)

person = Table(
    "person",
    metadata,
    Column("id", String(40), primary_key=True, comment="Slack's"),
    Column("team", String(40)),
    Column("name", String(200), nullable=False),
    Column("display", String(200), nullable=False),
    Column("real", String(200)),
    Column("email", String(320)),
    Column("zone", String(80)),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Column("guest", Boolean, nullable=False, server_default=text("false"), comment="a single- or multi-channel guest"),
    Column("bot", Boolean, nullable=False, server_default=text("false")),
    Column("seen_at", Instant, nullable=False, comment="when Slack last told us"),
)

user_group = Table(
    "user_group",
    metadata,
    Column("id", String(40), primary_key=True, comment="Slack's"),
    Column("handle", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("members", JSON, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="when Slack last told us"),
)
