"""Who and where: names of the configuration as Slack's ids, remembered and refreshed."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.parts import escape

log = logging.getLogger(__name__)

FRESH_S = 600.0
"""How long a list is good; `users.list` and `conversations.list` have about 20 calls a minute."""

PAGE = 200
PAGES = 100

_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,20}")
_PROBLEMS = (SlackApiError, OSError, TimeoutError)


class Directory:
    """Slack's people, user groups and channels by name.

    Args:
        people: the configuration's `people:`: names to Slack ids or e-mail addresses.
    """

    def __init__(self, client: AsyncWebClient, people: Callable[[], Mapping[str, str]]) -> None:
        self._client = client
        self._people = people
        self._users: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._channels: dict[str, str] = {}
        self._read_at: dict[str, float] = {}
        self.channels_known = False
        """Whether Slack has told us its channels, or that it never will: only then is "no such channel" true."""

    async def refresh(self) -> None:
        """Read everything anew where it is old; a list that Slack will not give us now is kept as it was."""
        await self._read_users()
        await self._read_groups()
        await self._read_channels()

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
            group = self._groups.get(name.casefold().removeprefix("@"))
            return f"<!subteam^{group}>" if group else f"@{escape(name)} (no such user group in Slack)"
        known = self._people().get(name, name)
        user = known if _USER.fullmatch(known) else self._users.get(known.casefold().removeprefix("@"))
        return f"<@{user}>" if user else f"@{escape(name)} (not found in Slack)"

    async def _read_users(self) -> None:
        if self._is_fresh("users"):
            return
        users: dict[str, str] = {}
        try:
            async for page in self._pages(self._client.users_list):
                for user in page.get("members") or []:
                    if user.get("deleted"):
                        continue
                    profile = user.get("profile") or {}
                    names = (user.get("name"), profile.get("display_name"), user.get("real_name"), profile.get("email"))
                    for name in names:
                        if name:
                            users.setdefault(str(name).casefold(), user["id"])
        except _PROBLEMS as error:
            self._failed("users", error)
        else:
            self._users = users

    async def _read_groups(self) -> None:
        if self._is_fresh("usergroups"):
            return
        try:
            answer: Any = await self._client.usergroups_list()
        except _PROBLEMS as error:
            self._failed("usergroups", error)
        else:
            groups = answer.get("usergroups") or []
            self._groups = {str(group.get("handle", "")).casefold(): group["id"] for group in groups}

    async def _read_channels(self) -> None:
        if self._is_fresh("channels", seconds=10.0):
            return
        channels: dict[str, str] = {}
        try:
            async for page in self._pages(
                lambda **given: self._client.conversations_list(
                    types="public_channel,private_channel", exclude_archived=True, **given
                )
            ):
                channels |= {str(c["name"]).casefold(): c["id"] for c in page.get("channels") or [] if c.get("name")}
        except _PROBLEMS as error:
            self._failed("channels", error)
            self.channels_known |= isinstance(error, SlackApiError) and error.response.get("error") == "missing_scope"
        else:
            self._channels = channels
            self.channels_known = True

    async def _pages(self, call: Callable[..., Any]) -> AsyncIterator[Any]:
        cursor = ""
        for _ in range(PAGES):
            page = await call(limit=PAGE, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = ((page.get("response_metadata") or {}).get("next_cursor")) or ""
            if not cursor:
                return

    def _is_fresh(self, what: str, *, seconds: float = FRESH_S) -> bool:
        """Whether it was read a moment ago; marks it as read."""
        now = time.monotonic()
        if now - self._read_at.get(what, -FRESH_S) < seconds:
            return True
        self._read_at[what] = now
        return False

    def _failed(self, what: str, error: Exception) -> None:
        self._read_at.pop(what, None)
        log.warning("cannot read Slack's %s: %s", what, error)
