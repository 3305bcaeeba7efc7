"""One Web API call: who asks for what, and the questions nearly every method has."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sandbox.channel import Channel
from sandbox.json_types import Json
from sandbox.local_slack import LocalSlack
from sandbox.message import Message
from sandbox.people import Person
from sandbox.rates import T3
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.refusal import Refused
from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Call:
    slack: LocalSlack
    args: Arguments

    @property
    def workspace(self) -> Workspace:
        return self.slack.workspace

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.slack.seed.manifest.scopes

    def need_scope(self, *any_of: str) -> None:
        """One of them is enough."""
        if not any(scope in self.scopes for scope in any_of):
            raise Refused("missing_scope", needed=",".join(any_of), provided=",".join(self.scopes))

    def need_kind_scope(self, channel: Channel, verb: str) -> None:
        """channels:read, groups:read or im:read; the same with history."""
        area = {"public_channel": "channels", "private_channel": "groups", "im": "im"}[channel.kind]
        self.need_scope(f"{area}:{verb}")

    def channel(self, name: str = "channel") -> Channel:
        """The conversation of an argument. A private channel without the bot is as good as none."""
        channel = self.workspace.channels.get(self.args.need(name))
        if channel is None or (channel.kind != "public_channel" and self.workspace.bot.id not in channel.members):
            raise Refused("channel_not_found")
        return channel

    def joined(self, name: str = "channel") -> Channel:
        """The same, and the bot must be in it."""
        channel = self.channel(name)
        if self.workspace.bot.id not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def message(self, channel: Channel, name: str) -> Message:
        message = channel.find(self.args.need(name))
        if message is None or message.subtype == "tombstone":
            raise Refused("message_not_found")
        return message

    def person(self, name: str = "user") -> Person:
        person = self.workspace.person(self.args.need(name))
        if person is None:
            raise Refused("user_not_found")
        return person


Answer = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True)
class Method:
    """`scopes`: one of them is needed (none: no scope). `tier`: calls per minute, 0 for no limit. `token`: bot, app,
    or "" for methods that need none."""

    answer: Answer
    scopes: tuple[str, ...] = ()
    tier: int = T3
    token: str = "bot"
