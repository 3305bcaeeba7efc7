"""What is wrong with Rounds itself, from what it measures of itself. Pure, as all rules are.

A state (messages that wait, a disk that is full) opens an incident once it has been so for three measurements in a row,
which gets worse as soon as the state does, and recovers after three good ones. An event (the clock jumped, a message
was given up) opens one at once, which recovers when it has not happened again for ten minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.durations import say
from bot.domain.escalation import Policy
from bot.domain.incidents import Effect, Incident, open_incident, recover, worsen
from bot.domain.notifications import Loss
from checks import Outcome, show

IN_A_ROW = 3
CALM_AFTER = timedelta(minutes=10)

LATE_S = 60.0
"""A slot that waits longer is told; a tick comes every second, a run is taken at once."""
OLD_MESSAGE_S = 300.0
"""A message that waits longer; Slack's longest usual pause is a minute."""
DEAF_S = 60.0
"""Without a connection for longer, commands and buttons have surely been lost; the SDK reconnects within seconds."""
LITTLE_DISK = 100_000_000
HARDLY_ANY_DISK = 20_000_000
"""Bytes free where the ledger is."""
CLOCK_JUMP_S = 60.0
"""The wall clock against the one that never jumps, between two measurements."""
STALL_S = 10.0
"""The event loop did nothing for so long: no button was acknowledged, since Slack waits three seconds."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """One measurement of ourselves. Seconds and bytes; `None` for what cannot be measured here.

    Args:
        lag_s: since when the oldest due slot waits to become a run, or the oldest run for somebody to work on it.
        losses: messages that were given up since the last measurement, the newest first.
    """

    lag_s: float = 0.0
    outbox_age_s: float = 0.0
    outbox_depth: int = 0
    outbox_error: str = ""
    deaf_s: float = 0.0
    disk_free: int | None = None
    ledger_gone: bool = False
    clock_jump_s: float = 0.0
    stall_s: float = 0.0
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with us: what, how bad, and what to do about it."""

    subject: str
    title: str
    severity: Outcome
    summary: str
    event: bool = False


def troubles(vitals: Vitals) -> tuple[Trouble, ...]:
    """What this measurement says is wrong."""
    found = []
    if vitals.lag_s > LATE_S:
        text = f"a slot has been waiting to be looked at for {_s(vitals.lag_s)}: machine or database is too slow, or"
        text += " no Rounds that runs has the configuration that it is from"
        found.append(Trouble("self:tick", "Rounds is late", Outcome.WARNING, text))
    if vitals.outbox_age_s > OLD_MESSAGE_S:
        why = f", because of: {vitals.outbox_error}" if vitals.outbox_error else ""
        waiting = f"{vitals.outbox_depth} message" + ("s wait" if vitals.outbox_depth != 1 else " waits")
        text = f"{waiting}, the oldest for {_s(vitals.outbox_age_s)}{why}. “rounds doctor” says what to do"
        found.append(Trouble("self:outbox", "Rounds cannot tell what it knows", Outcome.WARNING, text))
    if vitals.losses:
        found.append(Trouble("self:lost", "A message was given up", Outcome.WARNING, _lost(vitals.losses), event=True))
    if vitals.deaf_s > DEAF_S:
        text = f"no connection to Slack for {_s(vitals.deaf_s)}: buttons and commands did not reach Rounds; press again"
        found.append(Trouble("self:socket", "Rounds did not hear Slack", Outcome.WARNING, text))
    if vitals.disk_free is not None and vitals.disk_free < LITTLE_DISK:
        severity = Outcome.CRITICAL if vitals.disk_free < HARDLY_ANY_DISK else Outcome.WARNING
        text = f"{show(vitals.disk_free, 'B')} free where the ledger is; without room nothing is remembered or told"
        found.append(Trouble("self:disk", "The disk of Rounds is filling up", severity, text))
    if vitals.ledger_gone:
        text = (
            "its file was deleted or replaced: what is remembered now is lost when Rounds ends. Find out what did it,"
        )
        text += " and restart Rounds with the file that is to be used"
        found.append(Trouble("self:ledger", "The ledger of Rounds is gone", Outcome.CRITICAL, text))
    if abs(vitals.clock_jump_s) > CLOCK_JUMP_S:
        where = "forward" if vitals.clock_jump_s > 0 else "back"
        jump = _s(abs(vitals.clock_jump_s))
        text = f"the clock jumped {where} by {jump}; slots may be early, late or missed. Let NTP set it"
        found.append(Trouble("self:clock", "The clock of Rounds jumped", Outcome.WARNING, text, event=True))
    if vitals.stall_s > STALL_S:
        text = f"Rounds stood still for {_s(vitals.stall_s)}, its log says where; press again what you pressed then"
        found.append(Trouble("self:stall", "Rounds stood still", Outcome.WARNING, text, event=True))
    return tuple(found)


