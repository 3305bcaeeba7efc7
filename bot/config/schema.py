"""The configuration file as types. What is not named here is refused, with a suggestion."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.domain.durations import parse_duration
from bot.domain.permissions import May
from bot.domain.runs import Overdue, Post, Wanted


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a duration; write 30s, 15m, 2h or 1d")  # noqa: TRY004 - pydantic's way
    return parse_duration(value)


def _count_or_duration(value: object) -> int | timedelta:
    if isinstance(value, bool) or (isinstance(value, int) and value < 1):
        raise ValueError("must be at least 1 result, or a duration such as 15m")
    return value if isinstance(value, int) else _duration(value)


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "examples": ["30s", "15m", "2h", "1d"]}),
]
CountOrDuration = Annotated[
    int | timedelta,
    BeforeValidator(_count_or_duration),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}], "examples": [2, "15m"]}),
]
RuleText = Annotated[
    str | bool | None, WithJsonSchema({"type": ["string", "boolean"], "examples": ["used_percent > 90", "off"]})
]


MOST_OF_A_CHANNEL = 100
"""Characters; Slack allows 80."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Envelope(_Part):
    """What every check may have around the parameters of its kind."""

    title: str | None = Field(None, description="How people call it; its name if not given.", max_length=150)
    every: Duration | None = Field(None, description="Its own rhythm, at least 5s; without it, checklists run it.")
    timeout: Duration = Field(timedelta(seconds=10), description="After this long a look is given up.")
    info: RuleText = Field(None, description="A rule; `off` removes the kind's own.")
    warning: RuleText = Field(None, description="A rule; `off` removes the kind's own.")
    critical: RuleText = Field(None, description="A rule; `off` removes the kind's own.")
    open_after: CountOrDuration = Field(2, description="Results in a row, or a time, until an incident opens.")
    close_after: CountOrDuration = Field(2, description="Results in a row, or a time, until it recovers.")
    escalation: str | None = Field(
        None, description="Name of an escalation policy; the only one if there is one. `off`: nobody."
    )
    channel: str | None = Field(
        None, description="Where its incidents go; the top-level channel if not given.", max_length=MOST_OF_A_CHANNEL
    )
    labels: dict[str, str] = Field(default_factory=dict, description="Words to find it by, such as `team: shop`.")


class ItemModel(_Part):
    """An item that is not just a check's name: a manual step, or the beginning of a section."""

    section: str | None = Field(None, description="The items below belong to this section.", max_length=150)
    manual: str | None = Field(None, description="What a person does.", max_length=1000)
    id: str | None = Field(
        None,
        description="Its name, of letters, digits, dots, dashes and underscores, 80 at most; else made from the text.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$",
    )
    check: str | None = Field(None, description="A check's name.")
    link: str | None = Field(None, description="Where a person does it.", pattern=r"^https?://[^\s<>|]+$")
    how: str | None = Field(
        None, description="How a person does it; at a check, what a person does when it is not well.", max_length=2000
    )
    owner: str | None = Field(
        None, description="Who does it, as `user:NAME` or `usergroup:HANDLE`; manual items only.", max_length=80
    )
    evidence: Wanted = Field(
        Wanted.NONE, description="What a tick has to bring: none, note, link or file; manual items only."
    )


class ChecklistModel(_Part):
    """What is looked at together."""

    title: str | None = Field(None, description="Its headline.", max_length=120)
    schedule: str | None = Field(None, description="When, in words: `weekdays at 09:00`.")
    cron: str | None = Field(None, description="When, as five cron fields.")
    every: Duration | None = Field(None, description="When, as a rhythm: `6h`.")
    at_start: bool = Field(False, description="Also each time Rounds starts.")
    timezone: str | None = Field(None, description="IANA zone of its times; the top-level one if not given.")
    channel: str | None = Field(
        None, description="Where its digest goes; the top-level channel if not given.", max_length=MOST_OF_A_CHANNEL
    )
    except_: str | list[str] = Field(
        default_factory=list,
        alias="except",
        description="Days without a run: dates such as 2026-12-25, or an iCalendar file beside this one.",
    )
    due_in: Duration | None = Field(None, description="How long people have for the manual items.")
    overdue: Overdue = Field(Overdue.REMIND, description="What follows then: remind, or escalate.")
    escalation: str | None = Field(
        None, description="The policy of its overdue runs; the only one if there is one. `off`: nobody."
    )
    post: Post = Field(Post.ALWAYS, description="When its digest is posted: always, on changes, on problems.")
    items: list[str | ItemModel] = Field(description="Checks, manual steps and sections.", min_length=1, max_length=500)


class StepModel(_Part):
    """A step of an escalation policy."""

    after: Duration = Field(description="How long after the opening.")
    notify: list[str] = Field(description="`user:NAME` or `usergroup:HANDLE`.", min_length=1)


class SeverityModel(_Part):
    """What a severity means to people."""

    acknowledge_within: Duration = Field(description="How soon somebody must have an incident of this severity.")


class SeveritiesModel(_Part):
    """The severities an incident can have."""

    critical: SeverityModel | None = Field(None, description="Something is broken.")
    warning: SeverityModel | None = Field(None, description="Something is about to be.")
    info: SeverityModel | None = Field(None, description="Opens no incident in this version.")


class RoleModel(_Part):
    """Who may do what. Without roles, full members of the workspace may do everything, and guests may read."""

    who: list[str] = Field(
        default_factory=list,
        description="`user:NAME` or `usergroup:HANDLE`; not for the role `everybody`. A guest needs a role to act.",
    )
    may: list[May] = Field(
        description="read, run, acknowledge, escalate, snooze, resolve, tick, log.",
    )


class FileModel(_Part):
    """The whole file."""

    include: list[str] = Field(
        default_factory=list,
        description="More files, as paths or globs relative to this one.",
    )

    timezone: str | None = Field(
        None,
        description="IANA zone of all times; the machine's if not given. In Slack, people read and write times in "
        "their own zone; notifications, which are the same for everybody, name this one.",
    )
    channel: str = Field(
        description="The channel of record, `#name` or an id.", min_length=2, max_length=MOST_OF_A_CHANNEL
    )
    people: dict[str, str] = Field(default_factory=dict, description="Names to Slack user ids or e-mail addresses.")
    checks: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Checks by name.")
    checklists: dict[str, ChecklistModel] = Field(default_factory=dict, description="Checklists by name.")
    severities: SeveritiesModel = Field(default_factory=SeveritiesModel, description="How soon somebody must react.")
    roles: dict[str, RoleModel] = Field(
        default_factory=dict,
        description="Who may do what, by role; the role `everybody` says what needs none: "
        "read, run, acknowledge, tick and log if not given.",
    )
    escalations: dict[str, list[StepModel]] = Field(default_factory=dict, description="Escalation policies by name.")
