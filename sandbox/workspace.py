"""The store: people, groups, conversations and messages. Every change is told to the feed."""

import copy
from collections import Counter
from collections.abc import Callable

from sandbox.channel import Channel
from sandbox.clock import Clock
from sandbox.json_types import Json
from sandbox.message import Author, Message
from sandbox.people import Person, UserGroup
from sandbox.seed import Seed, SeedChannel

TOASTS = 100
"""Notices kept; the oldest go first."""


class Workspace:
    """In memory, changed only from the event loop, so no locks."""

    def __init__(self, seed: Seed, clock: Clock, tell: Callable[[Json], None]) -> None:
        self.seed = seed
        self.clock = clock
        self._tell = tell
        self._ids: Counter[str] = Counter()
        self._toast_count = 0
        self.fill()

    def fill(self) -> None:
        """Back to the seed."""
        seed = self.seed
        self.people: dict[str, Person] = {person.id: copy.deepcopy(person) for person in seed.people}
        self.bot = Person(
            seed.bot_user, seed.bot_name, seed.bot_name.title(), tz="Etc/UTC", color="#6b7280", is_bot=True
        )
        self.groups: dict[str, UserGroup] = {group.id: copy.deepcopy(group) for group in seed.usergroups}
        self.channels: dict[str, Channel] = {}
        self.toasts: list[Json] = []
        for given in seed.channels:
            self._seeded(given)
        for person in seed.people:
            self.direct(person.id)

    def _seeded(self, given: SeedChannel) -> None:
        members = list(given.members if given.members is not None else self.people)
        if given.bot and self.seed.bot_user not in members:
            members.append(self.seed.bot_user)
        self.channels[given.id] = Channel(
            id=given.id,
            name=given.name,
            is_private=given.is_private,
            is_archived=given.is_archived,
            topic=given.topic,
            creator=members[0] if members else "",
            created=int(self.clock.now()),
            members=members,
        )

    def new_id(self, prefix: str) -> str:
        """The next free id: C4, F1, V1 …"""
        while True:
            self._ids[prefix] += 1
            found = f"{prefix}{self._ids[prefix]}"
            if found not in self.channels and found not in self.people and found not in self.groups:
                return found

    @property
    def bot_author(self) -> Author:
        seed = self.seed
        return Author(seed.bot_user, seed.team, bot_id=seed.bot_id, app_id=seed.app_id, name=self.bot.name)

    def person(self, user: str) -> Person | None:
        """A member, the bot user included."""
        return self.bot if user == self.bot.id else self.people.get(user)

    def direct(self, user: str) -> Channel:
        """The direct messages between that person and the bot; made when first asked for."""
        for channel in self.channels.values():
            if channel.is_im and channel.user == user:
                return channel
        made = Channel(
            id="D" + user.lstrip("UW"),
            name=self.people[user].name,
            is_im=True,
            user=user,
            created=int(self.clock.now()),
            members=[user, self.bot.id],
        )
        self.channels[made.id] = made
        self.told(made)
        return made

    def named(self, name: str) -> Channel | None:
        """By name, with or without #."""
        bare = name.removeprefix("#")
        return next((channel for channel in self.channels.values() if not channel.is_im and channel.name == bare), None)

    def sees(self, user: str, channel: Channel) -> bool:
        """Whether that person may open the conversation: guests only those they are in."""
        person = self.people.get(user)
        guest = person is not None and person.is_restricted
        return user in channel.members or (channel.kind == "public_channel" and not guest)

    # Messages

    def post(self, channel: Channel, message: Message) -> None:
        channel.add(message)
        if message.ephemeral_for is None:
            channel.read[message.author.user] = message.ts
        self._tell({"type": "message", "channel": channel.id, "message": message.state()})
        parent = channel.messages.get(message.thread_ts or "")
        if parent is not None and message.is_reply:
            self.changed(channel, parent)

    def changed(self, channel: Channel, message: Message) -> None:
        self._tell({"type": "message", "channel": channel.id, "message": message.state()})

    def delete(self, channel: Channel, message: Message) -> None:
        """A thread keeps a tombstone in the place of its first message."""
        if message.replies:
            message.subtype, message.text = "tombstone", "This message was deleted."
            message.blocks, message.attachments, message.files, message.metadata = [], [], [], None
            message.reactions = {}
            self.changed(channel, message)
            return
        channel.remove(message)
        self._tell({"type": "message_deleted", "channel": channel.id, "ts": message.ts})
        parent = channel.messages.get(message.thread_ts or "")
        if parent is not None:
            self.changed(channel, parent)

    # Channels and notices

    def told(self, channel: Channel) -> None:
        self._tell({"type": "channel", "channel": channel.state(bot=self.bot.id)})

    def toast(self, user: str, text: str) -> None:
        """A notice that one person sees for a moment, as Slack shows when an app does not answer."""
        self._toast_count += 1
        toast = {"n": self._toast_count, "for": user, "text": text, "at": self.clock.now()}
        self.toasts = [*self.toasts[-TOASTS + 1 :], toast]
        self._tell({"type": "toast", "toast": toast})

    def state(self, *, online: bool) -> Json:
        """Everything but views: see docs/sandbox.md."""
        seed = self.seed
        return {
            "workspace": {"id": seed.team, "name": seed.team_name, "domain": seed.domain},
            "bot": {
                "user_id": seed.bot_user,
                "bot_id": seed.bot_id,
                "app_id": seed.app_id,
                "name": self.bot.name,
                "online": online,
                "home_tab": seed.manifest.home_tab,
                "messages_tab": seed.manifest.messages_tab,
                "messages_open": seed.manifest.messages_open,
            },
            "people": [person.state() for person in self.people.values()],
            "usergroups": [group.state() for group in self.groups.values() if not group.disabled],
            "commands": [command.state() for command in seed.manifest.commands],
            "shortcuts": [shortcut.state() for shortcut in seed.manifest.shortcuts],
            "channels": [
                channel.state(bot=self.bot.id)
                | {"messages": [message.state() for message in channel.messages.values()]}
                for channel in self.channels.values()
            ],
            "toasts": list(self.toasts),
        }