def _lost(losses: Sequence[Loss]) -> str:
    newest, more = losses[0], len(losses) - 1
    rest = f", and {more} more" if more else ""
    why = f'; rounds why "{newest.about}" tells all of it' if newest.about != "notice" else ""
    return f"nobody will read “{newest.reason}” of {newest.about} in {newest.channel}{rest}: {newest.error}{why}"


def _s(seconds: float) -> str:
    return say(timedelta(seconds=round(seconds)))


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered between two measurements: how often in a row each trouble was there, or was not."""

    bad: Mapping[str, int] = field(default_factory=dict)
    good: Mapping[str, int] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)


OF_ONE_PROCESS = frozenset(("self:socket", "self:clock", "self:stall"))
"""What each process measures for itself; the rest is read from the ledger that all share."""

GONE_AFTER = timedelta(minutes=5)
"""A process that has not measured for so long has ended: nobody will say of what concerned it alone that it is over."""

_EVENTS = frozenset(("self:clock", "self:lost", "self:stall"))


def weigh(
    vitals: Vitals,
    memory: Memory,
    unresolved: Mapping[str, Incident],
    *,
    channel: str,
    policy: Policy | None,
    within: Mapping[Outcome, timedelta],
    now: datetime,
    name: str = "",
) -> tuple[Memory, tuple[Effect, ...]]:
    """What a measurement does.

    Args:
        unresolved: our open incidents by subject, those of other processes left out. Those that a process of this name
            opened before a restart are taken over.
        policy: whom to call.
        name: of this process, where several share a ledger; what concerns it alone carries it.
    """
    found = {trouble.subject: trouble for trouble in troubles(vitals)}
    bad = {subject: memory.bad.get(subject, 0) + 1 for subject in found}
    good = {subject: memory.good.get(subject, 0) + 1 for subject in unresolved if subject not in found}
    last = {**memory.last, **dict.fromkeys(found, now)}
    effects = []
    for subject, trouble in found.items():
        incident = unresolved.get(subject)
        if incident is not None and trouble.severity.rank > incident.severity.rank:
            soon = within.get(trouble.severity)
            effects.append(worsen(incident, severity=trouble.severity, summary=trouble.summary, now=now, within=soon))
        if incident is None and (trouble.event or bad[subject] >= IN_A_ROW):
            effects.append(
                open_incident(
                    subject=f"{subject}@{name}" if name and subject in OF_ONE_PROCESS else subject,
                    title=f"{trouble.title} ({name})" if name and subject in OF_ONE_PROCESS else trouble.title,
                    severity=trouble.severity,
                    summary=trouble.summary,
                    channel=channel,
                    policy=policy,
                    now=now,
                    within=within.get(trouble.severity),
                )
            )
    for subject, count in good.items():
        # After a restart nothing is remembered; that it was so when the incident opened is known all the same.
        calm = now - last.get(subject, unresolved[subject].opened_at) >= CALM_AFTER
        if (calm and subject in _EVENTS) or (count >= IN_A_ROW and subject not in _EVENTS):
            effects.append(recover(unresolved[subject], summary=_OVER.get(subject, "it is over"), now=now))
    return replace(memory, bad=bad, good=good, last=last), tuple(effects)


def process_of(incident: Incident) -> str:
    """The name of the process that it concerns alone; empty if it concerns all, or there is only one."""
    subject, _, name = incident.subject.partition("@")
    return name if subject in OF_ONE_PROCESS else ""


def abandoned(incidents: Sequence[Incident], gone: Collection[str], *, now: datetime) -> tuple[Effect, ...]:
    """What ends because the process that it concerned has ended; `gone`: the names of such."""
    summary = f"that process has ended: nothing was heard of it for {say(GONE_AFTER)}"
    # One that has opened since comes from somebody alive, perhaps of a version that says so in no other way.
    old = [each for each in incidents if process_of(each) in gone and each.opened_at <= now - GONE_AFTER]
    return tuple(recover(each, summary=summary, now=now) for each in old)


_OVER = {
    "self:tick": "slots become runs on time again",
    "self:outbox": "everything is told that was waiting",
    "self:lost": "no other message was given up for ten minutes",
    "self:socket": "Slack is heard again",
    "self:disk": "there is room on the disk again",
    "self:ledger": "the file is back in its place",
    "self:clock": "the clock has been steady for ten minutes",
    "self:stall": "Rounds has been running smoothly for ten minutes",
}
