"""Another way for a message whose channel or thread cannot be used; or its end, where nobody would miss it."""

from __future__ import annotations

from bot.domain.notifications import IncidentView, Letter
from bot.engine.patience import backoff
from bot.engine.redrawing import post_anew
from storage.outbox import ESCALATION
from storage.parcels import Parcel
from storage.tx import Tx

GIVE_UP_AFTER = 30
"""Attempts, about half an hour, after which what only adds to a digest does not wait for its channel any more."""


def around_the_channel(tx: Tx, parcel: Parcel, letter: Letter, *, record: str, error: str) -> str:
    """The channel cannot be used: the message goes to the channel of record, or waits for its channel.

    Returns what became of it, in the meter's words.
    """
    became = "later"
    until = tx.now + backoff(parcel.attempts)
    intended = tx.messages.meant_for(parcel.subject)
    if intended is not None and intended != record:
        if not parcel.in_thread or must_be_read(parcel, letter):
            if parcel.in_thread:
                # It goes on where people can read it, and its card goes before.
                post_anew(tx, parcel.subject, lost=parcel.thread_ts)
            if tx.messages.move(parcel.subject, channel=record):
                tx.detours.note(parcel.subject, meant_for=intended, error=error)
            became, until = "elsewhere", tx.now
        elif parcel.attempts >= GIVE_UP_AFTER:
            # Nobody could read it there, under a digest that nobody can read.
            tx.outbox.fail(parcel, error=error)
            return "failed"
    tx.outbox.postpone(parcel, until=until, error=error, uncertain=False)
    tx.messages.touch_homes()  # it is said there what waits for a channel
    return became


def around_the_thread(tx: Tx, parcel: Parcel, letter: Letter, *, error: str) -> str:
    """The message that this one answers was deleted in Slack. Returns what became of this one, in the meter's words."""
    if not parcel.in_thread:  # it stands by itself then
        tx.messages.move(parcel.subject, channel=letter.channel)
    elif must_be_read(parcel, letter):
        post_anew(tx, parcel.subject, lost=parcel.thread_ts)
    else:
        tx.outbox.drop(parcel, error=error)
        return "dropped"
    tx.outbox.postpone(parcel, until=tx.now, error=error, uncertain=False)
    return "gone"


def try_once_more(tx: Tx) -> None:
    """There is more to tell below a message that was given up: as it looks by now, Slack may take it."""
    for subject, given_up in tx.losses.stranded():
        tx.outbox.add(key=f"{subject}:after:{given_up}", subject=subject, reason="opened", priority=ESCALATION)


def must_be_read(parcel: Parcel, letter: Letter) -> bool:
    """Whether a reply is worth a new card where its own cannot be reached; what only adds to a digest is not."""
    return isinstance(letter.view, IncidentView) or parcel.reason == "overdue"
