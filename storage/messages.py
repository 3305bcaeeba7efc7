"""What stands in Slack, and which version of it should: the memory behind "one message per thing"."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, update

from bot.domain.notifications import Place
from storage import tables as t
from storage.detours import MOVED
from storage.rows import insert_new


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of ours. `ts` is `None` until it is posted; `wanted` is the version that should be seen.

    Args:
        held_until: whoever claimed it for a redraw has it until then.
    """

    subject: str
    channel: str
    ts: str | None
    wanted: int
    shown: int
    attempts: int
    thread_subject: str | None = None
    held_until: datetime | None = None


# Made once, because with SQLAlchemy making a statement costs more than executing it.
_MORE = {"wanted": t.message.c.wanted + 1}
_ABOUT = select(t.message).where(t.message.c.subject == bindparam("about"))
_PLACES = select(t.message.c.subject, t.message.c.channel_id, t.message.c.ts).where(
    t.message.c.subject.in_(bindparam("subjects", expanding=True)),
    t.message.c.ts.is_not(None),
    t.message.c.channel_id.is_not(None),
)
_CHANGE = update(t.message).where(t.message.c.subject == bindparam("about"))
_TOUCH = update(t.message).where(t.message.c.subject.in_(bindparam("subjects", expanding=True))).values(_MORE)
_TOUCH_HOMES = {
    # SQLite uses its index for GLOB; for LIKE, which ignores case there, it reads every message.
    "sqlite": update(t.message).where(t.message.c.subject.op("GLOB")("home:*")).values(_MORE),
    "postgresql": update(t.message).where(t.message.c.subject.like("home:%")).values(_MORE),
}
_AT = and_(t.message.c.channel_id == bindparam("at_channel"), t.message.c.ts == bindparam("at_ts"))
_TOUCH_AT = update(t.message).where(_AT).values(_MORE)
_CLOSE = update(t.message).where(
    _AT, t.message.c.wanted > t.message.c.shown, t.message.c.not_before == bindparam("held_until", type_=t.Instant())
)


