"""A person in Slack, as far as the commands can tell: what they type and press, and what they are answered.

The app is Bolt's own; the only thing that is not real is Slack: `Slack` is a small server that remembers what it heard.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

import commands
from bot.domain.durations import split_until
from bot.domain.naming import Vocabulary
from bot.domain.permissions import May
from bot.engine.desk import Started
from bot.slack.client import web_client
from bot.slack.ears import Ears
from tests.commands.slack_server import DIRECT, Slack

__all__ = [
    "ANN",
    "BEN",
    "CHANNEL",
    "DIRECT",
    "INCIDENT_TS",
    "Conversation",
    "RecordingDesk",
    "RememberedInbox",
    "Slack",
]

ANN = "U0ANN"
BEN = "U0BEN"
CHANNEL = "C0OPS"
INCIDENT_TS = "1772442000.000001"
"""Where the message of incident #12 stands."""


class Conversation:
    """One person who talks to one app."""

    def __init__(self, slack: Slack, desk: Any, *, patience_s: float = 3_600) -> None:
        self.slack = slack
        self._numbers = itertools.count(100)
        self.crew = commands.Crew(patience_s=patience_s)
        client = web_client("xoxb-test", base_url=f"{slack.base}api/")
        self.app = AsyncApp(client=client, process_before_response=True)
        self.inbox = RememberedInbox()
        self.ears = Ears(self.app, self.inbox, self.crew.start)
        commands.register(self.app, desk, self.crew, self.ears)

    async def hears(self, body: dict[str, Any]) -> BoltResponse:
        """What we answer to a payload, as it comes by Socket Mode."""
        if self.ears.begun(body):
            return BoltResponse(status=200)
        return await self.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))

    async def says(self, text: str, *, trigger: str = "1.2.a", url: str | None = "here") -> list[str]:
        """Type `/rounds …`; returns what was answered to it."""
        body = {
            "command": "/rounds",
            "text": text,
            "user_id": ANN,
            "channel_id": CHANNEL,
            "team_id": "T1",
            "trigger_id": trigger,
            "token": "x",
        }
        if url is not None:
            body["response_url"] = self.slack.response_url
        return await self._answered(body)

    async def presses(
        self, action_id: str, value: str, *, moment: str = "1.0", channel: str | None = CHANNEL
    ) -> list[str]:
        """Click a button; returns what was answered to it."""
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": moment}
        body: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": ANN, "team_id": "T1"},
            "team": {"id": "T1"},
            "trigger_id": "1.2.b",
            "actions": [action],
        }
        if channel is not None:
            body |= {"channel": {"id": channel}, "response_url": self.slack.response_url}
        return await self._answered(body)

    async def mentions(
        self, text: str, *, ts: str = "1772442100.000001", thread: str | None = None, bot: str = "UBOT"
    ) -> list[str]:
        """Mention the bot in the channel; returns what was answered."""
        event = {"type": "app_mention", "user": ANN, "text": f"<@{bot}> {text}", "ts": ts, "channel": CHANNEL}
        event |= {"thread_ts": thread} if thread else {}
        return await self.happens(event, event_id=f"Ev{next(self._numbers)}")

    async def writes(self, text: str, *, ts: str = "1772442100.000001", **more: Any) -> list[str]:
        """Write to the bot directly; returns what was answered."""
        event = {"type": "message", "channel_type": "im", "user": ANN, "text": text, "ts": ts, "channel": DIRECT}
        return await self.happens({**event, **more}, event_id=f"Ev{next(self._numbers)}")

    async def happens(self, event: dict[str, Any], *, event_id: str = "Ev1") -> list[str]:
        """Slack tells of an event."""
        me = {"user_id": "UBOT", "is_bot": True, "team_id": "T1"}
        body = {"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": event, "authorizations": [me]}
        return await self._answered(body)

    async def _answered(self, body: dict[str, Any]) -> list[str]:
        before = len(self.slack.heard)
        response = await self.hears(body)
        assert response.status == 200, "Slack got no acknowledgement"
        await self.crew.drain(60)
        return [body["text"] for _, body in self.slack.heard[before:] if "text" in body]

    async def opens(self, action: dict[str, Any]) -> dict[str, Any]:
        """Press a button or choose from a menu that opens a dialog; returns the dialog as it stands then."""
        body = {
            "type": "block_actions",
            "user": {"id": ANN, "team_id": "T1"},
            "team": {"id": "T1"},
            "trigger_id": "1.2.c",
            "channel": {"id": CHANNEL},
            "actions": [{"block_id": "b", "action_ts": "1.0", **action}],
        }
        return await self.dialog(body)

    async def dialog(self, body: dict[str, Any]) -> dict[str, Any]:
        """What a payload makes us show; the last view that Slack was given."""
        await self._answered(body)
        shown = [given["view"] for name, given in self.slack.heard if name in ("views.open", "views.update")]
        view = shown[-1]
        return json.loads(view) if isinstance(view, str) else view

    async def enters(self, view: dict[str, Any], *, turn: str = "1", **fields: Any) -> dict[str, Any]:
        """Submit a dialog with these fields, as Slack sends their elements; returns what Bolt answers."""
        state = {name: {name: element} for name, element in fields.items()}
        body = {
            "type": "view_submission",
            "user": {"id": ANN, "team_id": "T1"},
            "team": {"id": "T1"},
            "view": {**view, "id": "V1", "hash": turn, "state": {"values": state}},
        }
        response = await self.hears(body)
        assert response.status == 200
        await self.crew.drain(60)
        return json.loads(response.body) if response.body else {}


