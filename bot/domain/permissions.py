"""Who may do what. Reading is for everybody; acting is for full members of the home team; roles restrict further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.near import listed, quoted
from bot.domain.people import Person


class May(StrEnum):
    """What a person can be allowed to do."""

    READ = "read"
    RUN = "run"
    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    TICK = "tick"
    LOG = "log"


EVERYBODY = frozenset((May.READ, May.RUN, May.ACKNOWLEDGE, May.TICK, May.LOG))
"""What every full member may do once roles are configured; without roles they may do everything."""

_VERB = {
    May.READ: "read this",
    May.RUN: "run checks",
    May.ACKNOWLEDGE: "acknowledge",
    May.ESCALATE: "escalate",
    May.SNOOZE: "snooze",
    May.RESOLVE: "resolve incidents",
    May.TICK: "tick items",
    May.LOG: "write into the log",
}


_ASKED = 4
"""People and groups that a refusal names."""


@dataclass(frozen=True, slots=True)
class Role:
    """`who` (targets such as `user:ann` and `usergroup:sre`) may do these things."""

    name: str
    who: tuple[str, ...]
    may: frozenset[May]


@dataclass(frozen=True, slots=True)
class Roles:
    """The configured roles, and what everybody may do besides."""

    roles: tuple[Role, ...] = ()
    everybody: frozenset[May] = field(default_factory=lambda: frozenset(May))

    def targets(self) -> frozenset[str]:
        """Whom the roles name."""
        return frozenset(target for role in self.roles for target in role.who)


def why_not(
    may: May, person: Person, roles: Roles, *, home: str | None, members: Mapping[str, frozenset[str]]
) -> str | None:
    """Why this person may not do that, as a sentence for them; `None` if they may.

    Args:
        home: the team that Rounds belongs to; `None` while Slack has not said.
        members: the people's ids behind each target of the roles.
    """
    own = [role for role in roles.roles if any(person.id in members.get(target, ()) for target in role.who)]
    if any(may in role.may for role in own):
        return None
    stranger = home is not None and person.team is not None and person.team != home
    if stranger or person.bot or person.deleted:
        return "Only people of the workspace that Rounds belongs to may do that. Ask somebody who works here."
    if person.guest and may is not May.READ:
        return f"Guests may not {_VERB[may]}. Ask a full member, or have a role under `roles:` name you."
    if may in roles.everybody:
        return None
    able = [role for role in roles.roles if may in role.may]
    if not able:
        return f"You may not {_VERB[may]}: no role may (`roles:` in the configuration)."
    whom = [f"@{quoted(target.partition(':')[2])[1:-1]}" for role in able for target in role.who]
    names = listed([role.name for role in able], last="and")
    ask = f"Ask {listed(dict.fromkeys(whom), last='or', most=_ASKED)}; " if whom else ""
    return f"You may not {_VERB[may]}: that is for {names}. {ask}`roles:` in the configuration says so."
