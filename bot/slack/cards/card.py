"""What a card is, and how it names people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.incidents import Incident
from bot.domain.notifications import Place
from bot.slack.parts import TEXT, Block, cut, link, named

_USER_ID = re.compile(r"[UW][A-Z0-9]{1,20}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,20}")
_DIRECT = re.compile(r"[DUW][A-Z0-9]{1,20}")
_GROUP_ID = re.compile(r"S[A-Z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Card:
    """A message: blocks for the eye, and a complete text for screen readers, phones and notifications."""

    text: str
    blocks: Sequence[Block]

    @property
    def message(self) -> dict[str, Any]:
        """As arguments of the Web API."""
        return {"text": cut(self.text, TEXT), "blocks": list(self.blocks)}


class Names(Protocol):
    """Knows how Slack mentions whom the configuration names."""

    def mention(self, target: str) -> str:
        """`user:ben` as `<@U2>`; a name that Slack does not know as words that say so."""

    def address(self, place: Place) -> str | None:
        """The web address of a message; `None` while Slack has not said where it lives."""


class PlainNames:
    """Mentions nobody; for a terminal and for tests."""

    def mention(self, target: str) -> str:
        """The name itself."""
        return "@" + named(target.partition(":")[2])

    def address(self, place: Place) -> str | None:
        """There is no page."""
        del place
        return None


class Readers:
    """Names on a card that one person reads: people are shown as Slack shows them, and nobody is called.

    Args:
        names: knows people, groups and the addresses of messages.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def mention(self, target: str) -> str:
        """Slack's own form, which calls nobody where only one person reads it: a name and an id of the same person or
        group look the same. A name that Slack does not know stands as it is."""
        if (known := self._names.mention(target)).startswith("<"):
            return known
        kind, _, name = target.partition(":")
        if kind == "usergroup" and _GROUP_ID.fullmatch(name):
            return f"<!subteam^{name}>"
        return person(name) if kind == "user" and _USER_ID.fullmatch(name) else PlainNames().mention(target)

    def address(self, place: Place) -> str | None:
        """The web address of a message."""
        return self._names.address(place)


def channel_named(channel: str) -> str:
    """A channel in a sentence. By its id, Slack shows the name to those who may know it, and to nobody else."""
    if _CHANNEL_ID.fullmatch(channel):
        return f"<#{channel}>"
    return "a direct message" if _DIRECT.fullmatch(channel) else named(channel)


def numbered(incident: Incident, places: Mapping[int, Place], names: Names) -> str:
    """`#12`, as a link to its message where that stands already."""
    place = places.get(incident.id)
    url = names.address(place) if place is not None else None
    return link(url, f"#{incident.id}") if url is not None else f"#{incident.id}"


def mentions(targets: Iterable[str], names: Names) -> str:
    """Each of them once, however often and by whatever name or id they are meant."""
    return " ".join(dict.fromkeys(names.mention(target) for target in targets))


def is_group_id(what: str) -> bool:
    """Whether that is Slack's id of a user group, and no name."""
    return _GROUP_ID.fullmatch(what) is not None


def is_user_id(who: str) -> bool:
    """Whether that is Slack's id of somebody, and no name."""
    return _USER_ID.fullmatch(who) is not None


def person(who: str | None) -> str:
    """Somebody who did something: a Slack user as a mention, anybody else by name."""
    if who is None:
        return "Rounds"
    return f"<@{who}>" if _USER_ID.fullmatch(who) else named(who)
