"""A test's view of the sandbox: what stands there, and what people do there. Waiting is always for something."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from tests.e2e.processes import START_S, Sandbox, Serve

T = TypeVar("T")
Json = dict[str, Any]

LOOK_EVERY_S = 0.1
PATIENCE_S = 30.0
"""How long something may take that takes a moment on an idle machine."""


@dataclass(frozen=True)
class Said:
    """A message as it stands."""

    channel: str
    raw: Json

    @property
    def ts(self) -> str:
        return str(self.raw["ts"])

    @property
    def at(self) -> float:
        """When it was posted."""
        return float(self.ts)

    @property
    def opened(self) -> int:
        """When its incident opened, to the second: from there steps count, however late the card came."""
        found = re.search(r"opened <!date\^(\d+)\^", self.everything)
        assert found is not None, self.everything
        return int(found[1])

    @property
    def text(self) -> str:
        return str(self.raw.get("text") or "")

    @property
    def thread_ts(self) -> str | None:
        thread = self.raw.get("thread_ts")
        return str(thread) if thread and thread != self.ts else None

    @property
    def by_rounds(self) -> bool:
        return self.raw.get("bot_id") == "B0BOT"

    @property
    def only_for(self) -> str | None:
        return self.raw.get("ephemeral_for")

    @property
    def broadcast(self) -> bool:
        return self.raw.get("subtype") == "thread_broadcast"

    @property
    def key(self) -> str | None:
        """The outbox key that it carries."""
        metadata = self.raw.get("metadata") or {}
        return (metadata.get("event_payload") or {}).get("key")

    @property
    def everything(self) -> str:
        """All that can be read on it."""
        return "\n".join((self.text, *texts(self.raw.get("blocks"))))

    def shows(self, *parts: str) -> bool:
        return all(part in self.everything for part in parts)

    def button(self, action: str) -> Json:
        """How to press a button of that action, as an argument of a click."""
        return pressed(self.raw.get("blocks"), action) | {"channel": self.channel, "ts": self.ts}

    def has_button(self, action: str) -> bool:
        return any(element["action_id"] == action for element in elements(self.raw.get("blocks")))


def texts(part: Any) -> Iterator[str]:
    """Every text in blocks."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(part, list):
        for each in part:
            yield from texts(each)


def elements(blocks: Any) -> Iterator[Json]:
    """Every element that can be pressed."""
    for block in blocks or []:
        inside = [*(block.get("elements") or []), block.get("accessory") or {}]
        yield from (element for element in inside if element.get("action_id"))


def pressed(blocks: Any, action: str) -> Json:
    """The one element of that action. Without its block's id, which is another one each time the card is redrawn."""
    (element,) = [element for element in elements(blocks) if element["action_id"] == action]
    return {"action_id": action, "value": element.get("value")}


class State:
    """The workspace at one moment."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self.messages = [Said(c["id"], m) for c in raw["channels"] for m in c["messages"]]

    @property
    def online(self) -> bool:
        return bool(self.raw["bot"]["online"])

    def roots(self, channel: str, *parts: str) -> list[Said]:
        """Rounds' own messages in a channel that are no replies and show all of this."""
        return [
            m
            for m in self.messages
            if m.channel == channel and m.by_rounds and not m.only_for and m.thread_ts is None and m.shows(*parts)
        ]

    def the(self, channel: str, *parts: str) -> Said | None:
        """The root message that shows all of this; `None` if there is none, and an error if there are two."""
        found = self.roots(channel, *parts)
        assert len(found) <= 1, f"{len(found)} messages in {channel} show {parts}: {[m.text for m in found]}"
        return found[0] if found else None

    def replies(self, root: Said, *parts: str) -> list[Said]:
        """What Rounds answered in a thread, that shows all of this."""
        return [
            m
            for m in self.messages
            if m.channel == root.channel
            and m.thread_ts == root.ts
            and m.by_rounds
            and not m.only_for
            and m.shows(*parts)
        ]

    def told(self, who: str, channel: str, *parts: str) -> list[Said]:
        """What only that person was told there."""
        return [m for m in self.messages if m.only_for == who and m.channel == channel and m.shows(*parts)]

    def home(self, who: str) -> str:
        """All that can be read on somebody's App Home."""
        return "\n".join(texts((self.raw["homes"].get(who) or {}).get("blocks")))

    def doubled(self) -> dict[str, int]:
        """Outbox keys that stand more than once."""
        keys = [m.key for m in self.messages if m.key is not None]
        return {key: keys.count(key) for key in keys if keys.count(key) > 1}

    def __str__(self) -> str:
        lines = [
            f"{m.channel} {'  ' if m.thread_ts else ''}{m.only_for or ''} {m.key}: {m.text}" for m in self.messages
        ]
        return "\n".join(lines)


