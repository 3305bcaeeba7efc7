"""Files: asked for, uploaded, completed, and only some time later known for what they are."""

import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.json_types import Json

LARGEST = 20 << 20
"""Bytes per file here. Slack takes a gigabyte; this is memory."""
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif"})
"""What an image block may show, and what the page may show in place."""


def kind_of(name: str, content: bytes) -> str:
    """The mimetype, from the first bytes rather than from the name."""
    for start, kind in _MAGIC:
        if content.startswith(start):
            return kind
    guessed = mimetypes.guess_type(name)[0] or ""
    # A name alone does not make a picture.
    return guessed if guessed and not guessed.startswith("image/") else "text/plain"


@dataclass
class File:
    """`content` is None until it is uploaded; `mimetype` is empty until Slack has looked at it."""

    id: str
    name: str
    title: str
    alt: str
    user: str
    created: int
    content: bytes | None = None
    completed: bool = False
    mimetype: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)


class Files:
    def __init__(self, *, team: str, user: str, clock: Clock, origin: Callable[[], str]) -> None:
        self._team = team
        self._user = user
        self._clock = clock
        self._count = 0
        self.origin = origin
        self.all: dict[str, File] = {}

    def clear(self) -> None:
        self.all.clear()

    def request(self, *, name: str, alt: str = "", user: str = "") -> File:
        """Its upload address is /upload/v1/{id}. `user` is who uploads it, the bot if nobody is named."""
        self._count += 1
        file = File(f"F{self._count:09d}", name, name, alt, user or self._user, int(self._clock.now()))
        self.all[file.id] = file
        return file

    def own(self, user: str, file_id: Any) -> File | None:
        """A whole file of that person."""
        file = self.all.get(file_id) if isinstance(file_id, str) else None
        return file if file is not None and file.user == user and file.completed else None

    def recognise(self, file: File) -> None:
        file.mimetype = kind_of(file.name, file.content or b"")

    def address(self, file: File) -> str:
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", file.name) or "file"
        return f"{self.origin()}/files-pri/{self._team}-{file.id}/{safe}"

    def find(self, reference: Json) -> File | None:
        """By what a `slack_file` says: id, or url (private address or permalink)."""
        if isinstance(reference.get("id"), str):
            return self.all.get(reference["id"])
        url = reference.get("url")
        return next((file for file in self.all.values() if url in (self.address(file), self.permalink(file))), None)

    def ready(self, reference: Json) -> bool:
        """Whether an image block may show it already."""
        file = self.find(reference)
        return file is not None and file.completed and file.mimetype in IMAGES

    def shown(self, told: Any) -> Any:
        """The same JSON with an address in every `slack_file`, for the page, which has no token to ask for it."""
        if isinstance(told, list):
            return [self.shown(one) for one in told]
        if not isinstance(told, dict):
            return told
        copied = {name: self.shown(one) for name, one in told.items()}
        reference = copied.get("slack_file")
        if isinstance(reference, dict) and (file := self.find(reference)) is not None:
            copied["slack_file"] = reference | {"url": self.address(file)}
        return copied

    def permalink(self, file: File) -> str:
        return f"{self.origin()}/files/{file.user}/{file.id}"

    def web(self, file: File) -> Json:
        """As files.info answers."""
        address = self.address(file)
        shares: Json = {channel: [{"ts": ts} for ts in stamps] for channel, stamps in file.shares.items()}
        told: Json = {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "filetype": file.mimetype.rpartition("/")[2],
            "user": file.user,
            "size": len(file.content or b""),
            "mode": "hosted",
            "is_external": False,
            "is_public": bool(shares),
            "url_private": address,
            "url_private_download": address,
            "permalink": self.permalink(file),
            "channels": list(shares),
            "groups": [],
            "ims": [],
            "shares": {"public": shares} if shares else {},
        }
        if file.alt:
            told["alt_txt"] = file.alt
        return told
