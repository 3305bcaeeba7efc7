"""Every table. Each index names the query it serves."""

from storage.tables.incidents import incident, step, timeline, unresolved
from storage.tables.instant import Instant, metadata
from storage.tables.memory import configuration_version, log_entry, person, ping, rollup, user_group
from storage.tables.messages import inbox, message, notice, outbox, unposted
from storage.tables.runs import result, run, run_item, schedule, unnamed, watch

__all__ = [
    "Instant",
    "configuration_version",
    "inbox",
    "incident",
    "log_entry",
    "message",
    "metadata",
    "notice",
    "outbox",
    "person",
    "ping",
    "result",
    "rollup",
    "run",
    "run_item",
    "schedule",
    "step",
    "timeline",
    "unnamed",
    "unposted",
    "unresolved",
    "user_group",
    "watch",
]