class Messages:
    """Our messages by subject: `run:ID`, `incident:ID`, `home:USER`."""

    def __init__(self, connection: Connection, now: datetime, topics: set[str]) -> None:
        self._connection = connection
        self._now = now
        self._topics = topics
        self._homes_touched = False

    def expect(self, subject: str, *, channel: str, thread_subject: str | None = None) -> None:
        """There will be a message about this subject."""
        row = {"subject": subject, "channel": channel, "thread_subject": thread_subject, "wanted": 1, "shown": 0}
        insert_new(self._connection, t.message, [row])

    def touch(self, *subjects: str) -> None:
        """What they show has changed; the courier redraws them, once for any number of touches."""
        self._connection.execute(_TOUCH, {"subjects": subjects})
        self._topics.add("outbox")

    def touch_homes(self) -> None:
        """Something that everybody's App Home shows has changed; written once, when the transaction ends."""
        self._homes_touched = True

    def settle(self) -> None:
        """The transaction ends. Everybody touches the homes: held longer, two who meet would wait for each other."""
        if self._homes_touched:
            self._connection.execute(_TOUCH_HOMES[self._connection.dialect.name])

    def of(self, subject: str) -> Standing | None:
        """The message about this subject."""
        row = self._connection.execute(_ABOUT, {"about": subject}).one_or_none()
        return _standing(row) if row is not None else None

    def places(self, subjects: Collection[str]) -> dict[str, Place]:
        """Where the messages about these subjects stand; those that are not posted are left out."""
        if not subjects:
            return {}
        found = self._connection.execute(_PLACES, {"subjects": list(subjects)})
        return {row.subject: Place(row.channel_id, row.ts) for row in found}

    def meant_for(self, subject: str) -> str | None:
        """The channel of the message about this subject, as it was configured."""
        return self._connection.scalar(select(t.message.c.channel).where(t.message.c.subject == subject))

    def subject_at(self, channel_id: str, ts: str) -> str | None:
        """What the message there is about."""
        return self._connection.scalar(
            select(t.message.c.subject).where(t.message.c.channel_id == channel_id, t.message.c.ts == ts)
        )

    def stale(self, *, limit: int = 100) -> list[Standing]:
        """Posted messages that show an older version than they should."""
        return [_standing(row) for row in self._connection.execute(self._stale().limit(limit))]

    def _stale(self) -> Select[Any]:
        return (
            select(t.message)
            .where(t.message.c.wanted > t.message.c.shown, t.message.c.ts.is_not(None))
            .where(or_(t.message.c.not_before.is_(None), t.message.c.not_before <= self._now))
        )

    def posted(self, subject: str, *, channel_id: str, ts: str, shown: int) -> None:
        """It stands there, showing that version."""
        place = {"channel_id": channel_id, "ts": ts, "shown": shown}
        self._connection.execute(_CHANGE, {"about": subject, "attempts": 0, "error": None, "not_before": None} | place)
        self._topics.add("outbox")

    def claim_redraws(self, *, lease: timedelta, limit: int = 100) -> list[Standing]:
        """Take the stale ones in hand: of two couriers that draw one card at once, the slower could win."""
        until = self._now + lease
        query = self._stale().limit(limit).with_for_update(skip_locked=True)
        found = [replace(_standing(row), held_until=until) for row in self._connection.execute(query)]
        subjects = [standing.subject for standing in found]
        self._connection.execute(update(t.message).where(t.message.c.subject.in_(subjects)).values(not_before=until))
        return found

    def redrawn(self, standing: Standing, *, not_before: datetime, error: str | None = None) -> None:
        """It shows the version that was claimed; the next redraw waits until `not_before`, so that changes gather.

        Args:
            error: why it does not, where Slack will never take that version.
        """
        self._close(standing, shown=standing.wanted, attempts=0, error=error, not_before=not_before)

    def redraw_later(self, standing: Standing, *, not_before: datetime, error: str) -> None:
        """It could not be redrawn now."""
        self._close(standing, not_before=not_before, error=error, attempts=standing.attempts + 1)

    def _close(self, standing: Standing, **values: Any) -> None:
        # Found by its place: a later run may have taken the message over. It is stale still, which has an index.
        place = {"at_channel": standing.channel, "at_ts": standing.ts}
        closed = self._connection.execute(_CLOSE, values | place | {"held_until": standing.held_until})
        if closed.rowcount != 1:
            # We were too slow, and somebody else has drawn it: perhaps before us, so that ours stands there now.
            self._connection.execute(_TOUCH_AT, place)
            self._topics.add("outbox")

    def gone(self, subject: str, *, ts: str | None) -> bool:
        """Somebody deleted it in Slack: it will be posted anew. False when it stands elsewhere already."""
        lost = self._connection.execute(
            update(t.message)
            .where(t.message.c.subject == subject, t.message.c.ts == ts)
            .values(ts=None, channel_id=None, shown=0, not_before=None)
        )
        return lost.rowcount == 1

    def take_over(self, earlier: str, subject: str) -> bool:
        """The message about `earlier` shows `subject` from now on; False if it does not stand in Slack yet."""
        taken = self._connection.execute(
            update(t.message)
            .where(t.message.c.subject == earlier, t.message.c.ts.is_not(None))
            .values(subject=subject, wanted=t.message.c.wanted + 1)
        )
        if taken.rowcount != 1:
            return False
        # What is still to be told about the earlier one (its evidence, say) belongs in the same thread; and the
        # message says as before why it stands there.
        self._connection.execute(
            update(t.outbox)
            .where(t.outbox.c.subject == earlier, t.outbox.c.state.in_(("pending", "sending", MOVED)))
            .values(subject=subject)
        )
        self._topics.add("outbox")
        return True

    def move(self, subject: str, *, channel: str) -> bool:
        """Its channel cannot be posted to: it goes to another. False when it stands somewhere by now."""
        moved = self._connection.execute(
            update(t.message)
            .where(t.message.c.subject == subject, t.message.c.ts.is_(None))
            .values(channel=channel, channel_id=None, thread_subject=None)
        )
        return moved.rowcount == 1


def _standing(row: Any) -> Standing:
    return Standing(
        subject=row.subject,
        channel=row.channel_id or row.channel,
        ts=row.ts,
        wanted=row.wanted,
        shown=row.shown,
        attempts=row.attempts,
        thread_subject=row.thread_subject,
    )
