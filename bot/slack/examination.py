"""Asks Slack whether everything is there that Rounds will need: tokens, scopes, channels, people. Changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.diagnosis import Diagnosis, doubtful, fine, wrong
from bot.domain.durations import say
from bot.domain.near import did_you_mean, listed
from bot.slack.client import TIMEOUT_S
from bot.slack.directory import PAGE, PAGES, Directory

SKEW = timedelta(seconds=5)
"""A clock that differs by more shows wrong times; Slack itself refuses signed requests from five minutes on."""

_INSTALL = "copy it anew from api.slack.com/apps: OAuth & Permissions, Bot User OAuth Token"
_APP_TOKEN = "create one with the scope connections:write at api.slack.com/apps: Basic Information, App-Level Tokens"
_FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)


class Examination:
    """One look at a workspace.

    Args:
        scopes: those that the manifest asks for.
        now: the time of this machine.
    """

    def __init__(self, client: AsyncWebClient, *, scopes: Collection[str], now: Callable[[], datetime]) -> None:
        self._client = client
        self._scopes = scopes
        self._now = now
        self._granted: frozenset[str] | None = None

    async def bot_token(self) -> list[Diagnosis]:
        """Whether Slack accepts the bot token, with which scopes, and whether our clock is right."""
        asked = self._now()
        try:
            answer: Any = await self._client.auth_test()
        except _FAILURES as error:
            return [self._refused("SLACK_BOT_TOKEN", error, _INSTALL)]
        answered = self._now()
        headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        if not answer.get("bot_id"):
            return [wrong("slack", "SLACK_BOT_TOKEN belongs to a person, not to a bot", _INSTALL)]
        return [
            fine("slack", f"the bot token is accepted: @{answer.get('user')} in {answer.get('team')}"),
            self._scopes_of(headers.get("x-oauth-scopes")),
            *_clock(headers.get("date"), asked, answered),
        ]

    def _scopes_of(self, header: str | None) -> Diagnosis:
        if header is None:
            repair = "compare OAuth & Permissions with `rounds manifest`"
            return doubtful("scopes", "Slack does not say which scopes the bot token has", repair)
        granted = self._granted = frozenset(re.findall(r"[a-z_.:]+", header))
        if missing := [scope for scope in self._scopes if scope not in granted]:
            repair = "paste `rounds manifest` into the app's manifest at api.slack.com/apps, and install the app anew"
            return wrong("scopes", f"the bot token lacks {listed(missing)}", repair)
        return fine("scopes", f"all {len(self._scopes)} scopes of the manifest are granted")

    async def app_token(self, token: str) -> Diagnosis:
        """Whether a connection can be opened with the app-level token; none is."""
        try:
            await self._client.apps_connections_open(app_token=token)
        except _FAILURES as error:
            return self._refused("SLACK_APP_TOKEN", error, _APP_TOKEN)
        return fine("slack", "the app-level token is accepted, for Socket Mode")

    def _refused(self, name: str, error: Exception, repair: str) -> Diagnosis:
        if isinstance(error, SlackApiError) and (code := _code(error)):
            if code == "ratelimited":
                return doubtful("slack", "Slack asks us to slow down", "try again in a minute")
            return wrong("slack", f"Slack does not accept {name} ({code})", repair)
        what = f"Slack does not answer as it should at {self._client.base_url}: {_why(error)}"
        return wrong("slack", what, "look at the network and the proxy")

    async def channels(self, names: Iterable[str]) -> list[Diagnosis]:
        """Whether each channel is there, and the bot in it or able to join."""
        try:
            known = {str(one["id"]): one for one in await self._channels()}
        except _FAILURES as error:
            return [doubtful("channel", f"Slack does not tell its channels ({_code(error)})", "mend the above first")]
        by_name = {str(one.get("name", "")).casefold(): one for one in known.values()}
        return [self._channel(name, known, by_name) for name in dict.fromkeys(names)]

    def _channel(self, name: str, by_id: Mapping[str, Any], by_name: Mapping[str, Any]) -> Diagnosis:
        if re.fullmatch(r"[DUW][A-Z0-9]{2,20}", name):
            return fine("channel", f"{name} is a direct message")
        found = by_id.get(name) or by_name.get(name.removeprefix("#").casefold())
        if found is None:
            near = did_you_mean(name.removeprefix("#"), by_name)
            repair = "create it; if it is private, say `/invite @rounds` in it"
            return wrong("channel", f"{name} is not to be seen{near}", repair)
        if found.get("is_archived"):
            return wrong("channel", f"{name} is archived", "unarchive it, or name another one")
        if found.get("is_member"):
            return fine("channel", f"{name}: the bot is in it")
        if self._granted is None or "channels:join" in self._granted:
            return fine("channel", f"{name}: the bot will join it")
        return wrong("channel", f"{name}: the bot is not in it, and may not join", "say `/invite @rounds` in it")

    async def _channels(self) -> list[Any]:
        found: list[Any] = []
        cursor = ""
        for _ in range(PAGES):
            more: Any = {"cursor": cursor} if cursor else {}
            page: Any = await self._client.conversations_list(
                types="public_channel,private_channel", limit=PAGE, **more
            )
            found += page.get("channels") or []
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return found

    async def people(self, targets: Iterable[str], named: Mapping[str, str]) -> list[Diagnosis]:
        """Whether everybody whom the configuration names can be called."""
        directory = Directory(self._client, lambda: named)
        await directory.meet_people()
        return [
            self._unseen(target, named) or _person(target, directory.knows(target)) for target in dict.fromkeys(targets)
        ]

    def _unseen(self, target: str, named: Mapping[str, str]) -> Diagnosis | None:
        """What keeps us from looking somebody up, if a missing scope does."""
        sort, _, name = target.partition(":")
        needed = {"usergroups:read"} if sort == "usergroup" else {"users:read"}
        if "@" in named.get(name, name):
            needed.add("users:read.email")
        missing = sorted(needed - self._granted) if self._granted is not None else []
        if not missing:
            return None
        return doubtful("people", f"{target} cannot be looked up without {listed(missing)}", "mend the scopes first")


def _person(target: str, known: bool | None) -> Diagnosis:
    sort, _, name = target.partition(":")
    if known is None:
        return doubtful("people", f"{target}: Slack does not tell us its people now", "try again in a minute")
    if known:
        return fine("people", f"{target} is known")
    if sort == "usergroup":
        repair = "name a group by its handle, without @; groups need a paid plan"
        return wrong("people", f"{name} is no user group in Slack", repair)
    repair = "name somebody by user name, display name or e-mail address, or add them to `people:`"
    return wrong("people", f"{name} is not found in Slack", repair)


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    code = response.get("error") if response is not None and hasattr(response, "get") else ""
    return str(code or "")


def _clock(date: str | None, asked: datetime, answered: datetime) -> Iterator[Diagnosis]:
    """Our time against Slack's; the `Date` header has whole seconds, and the answer took a while."""
    try:
        there = parsedate_to_datetime(date or "")
    except ValueError:
        return
    behind, ahead = there - answered, asked - there - timedelta(seconds=1)
    skew = max(behind, ahead, timedelta())
    if skew <= SKEW:
        yield fine("clock", "this machine's clock agrees with Slack's")
        return
    direction = "ahead of" if ahead > behind else "behind"
    sentence = f"this machine's clock is {say(skew)} {direction} Slack's"
    repair = "let it be set by NTP (`timedatectl set-ntp true`)"
    yield (wrong if skew > timedelta(minutes=1) else doubtful)("clock", sentence, repair)


def _why(error: Exception) -> str:
    """What went wrong on the way, without a library's own words where the system has better ones."""
    if isinstance(error, TimeoutError):
        return f"nothing came within {TIMEOUT_S:g} s"
    if isinstance(error, aiohttp.ClientConnectorError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error).partition("\n")[0] or type(error).__name__
