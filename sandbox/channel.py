"""One conversation: a public or private channel, or the direct messages between a person and the bot."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.json_types import Json
from sandbox.message import Message


@dataclass
class Channel:
    """`members` are user ids, the bot's included if it is in. `user` is the other side of a direct message."""

    id: str
    name: str
    is_private: bool = False
    is_im: bool = False
    is_archived: bool = False
    user: str = ""
    topic: str = ""
    purpose: str = ""
    creator: str = ""
    created: int = 0
    members: list[str] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    bookmarks: dict[str, Json] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """As in `types` of conversations.list."""
        if self.is_im:
            return "im"
        return "private_channel" if self.is_private else "public_channel"

    @property
    def event_type(self) -> str:
        """As `channel_type` in events: channel, group, im."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    @property
    def spoken_name(self) -> str:
        """As `channel_name` in slash commands and interactions."""
        if self.is_im:
            return "directmessage"
        return "privategroup" if self.is_private else self.name

    def add(self, message: Message) -> None:
        self.messages[message.ts] = message
        if message.is_reply and message.thread_ts in self.messages:
            parent = self.messages[message.thread_ts]
            parent.replies.append(message)
            message.parent_user = parent.author.user

    def remove(self, message: Message) -> None:
        self.messages.pop(message.ts, None)
        parent = self.messages.get(message.thread_ts or "")
        if parent is not None and message in parent.replies:
            parent.replies.remove(message)

    def visible(self) -> Iterator[Message]:
        """What the Web API may tell: everything but ephemeral messages, oldest first."""
        return (message for message in self.messages.values() if message.ephemeral_for is None)

    def find(self, ts: str) -> Message | None:
        """A message the Web API may tell."""
        message = self.messages.get(ts)
        return message if message is not None and message.ephemeral_for is None else None

    def web(self, *, bot: str) -> Json:
        """As conversations.info answers."""
        told: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.is_im,
            "is_mpim": False,
            "is_org_shared": False,
            "is_private": self.is_private or self.is_im,
        }
        if self.is_im:
            return told | {"user": self.user, "is_user_deleted": False, "priority": 0}
        return told | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_member": bot in self.members,
            "creator": self.creator,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
            "previous_names": [],
            "num_members": len(self.members),
        }

    def state(self, *, bot: str) -> Json:
        """As the page wants it, without messages."""
        return {
            "id": self.id,
            "name": self.name,
            "is_private": self.is_private,
            "is_im": self.is_im,
            "is_archived": self.is_archived,
            "is_member": bot in self.members,
            "user": self.user,
            "topic": self.topic,
            "members": list(self.members),
            "read": dict(self.read),
            "bookmarks": list(self.bookmarks.values()),
        }
