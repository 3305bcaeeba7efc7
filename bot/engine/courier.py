"""The courier: brings what is in the outbox to Slack, once each, and redraws what has changed.

A send whose answer got lost may have arrived. Its key travels in the message's metadata, so the courier looks for
it before it sends again. Messages are drawn from the stored state at the moment of sending, by nobody else.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.config.configuration import Configuration
from bot.domain.notifications import (
    CannotLookUp,
    ChannelUnusable,
    Delivered,
    IncidentView,
    Letter,
    MessageGone,
    NotDelivered,
    PerhapsDelivered,
    StatusView,
    Undeliverable,
    View,
)
from bot.domain.quiet import is_quieted
from bot.engine.clock import Clock
from bot.engine.ports import Notifier
from bot.engine.views import view_of
from storage.messages import Standing
from storage.outbox import ESCALATION, Parcel
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Three times the longest call to Slack: whoever has not reported by then is dead."""

PACE_S = 1.0
"""Slack takes one message a second and channel; more may be dropped from display."""

REDRAW_EVERY = timedelta(seconds=1)
"""Changes to one card gather for so long; `chat.update` has about 50 calls a minute."""

LOOK_BACK = timedelta(seconds=60)
"""How far before the first attempt an uncertain send is looked for; clocks differ."""

GIVE_UP_AFTER = 30
"""Attempts, about half an hour, after which what only adds to a digest does not wait for its channel any more."""

