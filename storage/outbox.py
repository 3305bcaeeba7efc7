"""The outbox: messages that are decided but not delivered.

A row says what is to be told and why, never how it looks: the courier loads the state when it sends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)

from bot.domain.notifications import Trouble
from storage import tables as t
from storage.parcels import Parcel, parcel_of
from storage.rows import insert_new

ESCALATION, INCIDENT, DIGEST = 0, 1, 2
"""Priorities: whoever is called at night does not wait behind a digest."""

MOST_DUE = 100
"""Messages that are looked at in one round."""

_OPEN = ("pending", "sending")


# Made once, because with SQLAlchemy making a statement costs more than executing it.
_HELD = update(t.outbox).where(
    t.outbox.c.id == bindparam("of"), t.outbox.c.token == bindparam("held"), t.outbox.c.state == "sending"
)
_NOW = bindparam("now", type_=t.Instant())
_PENDING = and_(t.outbox.c.state == "pending", t.outbox.c.not_before <= _NOW)
_ABANDONED = and_(t.outbox.c.state == "sending", t.outbox.c.lease_until <= _NOW)
_CLAIM = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("of"), or_(_PENDING, _ABANDONED))
    .values(
        # Whoever held it before us may have sent it and died before saying so.
        uncertain=or_(t.outbox.c.uncertain, t.outbox.c.state == "sending"),
        state="sending",
        token=bindparam("held"),
        lease_until=bindparam("until", type_=t.Instant()),
        attempts=t.outbox.c.attempts + 1,
        first_attempt_at=func.coalesce(t.outbox.c.first_attempt_at, _NOW),
    )
    .returning(t.outbox.c.attempts, t.outbox.c.uncertain, t.outbox.c.first_attempt_at)
)


def _claim_of(parcel: Parcel) -> dict[str, Any]:
    return {"of": parcel.id, "held": parcel.token}


class Outbox:
    """Messages to deliver."""

    def __init__(self, connection: Connection, now: datetime, topics: set[str]) -> None:
        self._connection = connection
        self._now = now
        self._topics = topics

    def add(
        self,
        *,
        key: str,
        subject: str,
        reason: str,
        priority: int,
        in_thread: bool = False,
        broadcast: bool = False,
        ref: int | None = None,
    ) -> bool:
        """Decide to tell something; a key that is there already is told once. Returns whether it is new."""
        self._topics.add("outbox")
        row = {
            "key": key,
            "subject": subject,
            "reason": reason,
            "ref": ref,
            "in_thread": in_thread,
            "broadcast": broadcast,
            "priority": priority,
            "state": "pending",
            "created_at": self._now,
            "not_before": self._now,
        }
        return insert_new(self._connection, t.outbox, [row]) == 1

    def due(self, *, limit: int = MOST_DUE, elsewhere: Collection[str] = ()) -> list[Parcel]:
        """What can be sent now, the most urgent first, and in each thread in the order in which it happened.

        Args:
            elsewhere: channels, by name or id, that nothing is asked for: a long queue there hides no other.
        """
        given: dict[str, Any] = {"now": self._now, "limit": limit}
        if elsewhere:
            given["elsewhere"] = sorted(elsewhere)
        found = self._connection.execute(_due(elsewhere=bool(elsewhere)), given)
        return [parcel_of(row) for row in found]

    def claim(self, parcel: Parcel, *, token: str, lease: timedelta) -> Parcel | None:
        """Take it in hand; `None` if somebody else has, or if the message that it answers has gone meanwhile.

        An attempt that never reported back is uncertain.
        """
        row = self._connection.execute(_one_ready(), {"of": parcel.id}).one_or_none()
        if row is None:
            return None
        held = {"of": parcel.id, "now": self._now, "held": token, "until": self._now + lease}
        claimed = self._connection.execute(_CLAIM, held).one_or_none()
        if claimed is None:
            return None
        attempts, uncertain, first_attempt_at = claimed
        return replace(
            parcel_of(row), attempts=attempts, uncertain=uncertain, first_attempt_at=first_attempt_at, token=token
        )

    def renew(self, parcel: Parcel, *, lease: timedelta) -> bool:
        """Keep it in hand for longer; False when the claim is lost."""
        kept = self._connection.execute(_HELD, _claim_of(parcel) | {"lease_until": self._now + lease})
        return kept.rowcount == 1

    def sent(self, parcel: Parcel, *, ts: str) -> bool:
        """It stands in Slack. Returns False when the claim was lost meanwhile."""
        return self._close(parcel, state="sent", ts=ts, sent_at=self._now, error=None)

    def postpone(self, parcel: Parcel, *, until: datetime, error: str, uncertain: bool) -> bool:
        """Not now: `uncertain` when it may have arrived all the same."""
        return self._close(
            parcel, state="pending", not_before=until, error=error, uncertain=uncertain or parcel.uncertain
        )

    def fail(self, parcel: Parcel, *, error: str) -> bool:
        """It will never arrive, nor what waits to stand below it; `not_before` says since when that is known."""
        values = {"state": "failed", "not_before": self._now}
        closed = self._close(parcel, error=error, **values)
        if closed and not parcel.in_thread:
            below = update(t.outbox).where(
                t.outbox.c.subject == parcel.subject, t.outbox.c.in_thread, t.outbox.c.state == "pending"
            )
            self._connection.execute(below.values(error="the message above it was given up", **values))
        return closed

    def drop(self, parcel: Parcel, *, error: str) -> bool:
        """It will not be sent, and nobody misses it: what it belonged to is gone."""
        return self._close(parcel, state="dropped", error=error)

    def keep_quiet(self, parcel: Parcel) -> bool:
        """It was quiet when it would have been sent; the end of the quiet tells anew what is still so."""
        return self._close(parcel, state="quiet")

    def kept_quiet(self, subject: str) -> bool:
        """Whether something about it was kept quiet that no end of a quiet has told anew."""
        about, kept = t.outbox.c.subject == subject, t.outbox.c.state == "quiet"
        anew = select(func.max(t.outbox.c.id)).where(about, t.outbox.c.reason == "woken", t.outbox.c.broadcast, ~kept)
        query = select(t.outbox.c.id).where(about, kept, t.outbox.c.id > func.coalesce(anew.scalar_subquery(), 0))
        return self._connection.scalar(query.limit(1)) is not None

    def _close(self, parcel: Parcel, **values: Any) -> bool:
        closed = self._connection.execute(_HELD, _claim_of(parcel) | {"token": None, "lease_until": None} | values)
        self._topics.add("outbox")
        return closed.rowcount == 1

    def release_all(self, *, settled: timedelta) -> None:
        """We alone hold this file and have just started: whoever held these leases is dead.

        Args:
            settled: how long Slack may still be at work on what the dead one sent last.
        """
        soon = self._now + settled
        self._connection.execute(
            update(t.outbox)
            .where(t.outbox.c.state == "sending", t.outbox.c.lease_until > soon)
            .values(lease_until=soon)
        )

    def next_moment(self) -> datetime | None:
        """When the next row that waits for its time comes up."""
        query = select(func.min(t.outbox.c.not_before)).where(t.outbox.c.state == "pending")
        return cast(datetime | None, self._connection.scalar(query.where(t.outbox.c.not_before > self._now)))

    def troubles(self) -> list[Trouble]:
        """Channels that messages have been waiting for since an attempt failed, with the newest error of each."""
        found = self._connection.execute(_troubles())
        return [Trouble(channel, waiting, error) for channel, waiting, error in found]

    def depth(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        query = select(func.count(), func.min(t.outbox.c.created_at)).where(t.outbox.c.state.in_(_OPEN))
        count, oldest = self._connection.execute(query).one()
        return count, oldest


@cache
def _candidates() -> tuple[Select[Any], ColumnElement[bool]]:
    """Rows with where their message stands; and whether they need not wait for another message."""
    root = t.message.alias("root")
    thread = t.message.alias("thread")
    thread_ts = func.coalesce(thread.c.ts, root.c.ts)
    query = (
        select(t.outbox, root.c.channel, root.c.channel_id, root.c.thread_subject, thread_ts.label("thread_ts"))
        .join(root, root.c.subject == t.outbox.c.subject)
        .outerjoin(thread, thread.c.subject == root.c.thread_subject)
    )
    # A reply waits for the message that it answers.
    ready = or_(
        and_(t.outbox.c.in_thread, thread_ts.is_not(None)),
        and_(~t.outbox.c.in_thread, or_(root.c.thread_subject.is_(None), thread.c.ts.is_not(None))),
    )
    return query, ready


@cache
def _troubles() -> Executable:
    place = func.coalesce(t.message.c.channel, t.outbox.c.subject)
    return (
        select(place, func.count(), func.max(t.outbox.c.error))
        .join(t.message, t.message.c.subject == t.outbox.c.subject)
        .where(t.outbox.c.state.in_(_OPEN), t.outbox.c.error.is_not(None), t.outbox.c.attempts > 1)
        .group_by(place)
        .order_by(place)
    )


@cache
def _one_ready() -> Select[Any]:
    query, ready = _candidates()
    return query.where(t.outbox.c.id == bindparam("of"), ready)


@cache
def _due(*, elsewhere: bool) -> Select[Any]:
    """Asked every second and after every commit, so it is built once.

    Its parameters are `now`, `limit`, and with `elsewhere` the channels of that name to leave out.
    """
    query, ready = _candidates()
    older = t.outbox.alias("older")
    behind = exists().where(
        older.c.subject == t.outbox.c.subject,
        older.c.id < t.outbox.c.id,
        older.c.state.in_(_OPEN),
        # Whoever is called does not wait behind what is only good to know.
        older.c.priority <= t.outbox.c.priority,
        # A card that is posted anew does not wait for the replies that wait for it.
        or_(t.outbox.c.in_thread, ~older.c.in_thread),
    )
    if elsewhere:
        place = func.coalesce(query.selected_columns.channel_id, query.selected_columns.channel)
        query = query.where(place.not_in(bindparam("elsewhere", expanding=True)))
    most = bindparam("limit", type_=Integer())
    # One by one, each walks its index in order and stops at the limit; together they would sort all that waits.
    urgent = [
        query.where(reach, ready, ~behind).order_by(t.outbox.c.priority, t.outbox.c.id).limit(most).subquery()
        for reach in (_PENDING, _ABANDONED)
    ]
    both = union_all(*map(select, urgent)).subquery()
    return select(both).order_by(both.c.priority, both.c.id).limit(most)
