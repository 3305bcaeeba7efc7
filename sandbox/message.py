"""One message, as the Web API tells it and as the page draws it."""

from dataclasses import dataclass, field

from sandbox.block_kit.elements import all_blocks
from sandbox.json_types import Json


@dataclass(frozen=True)
class Author:
    """Who writes. `bot_id` and `app_id` only for the bot."""

    user: str
    team: str
    bot_id: str = ""
    app_id: str = ""
    name: str = ""

    def web(self) -> Json:
        told: Json = {"user": self.user, "team": self.team}
        if self.bot_id:
            told |= {"bot_id": self.bot_id, "app_id": self.app_id}
            told["bot_profile"] = {
                "id": self.bot_id,
                "app_id": self.app_id,
                "name": self.name,
                "team_id": self.team,
                "deleted": False,
            }
        return told


@dataclass
class Message:
    """`ephemeral_for` is the one person who sees it; the Web API never returns such a message. `filled` is what people
    have chosen in its selects: user → block id → action id → value."""

    ts: str
    author: Author
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    parent_user: str | None = None
    subtype: str | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    ephemeral_for: str | None = None
    client_msg_id: str | None = None
    replies: list["Message"] = field(default_factory=list)
    filled: dict[str, dict[str, dict[str, Json]]] = field(default_factory=dict)
    updated: int = 0

    @property
    def all_blocks(self) -> list[Json]:
        """Its own blocks, then those of its attachments: what people can click on and fill."""
        inside = [block for attachment in self.attachments for block in attachment.get("blocks") or []]
        return [*self.blocks, *inside]

    def attachment_of(self, block: Json) -> int | None:
        """The number of the attachment that holds this block, from 1; None for a block of the message itself."""
        for attachment in self.attachments:
            if any(block is one for one in all_blocks(attachment.get("blocks") or [])):
                return int(attachment["id"])
        return None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def in_channel(self) -> bool:
        """Whether conversations.history shows it: no reply, or a reply that was also sent to the channel."""
        return not self.is_reply or self.subtype == "thread_broadcast"

    def web(self, *, metadata: bool) -> Json:
        """As the Web API tells it. Metadata is only told to those who ask."""
        told: Json = {"type": "message", "ts": self.ts, "text": self.text, **self.author.web()}
        optional: Json = {
            "subtype": self.subtype,
            "client_msg_id": self.client_msg_id,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "files": self.files,
            "edited": self.edited,
            "thread_ts": self.thread_ts,
            "parent_user_id": self.parent_user if self.is_reply else None,
            "metadata": self.metadata if metadata else None,
            "reactions": [
                {"name": name, "count": len(users), "users": list(users)} for name, users in self.reactions.items()
            ],
        }
        told |= {name: value for name, value in optional.items() if value}
        seen = [reply for reply in self.replies if reply.ephemeral_for is None]
        if seen and not self.is_reply:
            users = list(dict.fromkeys(reply.author.user for reply in seen))
            told |= {
                "thread_ts": self.ts,
                "reply_count": len(seen),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": seen[-1].ts,
                "subscribed": False,
                "is_locked": False,
            }
        return told

    def state(self) -> Json:
        """As the page wants it: everything."""
        told = self.web(metadata=True) | {"updated": self.updated, "blocks": self.blocks}
        if self.ephemeral_for:
            told["ephemeral_for"] = self.ephemeral_for
        if self.pinned:
            told["pinned"] = True
        return told
