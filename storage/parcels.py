"""What the courier holds of a message in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Parcel:
    """One outbox row that was claimed, or is a candidate for it.

    Args:
        key: travels in the message's metadata; it is how an uncertain send is found again.
        channel: as configured, or an id.
        thread_ts: the message that this one replies to.
        uncertain: an earlier attempt may have arrived.
    """

    id: int
    key: str
    subject: str
    reason: str
    ref: int | None
    in_thread: bool
    broadcast: bool
    channel: str
    thread_ts: str | None
    attempts: int
    uncertain: bool
    first_attempt_at: datetime | None
    created_at: datetime
    token: str | None = None


def parcel_of(row: Any) -> Parcel:
    """A row of the outbox, with where its message stands."""
    return Parcel(
        id=row.id,
        key=row.key,
        subject=row.subject,
        reason=row.reason,
        ref=row.ref,
        in_thread=row.in_thread,
        broadcast=row.broadcast,
        channel=row.channel_id or row.channel,
        thread_ts=row.thread_ts if row.in_thread or row.thread_subject else None,
        attempts=row.attempts,
        uncertain=row.uncertain,
        first_attempt_at=row.first_attempt_at,
        created_at=row.created_at,
        token=row.token,
    )
