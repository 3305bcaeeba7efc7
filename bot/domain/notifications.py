"""What goes to people: a letter, the state it shows, and what can become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.comparing import Before
from bot.domain.incidents import Entry, Incident
from bot.domain.runs import Result, Run


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in Slack."""

    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class Detour:
    """A message stands in the channel of record instead of where it was meant to.

    Args:
        meant_for: the channel, as it was configured.
        error: why it could not stand there, in Slack's words.
    """

    meant_for: str
    error: str


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its card shows it.

    Args:
        done: checks looked at so far, while it is running.
        incidents: the unresolved incident of each check, by the check's name.
        timezone: IANA zone in which times are told where the reader's own is not known.
        before: how the same checklist came out the time before.
        places: where the messages of these incidents stand, by number.
        detour: why its message stands where it does, if that is another channel.
    """

    run: Run
    done: int = 0
    incidents: dict[str, Incident] = field(default_factory=dict)
    timezone: str = "UTC"
    before: Before | None = None
    places: Mapping[int, Place] = field(default_factory=dict)
    detour: Detour | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A metric's values over time, oldest first, in its unit. `about` names the object, if it has one."""

    metric: str
    unit: str
    points: tuple[tuple[datetime, float], ...]
    about: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as its card and its thread show it.

    Args:
        result: the check's newest result, if it is about a check.
        why, what_to_do: the kind's own words.
        previous: the incident of the same subject that somebody resolved before this one.
        series: the last hours of the number that matters most, if there is one.
        detour: why its message stands where it does, if that is another channel.
    """

    incident: Incident
    timeline: tuple[Entry, ...] = ()
    result: Result | None = None
    why: str = ""
    what_to_do: str = ""
    previous: Incident | None = None
    timezone: str = "UTC"
    series: Series | None = None
    detour: Detour | None = None


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check as somebody asked to see it.

    Args:
        results: the newest first.
        units: of its metrics, by name.
        incident: the one about it, if one is going on.
        series: the last hours of the number that matters most, if there is one.
    """

    name: str
    title: str
    kind: str
    now: datetime
    results: tuple[Result, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    incident: Incident | None = None
    series: Series | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Due:
    """A checklist and when it comes up next."""

    checklist: str
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A channel that messages cannot be brought to: how many wait, and what Slack said."""

    channel: str
    waiting: int
    error: str


@dataclass(frozen=True, slots=True)
class Loss:
    """A message that was given up: nobody will read it.

    Args:
        id: of its row in the outbox.
        reason: what it was to tell; `opened`, `digest`, `evidence` …
        about: `#12`, `CHECKLIST@SLOT` or `notice`, as `rounds why` understands it.
        channel: where it was to stand.
        error: why, in Slack's words.
    """

    id: int
    reason: str
    about: str
    channel: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """What is wrong now, what waits for a person, and what comes next.

    Args:
        places: where the messages of the incidents stand, by number.
        troubles: channels that cannot be posted to; nobody would read of it there.
        losses: messages of late that were given up, the newest first.
        reader: whose App Home it is; what is theirs stands first.
    """

    incidents: tuple[Incident, ...] = ()
    waiting: tuple[Run, ...] = ()
    upcoming: tuple[Due, ...] = ()
    checks: int = 0
    checklists: int = 0
    now: datetime | None = None
    timezone: str = "UTC"
    places: Mapping[int, Place] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    losses: tuple[Loss, ...] = ()
    reader: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something that Rounds says of itself. Its first line is the headline."""

    text: str
    at: datetime
    timezone: str = "UTC"
    detour: Detour | None = None


View = RunView | IncidentView | StatusView | NoticeView


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to post.

    Args:
        key: travels in the message's metadata, so that an uncertain send can be found again.
        channel: `#name` or an id.
        reason: what it tells of the view; `opened`, `escalated`, `digest`, `evidence` …
        entry: the timeline line that a reply tells.
        maybe_repeated: an earlier attempt may have arrived where we may not look or post; the message says so.
    """

    key: str
    channel: str
    reason: str
    view: View
    entry: Entry | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    maybe_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where a message stands."""

    channel_id: str
    ts: str


class NotDelivered(Exception):
    """It surely does not stand in Slack. `retry_after`: how long Slack asked us to wait, if it did."""

    def __init__(self, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PerhapsDelivered(Exception):
    """The answer got lost: it may stand in Slack. It must be looked for before it is sent again."""


class ChannelUnusable(Exception):
    """This channel cannot be posted to; another one can."""


class Undeliverable(Exception):
    """Slack will never take this message in this form."""


class CannotLookUp(Exception):
    """We may not read this channel, so nobody can tell whether an uncertain message arrived."""


class MessageGone(Exception):
    """The message to be redrawn does not exist any more."""
