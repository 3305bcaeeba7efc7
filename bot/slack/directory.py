"""Who and where: names of the configuration as Slack's ids, remembered, refreshed, and kept up to date by events."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.notifications import Place
from bot.domain.people import Person, UserGroup
from bot.slack.parts import escape
from bot.slack.people import group_of, person_of

log = logging.getLogger(__name__)

FRESH_S = 600.0
"""How long a list is good; `users.list` and `conversations.list` have about 20 calls a minute."""

AGAIN_S = 5.0
"""How long to leave a list alone that Slack has just refused: every message asks for its people."""

PATIENCE_S = 60.0
"""How long an incident waits for Slack to tell us its people; then it is better told with a name that calls nobody."""

PERSON_S = 3.0
"""How long somebody who has pressed a button waits for Slack to say who they are."""

_PASSING = frozenset(("", "fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"))
"""Refusals that may be over soon; any other one stays, such as that of a workspace without user groups."""

PAGE = 200
PAGES = 100

_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,20}")
_LOST = (aiohttp.ClientError, OSError, TimeoutError)


class Roster(Protocol):
    """Keeps what Slack has told us over a restart."""

    async def load(self) -> tuple[list[Person], list[UserGroup]]:
        """Everybody and every group as Slack told us last."""

    async def learn(self, people: Collection[Person], groups: Collection[UserGroup], *, whole: bool) -> None:
        """These are new or have changed. `whole`: there are no other groups any more."""


class Directory:
    """Slack's people, user groups and channels by name.

    Args:
        people: the configuration's `people:`: names to Slack ids or e-mail addresses.
        roster: where they are kept; without one, nothing is known after a restart until Slack answers.
    """

    def __init__(
        self, client: AsyncWebClient, people: Callable[[], Mapping[str, str]], roster: Roster | None = None
    ) -> None:
        self._client = client
        self._people = people
        self._roster = roster
        self._persons: dict[str, Person] = {}
        self._ids: dict[str, str] = {}
        self._groups: dict[str, UserGroup] = {}
        self.home: str | None = None
        """The team that Rounds belongs to; `None` while Slack has not said."""
        self.site: str | None = None
        """Where the workspace's pages are, with a slash at the end."""
        self._channels: dict[str, str] = {}
        self._read_at: dict[str, float] = {}
        self._refused_at: dict[str, float] = {}
        self._refused_since: dict[str, float] = {}
        self._told: set[str] = set()
        self._reading = {what: asyncio.Lock() for what in ("users", "usergroups", "channels")}

    @property
    def channels_known(self) -> bool:
        """Whether Slack has told us its channels, or that it never will: only then is "no such channel" true."""
        return "channels" in self._told

    async def recall(self) -> None:
        """What Slack told us before the last restart is better than nothing."""
        if self._roster is not None:
            people, groups = await self._roster.load()
            self._meet(people)
            self._groups |= {group.id: group for group in groups}

    async def refresh(self) -> None:
        """Read everything anew where it is old; a list that Slack will not give us now is kept as it was."""
        await self.meet_people()
        await self._read_channels()

    async def meet_people(self) -> bool:
        """Learn whom a message can mention, where that is not known yet; else the first ones would call nobody.

        Returns whether they are known, as far as they ever will be.
        """
        await self._read("users", self._read_users)
        await self._read("usergroups", self._read_groups)
        return self._known("users") and self._known("usergroups")

    def _known(self, what: str) -> bool:
        since = self._refused_since.get(what)
        return what in self._told or (since is not None and time.monotonic() - since > PATIENCE_S)

    async def channel_id(self, channel: str) -> str | None:
        """The id of `#name`, or the id itself; `None` when Slack does not show us such a channel."""
        if _CHANNEL.fullmatch(channel):
            return channel
        if _USER.fullmatch(channel):
            return channel  # a direct message
        name = channel.removeprefix("#").casefold()
        if name not in self._channels:
            await self._read_channels()
        return self._channels.get(name)

    def mention(self, target: str) -> str:
        """`user:ben` or `usergroup:sre` as Slack notifies them; a stranger's name with a word of warning."""
        kind, _, name = target.partition(":")
        if kind == "usergroup":
            group = self._group(name)
            return f"<!subteam^{group.id}>" if group else f"@{escape(name)} (no such user group in Slack)"
        user = self._user(name)
        return f"<@{user}>" if user else f"@{escape(name)} (not found in Slack)"

    def address(self, place: Place) -> str | None:
        """The web address of a message; Slack documents its form with `chat.getPermalink`."""
        return f"{self.site}archives/{place.channel_id}/p{place.ts.replace('.', '')}" if self.site else None

    def _group(self, name: str) -> UserGroup | None:
        handle = name.casefold().removeprefix("@")
        return next((g for g in self._groups.values() if handle in (g.handle.casefold(), g.id.casefold())), None)

    def _user(self, name: str) -> str | None:
        known = self._people().get(name, name)
        return known if _USER.fullmatch(known) else self._ids.get(known.casefold().removeprefix("@"))

    def members(self, target: str) -> frozenset[str]:
        """The people's ids behind `user:ben` or `usergroup:sre`, as far as Slack has told us."""
        kind, _, name = target.partition(":")
        if kind == "usergroup":
            group = self._group(name)
            return group.members if group else frozenset()
        user = self._user(name)
        return frozenset((user,)) if user else frozenset()

    async def person(self, user: str) -> Person | None:
        """Who that is; asked of Slack where we have not met them, as with strangers from shared channels.

        `None` where Slack does not say.
        """
        if user not in self._persons:
            try:
                async with asyncio.timeout(PERSON_S):
                    answer: Any = await self._client.users_info(user=user)
            except (SlackApiError, *_LOST) as error:
                log.info("Slack does not tell us who %s is: %s", user, error)
                return None
            if (found := person_of(answer.get("user"))) is None:
                return None
            await self.learn([found])
        return self._persons[user]

    async def learn(self, people: Collection[Person] = (), groups: Collection[UserGroup] = ()) -> None:
        """Slack has told us of these; from now on that is what we know."""
        self._meet(people)
        self._groups |= {group.id: group for group in groups}
        if self._roster is not None:
            await self._roster.learn(people, groups, whole=False)

    def forget_group(self, group: str) -> None:
        """Slack has switched it off; the next whole list takes it out of the roster."""
        self._groups.pop(group, None)

    def _meet(self, people: Iterable[Person]) -> None:
        self._persons |= {person.id: person for person in people}
        self._ids = {}
        for person in self._persons.values():
            if not person.deleted:
                for name in person.names:
                    self._ids.setdefault(name, person.id)

    def knows(self, target: str) -> bool | None:
        """Whether `user:ben` or `usergroup:sre` is somebody; `None` where Slack has not told us."""
        kind, _, name = target.partition(":")
        if ("usergroups" if kind == "usergroup" else "users") not in self._read_at:
            return None
        known = self._people().get(name, name)
        if kind == "user" and _USER.fullmatch(known):
            return known in self._persons and not self._persons[known].deleted
        return self.mention(target).startswith("<")

    async def _read(self, what: str, read: Callable[[], Awaitable[None]], *, fresh_s: float = FRESH_S) -> None:
        """Read a list where it is old. Whoever comes meanwhile waits for it, instead of knowing nothing."""
        async with self._reading[what]:
            now = time.monotonic()
            fresh = now - self._read_at.get(what, -FRESH_S) < fresh_s
            if fresh or now - self._refused_at.get(what, -AGAIN_S) < AGAIN_S:
                return
            try:
                await read()
            except SlackApiError as error:
                self._refused(what, error)
            except _LOST as error:
                log.warning("cannot read Slack's %s: %s", what, error)
            else:
                self._read_at[what] = now
                self._told.add(what)
                self._refused_since.pop(what, None)

    def _refused(self, what: str, error: SlackApiError) -> None:
        log.warning("Slack does not tell us its %s: %s", what, error)
        now = time.monotonic()
        self._refused_at[what] = now
        self._refused_since.setdefault(what, now)
        if str(error.response.get("error") or "") not in _PASSING:
            self._told.add(what)

    async def _read_users(self) -> None:
        people: list[Person] = []
        async for page in self._pages(self._client.users_list):
            people += [person for raw in page.get("members") or [] if (person := person_of(raw)) is not None]
        changed = [person for person in people if self._persons.get(person.id) != person]
        self._meet(people)
        if changed and self._roster is not None:
            await self._roster.learn(changed, (), whole=False)

    async def _read_groups(self) -> None:
        answer: Any = await self._client.usergroups_list(include_users=True)
        found = [group for raw in answer.get("usergroups") or [] if (group := group_of(raw)) is not None]
        groups = {group.id: group for group in found}
        if groups != self._groups and self._roster is not None:
            await self._roster.learn((), found, whole=True)
        self._groups = groups

    async def _read_channels(self) -> None:
        await self._read("channels", self._list_channels, fresh_s=10.0)

    async def _list_channels(self) -> None:
        channels: dict[str, str] = {}
        async for page in self._pages(
            lambda **given: self._client.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, **given
            )
        ):
            channels |= {str(c["name"]).casefold(): c["id"] for c in page.get("channels") or [] if c.get("name")}
        self._channels = channels

    async def _pages(self, call: Callable[..., Any]) -> AsyncIterator[Any]:
        cursor = ""
        for _ in range(PAGES):
            page = await call(limit=PAGE, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = ((page.get("response_metadata") or {}).get("next_cursor")) or ""
            if not cursor:
                return