@dataclass
class Workspace:
    """The sandbox, as a test reaches it, and the Rounds that serves it."""

    sandbox: Sandbox
    serve: Serve
    http: aiohttp.ClientSession

    async def look(self, what: str = "state") -> Json:
        """`GET /_control/…`"""
        async with self.http.get(f"{self.sandbox.url}_control/{what}") as answer:
            assert answer.status == 200, await answer.text()
            found: Json = await answer.json()
            return found

    async def state(self) -> State:
        return State(await self.look())

    async def act(self, what: str, **body: Any) -> Json:
        """`POST /_control/…`; `as_` stands for `as`."""
        body = {name.rstrip("_"): value for name, value in body.items()}
        headers = {"X-Sandbox-Token": self.sandbox.token}
        async with self.http.post(f"{self.sandbox.url}_control/{what}", json=body, headers=headers) as answer:
            assert answer.status == 200, f"{what} {body}: {await answer.text()}"
            found: Json = await answer.json()
            return found

    async def click(self, who: str, button: Json) -> Json:
        """Press a button, which Rounds must acknowledge in time."""
        answer = await self.act("click", as_=who, **button)
        assert answer["acked"], answer
        return answer

    async def command(self, who: str, channel: str, text: str) -> None:
        """`/rounds …`, which Rounds must acknowledge in time."""
        answer = await self.act("command", as_=who, channel=channel, command="/rounds", text=text)
        assert answer["acked"], answer

    async def ask(self, who: str, channel: str, text: str) -> str:
        """`/rounds …`, and the one answer that only that person sees."""
        before = {m.ts for m in (await self.state()).told(who, channel)}
        await self.command(who, channel, text)

        def answered(state: State) -> list[Said]:
            return [m for m in state.told(who, channel) if m.ts not in before and m.text != "One moment …"]

        (answer,) = await self.until(answered, f"an answer to /rounds {text}")
        return answer.everything

    async def call(self, method: str, **arguments: Any) -> Json:
        """A Web API call with the bot's own token, as an administrator's script could make it."""
        headers = {"Authorization": f"Bearer {self.sandbox.bot_token}"}
        async with self.http.post(f"{self.sandbox.api}{method}", json=arguments, headers=headers) as answer:
            found: Json = await answer.json()
            assert found["ok"], found
            return found

    async def until(self, condition: Callable[[State], T], what: str, *, within: float = PATIENCE_S) -> T:
        """Wait until the workspace is so; returns what the condition found."""
        end = time.monotonic() + within
        while True:
            state = await self.state()
            if found := condition(state):
                return found
            assert self.serve.process.poll() is None, f"Rounds has ended. Its log:\n{self.serve.said}"
            if time.monotonic() > end:
                raise AssertionError(f"no {what} within {within:g} s. {self._both(state)}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def never(self, condition: Callable[[State], object], what: str, *, until: float) -> None:
        """Watch until that moment (seconds since 1970) that the workspace is never so."""
        while time.time() < until:
            state = await self.state()
            assert not condition(state), f"{what}. {self._both(state)}"
            await asyncio.sleep(LOOK_EVERY_S)

    def _both(self, state: State) -> str:
        return f"Slack shows:\n{state}\nRounds' log:\n{self.serve.said}"

    async def connected(self) -> None:
        """Wait until Rounds hears this workspace."""
        await self.until(lambda state: state.online, "connection of Rounds", within=START_S)