class RememberedInbox:
    """The port `Inbox` of Slack's ears: `kept` is what has had no effect yet."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, Any]] = {}
        self.known: set[str] = set()

    async def keep(self, key: str, event: Mapping[str, Any]) -> bool:
        if key in self.known:
            return False
        self.known.add(key)
        self.kept[key] = event
        return True

    async def done(self, key: str) -> None:
        self.kept.pop(key, None)

    async def pending(self, *, leave: Collection[str] = ()) -> list[tuple[str, Mapping[str, Any]]]:
        return [(key, event) for key, event in self.kept.items() if key not in leave]


class RecordingDesk:
    """A desk that writes down what it is asked; `failing` is what it does instead of an answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.failing: BaseException | None = None
        self.answer: Any = Started("a title")
        self.closed: asyncio.Event | None = None
        self.timezone = "UTC"
        self.known = Vocabulary(
            checklists={"morning": "Morning round"},
            checks={"cache": "The cache", "api": "The API"},
            incidents={"cache": "The cache"},
            items={"plants": "Water the plants"},
            done={"fish": "Feed the fish"},
            people={"ben": "user:ben"},
        )

    @staticmethod
    def heard(text: str) -> str:
        return text

    async def vocabulary(self) -> Vocabulary:
        return self.known

    async def admit(self, user: str, may: May) -> None:
        return None

    async def incident_at(self, channel: str, ts: str) -> int | None:
        return 12 if (channel, ts) == (CHANNEL, INCIDENT_TS) else None

    async def item(self, item_id: str, *, done: bool = False) -> tuple[int, str]:
        return 7, item_id

    async def zone_of(self, user: str) -> str:
        return self.timezone

    @staticmethod
    def now() -> datetime:
        return datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    async def today(self) -> date:
        return date(2026, 3, 2)

    async def end_of_quiet(self, words: str, _by: str) -> tuple[datetime, str]:
        return split_until(words, datetime(2026, 3, 2, 8, 0, tzinfo=UTC), ZoneInfo("UTC"))

    def __getattr__(self, name: str) -> Any:
        async def ask(*args: Any, **given: Any) -> Any:
            self.asked.append((name, args, given))
            if self.closed is not None:
                await self.closed.wait()
            if self.failing is not None:
                raise self.failing
            return self.answer

        return ask
