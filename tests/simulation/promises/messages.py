"""Promises about the outbox, and about what stands in Slack."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.promises.seen import Commit, Seen, of_a_commit, of_a_message
from tests.simulation.slack import Message

_ON = {
    None: {"pending", "moved"},
    "pending": {"sending", "dropped", "failed", "quiet"},
    "sending": {"pending", "sent", "dropped", "failed", "quiet"},
    "sent": set(),
    "quiet": set(),
    "dropped": set(),
    "failed": set(),
    "moved": set(),
}
"""What may become of a row of the outbox."""


@of_a_commit
def a_message_only_moves_on(seen: Seen, commit: Commit) -> Iterator[str]:
    """Sent, failed and quiet are ends; what may have arrived stays uncertain until it has."""
    del seen
    for change in commit.of("outbox"):
        before, after = change.before, change.after
        state = before.state if before is not None else None
        if after is None or (after.state != state and after.state not in _ON[state]):
            yield f"{change.key} went from {state} to {after and after.state}"
        elif before is not None and (before.key, before.ref) != (after.key, after.ref):
            yield f"{before.key} became {after.key}"
        elif before is not None and before.uncertain and not after.uncertain:
            yield f"{after.key} may have arrived, and nobody looks any more"


@of_a_commit
def nobody_takes_a_message_whose_lease_holds(seen: Seen, commit: Commit) -> Iterator[str]:
    """One courier at a time."""
    del seen
    for change in commit.of("outbox"):
        before, after = change.before, change.after
        again = before is not None and before.state == "sending" and after.attempts > before.attempts
        if again and before.lease_until > commit.now:
            yield f"{after.key} was taken from somebody whose lease holds"


@of_a_commit
def nobody_is_called_while_it_is_quiet(seen: Seen, commit: Commit) -> Iterator[str]:
    """What Rounds decides by itself is not brought to the channel then; what a person asked for is."""
    for change in commit.of("outbox"):
        before, after = change.before, change.after
        taken = before is not None and after.state == "sending" and after.attempts > before.attempts
        if not taken or not after.broadcast or not after.subject.startswith("incident:"):
            continue
        number = int(after.subject.partition(":")[2])
        incident = seen.rows["incident"][number]
        entry = next(e for e in seen.rows["timeline"][number] if e.id == after.ref)
        quiet = incident.snoozed_until is not None and incident.snoozed_until > commit.now
        if quiet and entry.by is None and incident.state != "resolved":
            yield f"{after.key} is sent although #{number} is quiet"


@of_a_commit
def a_card_shows_no_more_than_it_should(seen: Seen, commit: Commit) -> Iterator[str]:
    """What stands in Slack is at most what is stored."""
    del seen
    for change in commit.of("message"):
        after = change.after
        if after is not None and after.shown > after.wanted:
            yield f"{change.key} shows version {after.shown} of {after.wanted}"


@of_a_message
def a_thing_is_told_once(seen: Seen, message: Message) -> Iterator[str]:
    """One key, one message that people can see; where nobody could look, the second says that it may be one.

    Under a card that was deleted nobody reads; a reply that stands in the channel as well everybody does.
    """
    if message.marked:
        return
    others = [
        m
        for m in seen.slack.messages
        if m.key == message.key and m is not message and not m.gone and m.channel not in seen.slack.archived
        if m.thread_ts is None or m.broadcast or seen.slack.standing(m.channel, m.thread_ts) is not None
    ]
    if others:
        yield f"{message.key} stands {1 + len(others)} times in Slack"


@of_a_message
def only_what_was_decided_is_told(seen: Seen, message: Message) -> Iterator[str]:
    """Every message has its row, which somebody has in hand."""
    row = seen.by_key.get(message.key)
    if row is None or row.attempts == 0:
        yield f"{message.key} was posted, and nobody had it in hand"


@of_a_message
def a_reply_stands_under_its_own_card(seen: Seen, message: Message) -> Iterator[str]:
    """A thread is the story of one incident or run."""
    if message.thread_ts is None or not message.key.startswith("incident:"):
        return
    root = seen.slack.standing(message.channel, message.thread_ts)
    if root is not None and root.key.split(":")[:2] != message.key.split(":")[:2]:
        yield f"{message.key} stands under {root.key}"


@of_a_message
def a_thing_has_one_card(seen: Seen, message: Message) -> Iterator[str]:
    """A run has one digest and an incident one message, whatever their keys; where nobody reads it is posted anew."""
    row = seen.by_key.get(message.key)
    if row is None or row.in_thread or message.marked or not row.subject.startswith(("run:", "incident:")):
        return
    cards = [
        m.key
        for m in seen.slack.messages
        if not m.gone and not m.marked and m.channel not in seen.slack.were_archived
        if (of := seen.by_key.get(m.key)) is not None and of.subject == row.subject and not of.in_thread
    ]
    if len(cards) > 1:
        yield f"{row.subject} has {len(cards)} cards: {cards}"
