"""The courier: brings what is in the outbox to Slack, once each, and has what has changed redrawn.

A send whose answer got lost may have arrived. Its key travels in the message's metadata, so the courier looks for
it before it sends again. Messages are drawn from the stored state at the moment of sending, by nobody else.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

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
)
from bot.domain.quiet import is_quieted
from bot.engine.clock import Clock
from bot.engine.insisting import insist
from bot.engine.meter import Meter
from bot.engine.patience import all_of, backoff
from bot.engine.ports import Notifier
from bot.engine.redrawing import LEASE, Redrawer
from bot.engine.rerouting import around_the_channel, around_the_thread, try_once_more
from bot.engine.views import view_of
from storage.outbox import MOST_DUE
from storage.parcels import Parcel
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)

LONGEST_CALL = timedelta(seconds=10)
"""After this long a call to Slack is given up (`bot.slack.client`). Slack may be at work for as long on one whose
answer got lost: looked for before, the message may not be there yet."""

PACE_S = 1.0
"""Slack takes one message a second and channel; more may be dropped from display."""

LOOK_BACK = timedelta(seconds=60)
"""How far before the first attempt an uncertain send is looked for; clocks differ."""


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
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._configuration = configuration
        self._look_up = look_up
        self._meter = meter or Meter()
        self._redrawer = Redrawer(store, notifier, configuration, self._meter)
        self._free_at: dict[str, float] = {}
        self._ids: dict[str, str] = {}
        self._busy = asyncio.Lock()

    async def deliver(self) -> int:
        """Bring everything that can be brought now, at most one message a second and channel; returns how many."""
        async with self._busy:
            moved = await self._send_round()
            return moved + await self._redrawer.redraw()

    async def _send_round(self) -> int:
        parcels = await self._store.read(_due)
        if not parcels and await self._store.read(lambda tx: bool(tx.losses.stranded())):
            await self._store.write(try_once_more)
        chosen: dict[str, Parcel] = {}
        self._choose(parcels, chosen)
        while len(parcels) == MOST_DUE:
            # There may be more behind them: a long queue in one channel, or one that is sent away, delays no other.
            busy = self._busy_places() | chosen.keys()
            elsewhere = busy | {name for name, place in self._ids.items() if place in busy}
            parcels = await self._store.read(partial(_due, elsewhere=elsewhere))
            self._choose(parcels, chosen)
        return await all_of(self._send(parcel) for parcel in chosen.values())

    def _choose(self, parcels: Iterable[Parcel], chosen: dict[str, Parcel]) -> None:
        """One message for each channel that is free."""
        busy = self._busy_places()
        for parcel in parcels:
            if (channel := self._place(parcel)) not in busy:
                chosen.setdefault(channel, parcel)

    def _busy_places(self) -> set[str]:
        now = self._clock.monotonic()
        return {place for place, free_at in self._free_at.items() if free_at > now}

    async def _send(self, candidate: Parcel) -> bool:
        token, begun = uuid.uuid4().hex, self._moments()
        claimed = await self._store.write(lambda tx: self._claim(tx, candidate, token))
        if claimed is None:
            return False
        if isinstance(claimed, str):
            self._meter.deliveries[claimed] += 1
            return False
        parcel, letter, version = claimed
        self._free_at[self._place(parcel)] = self._clock.monotonic() + PACE_S
        try:
            begun = await self._held(parcel, begun)
            found, letter = await self._found(parcel, letter)
            if found is None:
                await self._held(parcel, begun)
            delivered = found or await self._notifier.post(letter)
        except NotDelivered as error:
            self._meter.deliveries["later"] += 1
            if error.retry_after is not None:
                self._free_at[self._place(parcel)] = self._clock.monotonic() + error.retry_after.total_seconds()
            await self._postpone(parcel, str(error), begun, wait=error.retry_after or backoff(parcel.attempts))
        except PerhapsDelivered as error:
            self._meter.deliveries["uncertain"] += 1
            wait = max(LONGEST_CALL, backoff(parcel.attempts))
            await self._postpone(parcel, str(error), begun, wait=wait, uncertain=True)
        except ChannelUnusable as error:
            await self._elsewhere(parcel, letter, str(error))
        except MessageGone as error:
            await self._without_thread(parcel, letter, str(error))
        except Undeliverable as error:
            reason = str(error)
            self._meter.deliveries["failed"] += 1
            log.error("a message can never be delivered: %s", reason, extra=_ids(parcel))  # noqa: TRY400
            await self._store.write(lambda tx: tx.outbox.fail(parcel, error=reason))
        else:
            # What was found was drawn by an earlier attempt, from an older state.
            shown = 0 if found else version
            self._meter.deliveries["found" if found else "sent"] += 1
            self._ids[parcel.channel] = delivered.channel_id
            self._free_at[delivered.channel_id] = self._clock.monotonic() + PACE_S
            await self._insist(begun, lambda tx: self._sent(tx, parcel, delivered, shown))
            where = {"channel": delivered.channel_id, "ts": delivered.ts}
            log.info("told: %s", parcel.reason, extra=_ids(parcel) | where)
            return True
        return False

    def _moments(self) -> tuple[float, datetime]:
        # A machine that slept shows it on the wall only.
        return self._clock.monotonic(), self._clock.now()

    async def _held(self, parcel: Parcel, begun: tuple[float, datetime]) -> tuple[float, datetime]:
        """Make sure that the claim outlives the next call. Returns since when it surely holds.

        A look-up may take its time, and a process may have stood still; meanwhile somebody else may have sent it.

        Raises:
            NotDelivered: the claim is lost.
        """
        while True:
            (ticks, wall), (ticks_then, wall_then) = self._moments(), begun
            if max(timedelta(seconds=ticks - ticks_then), wall - wall_then) <= LEASE - LONGEST_CALL:
                return begun
            begun = self._moments()
            if not await self._store.write(lambda tx: tx.outbox.renew(parcel, lease=LEASE)):
                raise NotDelivered("somebody else has taken it meanwhile")

    async def _insist(self, begun: tuple[float, datetime], work: Callable[[Tx], object]) -> None:
        """Store what became of a send, as long as nobody else can have taken it."""
        await insist(lambda: self._store.write(work), self._clock, until=begun[0] + LEASE.total_seconds())

    def _place(self, parcel: Parcel) -> str:
        """The channel whose pace counts, whether it is known by its name or its id."""
        return self._ids.get(parcel.channel, parcel.channel)

    def _claim(self, tx: Tx, candidate: Parcel, token: str) -> tuple[Parcel, Letter, int] | str | None:
        """The letter and the version that it shows; what became of it instead; `None` if somebody else has it."""
        parcel = tx.outbox.claim(candidate, token=token, lease=LEASE)
        if parcel is None:
            return None
        # First which version is wanted, then what it shows: what others commit in between is drawn once more.
        standing = tx.messages.of(parcel.subject)
        view = view_of(tx, parcel.subject, self._configuration())
        if view is None or standing is None:
            tx.outbox.drop(parcel, error="what it is about does not exist any more")
            return "dropped"
        entry = None
        if parcel.ref is not None and isinstance(view, IncidentView):
            entry = next((entry for entry in view.timeline if entry.id == parcel.ref), None)
            if is_quieted(view.incident, entry, broadcast=parcel.broadcast, now=tx.now):
                tx.outbox.keep_quiet(parcel)
                return "quiet"
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
        since = parcel.first_attempt_at - LOOK_BACK
        try:
            found = await self._notifier.find(letter, since=since)
            if found is not None:
                log.info("found what an earlier attempt had left in Slack", extra=_ids(parcel))
                return found, letter
            maybe_elsewhere = await self._may_stand_elsewhere(letter, since)
        except CannotLookUp:
            maybe_elsewhere = True
        # Silence would be worse than a message that says it may be a repeat.
        return None, replace(letter, maybe_repeated=maybe_elsewhere)

    async def _may_stand_elsewhere(self, letter: Letter, since: datetime) -> bool:
        """Whether the attempt may have been made before the message was moved, in the channel that it was meant for.

        Raises:
            CannotLookUp: nobody lets us see.
        """
        detour = None if isinstance(letter.view, StatusView) else letter.view.detour
        if detour is None:
            return False
        if letter.thread_ts is not None:
            return True  # below a card that nobody remembers
        return await self._notifier.find(replace(letter, channel=detour.meant_for), since=since) is not None

    def _sent(self, tx: Tx, parcel: Parcel, delivered: Delivered, shown: int) -> None:
        if not tx.outbox.sent(parcel, ts=delivered.ts):
            log.warning("lost the claim on a message that was sent", extra=_ids(parcel))
        if not parcel.in_thread:
            tx.messages.posted(parcel.subject, channel_id=delivered.channel_id, ts=delivered.ts, shown=shown)

    async def _postpone(
        self,
        parcel: Parcel,
        error: str,
        begun: tuple[float, datetime],
        *,
        wait: timedelta,
        uncertain: bool = False,
    ) -> None:
        log.info("not delivered yet: %s", error, extra=_ids(parcel) | {"attempts": parcel.attempts})
        await self._insist(
            begun, lambda tx: tx.outbox.postpone(parcel, until=tx.now + wait, error=error, uncertain=uncertain)
        )

    async def _elsewhere(self, parcel: Parcel, letter: Letter, error: str) -> None:
        """The channel cannot be used: the message goes to the channel of record, or waits for the channel."""
        record = self._configuration().channel
        log.warning("cannot post to %s: %s", letter.channel, error, extra=_ids(parcel))
        became = await self._store.write(lambda tx: around_the_channel(tx, parcel, letter, record=record, error=error))
        self._meter.deliveries[became] += 1

    async def _without_thread(self, parcel: Parcel, letter: Letter, error: str) -> None:
        """The message that this one answers was deleted in Slack."""
        log.warning("the thread of a message is gone: %s", error, extra=_ids(parcel))
        became = await self._store.write(lambda tx: around_the_thread(tx, parcel, letter, error=error))
        self._meter.deliveries[became] += 1

    def next_pause_s(self) -> float:
        """Seconds until a channel that has to wait is free again; 0 if none waits."""
        now = self._clock.monotonic()
        return min((at - now for at in self._free_at.values() if at > now), default=0.0)


def _due(tx: Tx, elsewhere: Collection[str] = ()) -> list[Parcel]:
    return tx.outbox.due(elsewhere=elsewhere)


def _ids(parcel: Parcel) -> dict[str, str]:
    """What a line of the log carries, so that it is found beside the others of this message (`storage.trail`)."""
    return {"key": parcel.key, "subject": parcel.subject}