_RETRY_S = (1, 2, 5, 10, 30, 60)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: quick at first, then once a minute, for ever."""
    return timedelta(seconds=_RETRY_S[min(attempts, len(_RETRY_S)) - 1])


class Courier:
    """Delivers.

    Args:
        look_up: whether an uncertain send is looked for before it is repeated. Off only in the control of the chaos
            test, which must then see doubles.
    """

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        clock: Clock,
        configuration: Callable[[], Configuration],
        *,
        look_up: bool = True,
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._configuration = configuration
        self._look_up = look_up
        self._free_at: dict[str, float] = {}
        self._ids: dict[str, str] = {}
        self._busy = asyncio.Lock()

    async def deliver(self) -> int:
        """Bring everything that can be brought now, at most one message a second and channel; returns how many."""
        async with self._busy:
            moved = await self._send_round()
            return moved + await self._redraw_round()

    async def _send_round(self) -> int:
        parcels = await self._store.read(lambda tx: tx.outbox.due())
        chosen: dict[str, Parcel] = {}
        for parcel in parcels:
            channel = self._place(parcel)
            if self._free_at.get(channel, 0.0) <= self._clock.monotonic():
                chosen.setdefault(channel, parcel)
        return sum(await asyncio.gather(*(self._send(parcel) for parcel in chosen.values())))

    async def _send(self, candidate: Parcel) -> bool:
        token = uuid.uuid4().hex
        claimed = await self._store.write(lambda tx: self._claim(tx, candidate, token))
        if claimed is None:
            return False
        parcel, letter, version = claimed
        self._free_at[self._place(parcel)] = self._clock.monotonic() + PACE_S
        try:
            found, letter = await self._found(parcel, letter)
            delivered = found or await self._notifier.post(letter)
        except NotDelivered as error:
            await self._postpone(parcel, str(error), after=error.retry_after, uncertain=False)
        except PerhapsDelivered as error:
            await self._postpone(parcel, str(error), after=None, uncertain=True)
        except ChannelUnusable as error:
            await self._elsewhere(parcel, letter, str(error))
        except MessageGone as error:
            await self._without_thread(parcel, letter, str(error))
        except Undeliverable as error:
            reason = str(error)
            log.error("a message can never be delivered: %s", reason, extra={"key": parcel.key})  # noqa: TRY400
            await self._store.write(lambda tx: tx.outbox.fail(parcel, error=reason))
        else:
            # What was found was drawn by an earlier attempt, from an older state.
            shown = 0 if found else version
            self._ids[parcel.channel] = delivered.channel_id
            self._free_at[delivered.channel_id] = self._clock.monotonic() + PACE_S
            await self._store.write(lambda tx: self._sent(tx, parcel, delivered, shown))
            return True
        return False

    def _place(self, parcel: Parcel) -> str:
        """The channel whose pace counts, whether it is known by its name or its id."""
        return self._ids.get(parcel.channel, parcel.channel)

    def _claim(self, tx: Tx, candidate: Parcel, token: str) -> tuple[Parcel, Letter, int] | None:
        parcel = tx.outbox.claim(candidate, token=token, lease=LEASE)
        if parcel is None:
            return None
        view = view_of(tx, parcel.subject, self._configuration())
        standing = tx.messages.of(parcel.subject)
        if view is None or standing is None:
            tx.outbox.fail(parcel, error="what it is about does not exist any more")
            return None
        entry = None
        if parcel.ref is not None and isinstance(view, IncidentView):
            entry = next((entry for entry in view.timeline if entry.id == parcel.ref), None)
            if is_quieted(view.incident, entry, broadcast=parcel.broadcast, now=tx.now):
                tx.outbox.keep_quiet(parcel)
                return None
        letter = Letter(
            key=parcel.key,
            channel=parcel.channel,
            reason=parcel.reason,
            view=view,
            entry=entry,
            thread_ts=parcel.thread_ts,
            broadcast=parcel.broadcast,
        )
        return parcel, letter, standing.wanted

    async def _found(self, parcel: Parcel, letter: Letter) -> tuple[Delivered | None, Letter]:
        """What an uncertain attempt left in Slack; and the letter, marked if nobody can tell."""
        if not parcel.uncertain or not self._look_up or parcel.first_attempt_at is None:
            return None, letter
        try:
            found = await self._notifier.find(letter, since=parcel.first_attempt_at - LOOK_BACK)
            if found is not None:
                log.info("found what an earlier attempt had left in Slack", extra={"key": letter.key})
        except CannotLookUp:
            # Silence would be worse than a message that says it may be a repeat.
            return None, replace(letter, maybe_repeated=True)
        return found, letter

    def _sent(self, tx: Tx, parcel: Parcel, delivered: Delivered, shown: int) -> None:
        if not tx.outbox.sent(parcel, ts=delivered.ts):
            log.warning("lost the claim on a message that was sent", extra={"key": parcel.key})
        if not parcel.in_thread:
            tx.messages.posted(parcel.subject, channel_id=delivered.channel_id, ts=delivered.ts, shown=shown)

    async def _postpone(self, parcel: Parcel, error: str, *, after: timedelta | None, uncertain: bool) -> None:
        wait = after if after is not None else backoff(parcel.attempts)
        if after is not None:
            self._free_at[self._place(parcel)] = self._clock.monotonic() + after.total_seconds()
        log.info("not delivered yet: %s", error, extra={"key": parcel.key, "attempts": parcel.attempts})
        await self._store.write(
            lambda tx: tx.outbox.postpone(parcel, until=tx.now + wait, error=error, uncertain=uncertain)
        )

    async def _elsewhere(self, parcel: Parcel, letter: Letter, error: str) -> None:
        """The channel cannot be used: the message goes to the channel of record, or waits for the channel."""
        record = self._configuration().channel
        log.warning("cannot post to %s: %s", letter.channel, error, extra={"key": parcel.key})

        def move(tx: Tx) -> None:
            until = tx.now + backoff(parcel.attempts)
            if tx.messages.meant_for(parcel.subject) != record:
                if not parcel.in_thread:
                    tx.messages.move(parcel.subject, channel=record)
                    until = tx.now
                elif _must_be_read(parcel, letter):
                    # It goes on where people can read it, and its card goes before.
                    self._post_anew(tx, parcel.subject, lost=parcel.thread_ts)
                    tx.messages.move(parcel.subject, channel=record)
                    until = tx.now
                elif parcel.attempts >= GIVE_UP_AFTER:
                    # Nobody could read it there, under a digest that nobody can read.
                    tx.outbox.fail(parcel, error=error)
                    return
            tx.outbox.postpone(parcel, until=until, error=error, uncertain=False)

        await self._store.write(move)

    async def _without_thread(self, parcel: Parcel, letter: Letter, error: str) -> None:
        """The message that this one answers was deleted in Slack."""
        log.warning("the thread of a message is gone: %s", error, extra={"key": parcel.key})

        def find_another(tx: Tx) -> None:
            if not parcel.in_thread:  # it stands by itself then
                tx.messages.move(parcel.subject, channel=letter.channel)
            elif _must_be_read(parcel, letter):
                self._post_anew(tx, parcel.subject, lost=parcel.thread_ts)
            else:
                tx.outbox.fail(parcel, error=error)
                return
            tx.outbox.postpone(parcel, until=tx.now, error=error, uncertain=False)

        await self._store.write(find_another)

    @staticmethod
    def _post_anew(tx: Tx, subject: str, *, lost: str | None) -> None:
        """A card that cannot be reached any more is posted once more; what is still to be said waits for it."""
        if tx.messages.gone(subject, ts=lost):
            tx.outbox.add(key=f"{subject}:again:{lost}", subject=subject, reason="opened", priority=ESCALATION)

    async def _redraw_round(self) -> int:
        if not await self._store.read(lambda tx: bool(tx.messages.stale(limit=1))):
            return 0
        claimed = await self._store.write(self._claim_redraws)
        return sum(await asyncio.gather(*(self._redraw(standing, view) for standing, view in claimed)))

    def _claim_redraws(self, tx: Tx) -> list[tuple[Standing, View]]:
        claimed: list[tuple[Standing, View]] = []
        for standing in tx.messages.claim_redraws(lease=LEASE):
            view = view_of(tx, standing.subject, self._configuration())
            if view is None:
                tx.messages.redrawn(standing, not_before=tx.now)  # what it is about was forgotten
            else:
                claimed.append((standing, view))
        return claimed

    async def _redraw(self, standing: Standing, view: View) -> bool:
        try:
            if isinstance(view, StatusView):
                await self._notifier.publish_home(standing.subject.partition(":")[2], view)
            else:
                await self._notifier.redraw(view, channel_id=standing.channel, ts=standing.ts or "")
        except (NotDelivered, PerhapsDelivered, ChannelUnusable) as error:
            asked = error.retry_after if isinstance(error, NotDelivered) else None
            wait = asked or backoff(standing.attempts + 1)
            reason = str(error)
            await self._store.write(
                lambda tx: tx.messages.redraw_later(standing, not_before=tx.now + wait, error=reason)
            )
            return False
        except MessageGone:
            log.warning("a message of ours was deleted in Slack", extra={"subject": standing.subject})
            await self._store.write(lambda tx: self._gone(tx, standing))
            return False
        except Undeliverable as error:
            log.error("a card cannot be drawn: %s", error, extra={"subject": standing.subject})  # noqa: TRY400
        await self._store.write(lambda tx: tx.messages.redrawn(standing, not_before=tx.now + REDRAW_EVERY))
        return True

    def _gone(self, tx: Tx, standing: Standing) -> None:
        """An unresolved incident must stand somewhere; anything else that was deleted stays deleted."""
        view = view_of(tx, standing.subject, self._configuration())
        if isinstance(view, IncidentView) and view.incident.unresolved:
            self._post_anew(tx, standing.subject, lost=standing.ts)
        else:
            tx.messages.redrawn(standing, not_before=tx.now)

    def next_pause_s(self) -> float:
        """Seconds until a channel that has to wait is free again; 0 if none waits."""
        now = self._clock.monotonic()
        return min((at - now for at in self._free_at.values() if at > now), default=0.0)


def _must_be_read(parcel: Parcel, letter: Letter) -> bool:
    """Whether a reply is worth a new card where its own cannot be reached; what only adds to a digest is not."""
    return isinstance(letter.view, IncidentView) or parcel.reason == "overdue"
