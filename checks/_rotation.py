"""Which part of a log was written since the last look, whatever was rotated (and compressed) meanwhile."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from checks._contract import CouldNotCheck
from checks._packed import DAMAGED, Foreign, read_at, unpacked

HEAD = 1024
_MOST_NAMES = 10_000
_ROTATED = re.compile(r"([.-]\d[\w.:-]*?)(?:\.(?:gz|bz2|xz|zst|lz4))?")


@dataclass(slots=True)
class Part:
    """A stretch of an open file."""

    file: IO[bytes]
    start: int
    end: int


@dataclass(slots=True)
class Stretch:
    """What there is to read, the oldest part first; the last part is the log itself.

    Args:
        lost: what was written before is gone.
        unread: rotated logs that belong to it, packed in a way that we cannot undo.
        off_s: how long before the last write its last time stamp lies, if that looks like another zone's.
    """

    parts: list[Part]
    first_look: bool = False
    lost: bool = False
    unread: tuple[str, ...] = ()
    off_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotated log; `file` is what it holds, `None` if it is packed in a way that we cannot undo."""

    path: str
    file: IO[bytes] | None
    found: os.stat_result
    packed: bool

    @property
    def size(self) -> int:
        """Bytes to read, at most: what a packed file holds is not known before."""
        return sys.maxsize if self.packed else self.found.st_size


def opened(path: str, files: ExitStack) -> tuple[IO[bytes], os.stat_result]:
    """The log, open, and what the system says of it.

    Raises:
        ValueError: it is no regular file; opening such a thing may hang, so it is not opened.
        OSError: it cannot be opened.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("is not a regular file")
    file = files.enter_context(open(path, "rb", buffering=0))  # noqa: SIM115  `files` closes it
    return file, os.fstat(file.fileno())


def since_last_look(path: str, memory: Mapping[str, Any], files: ExitStack) -> Stretch:
    """What was appended since `memory` was written; at the first look: nothing, unless there was no log before.

    A log is the same if its inode and its beginning are. Renamed, copied away (logrotate's `copytruncate`) or packed,
    its rest is read from where it went, and what was rotated after it, too.
    """
    file, found = opened(path, files)
    whole = Part(file, 0, found.st_size)
    if not memory or memory.get("log", path) != path:
        return Stretch([Part(file, found.st_size, found.st_size)], first_look=True)
    if "offset" not in memory:
        return Stretch([whole])
    offset = int(memory["offset"])
    if found.st_ino == memory["inode"] and found.st_size >= offset and _same_head(file, memory):
        return Stretch([Part(file, offset, found.st_size)])
    older = sorted(_rotated(path, found, files, memory.get("path")), key=lambda old: old.found.st_mtime_ns)
    moved = [place for place, old in enumerate(older) if old.found.st_ino == memory["inode"]]
    moved += [place for place, old in enumerate(older) if memory["head_bytes"] and _same_head(old.file, memory)]
    for place in moved:
        rest = older[place]
        if rest.file is not None and rest.size >= offset and _same_head(rest.file, memory):
            later = [Part(old.file, 0, old.size) for old in older[place + 1 :] if old.file is not None]
            unread = tuple(old.path for old in older[place + 1 :] if old.file is None)
            return Stretch([Part(rest.file, offset, rest.size), *later, whole], unread=unread)
    return Stretch([whole], lost=True)


def missing(path: str, memory: Mapping[str, Any]) -> dict[str, Any]:
    """What to write into the memory where there is no log: when it appears, all of it is new."""
    return dict(memory) if memory.get("log", path) == path and "offset" in memory else {"log": path}


def remembered(path: str, part: Part, offset: int) -> dict[str, Any]:
    """What to write into the memory after reading up to `offset`."""
    size = min(offset, HEAD)
    return {
        "log": path,
        "path": os.path.realpath(path),
        "inode": os.fstat(part.file.fileno()).st_ino,
        "offset": offset,
        "head_bytes": size,
        "head": _head(part.file, size),
    }


def rotated(path: str, files: ExitStack) -> list[Rotated]:
    """The rotated logs beside the log, the newest first."""
    return sorted(_rotated(path, os.stat(path), files), key=lambda old: old.found.st_mtime_ns, reverse=True)


def _rotated(path: str, log: os.stat_result, files: ExitStack, before: str | None = None) -> Iterator[Rotated]:
    """Logs with a rotated name beside it; and `before`, what the name of the log led to at the last look."""
    seen = {(log.st_dev, log.st_ino)}
    for names in [[before] if before else [], *_names(path).values()]:
        # While a log is being packed it is there twice: the packed one, which is not whole yet, comes last.
        for name in sorted(names, key=len):
            if (old := _open_rotated(name, files)) is not None:
                if (old.found.st_dev, old.found.st_ino) not in seen:
                    seen.add((old.found.st_dev, old.found.st_ino))
                    yield old
                break


def _names(path: str) -> Mapping[str, list[str]]:
    """The names of rotated logs beside it, by what they are called unpacked."""
    folder, name = os.path.split(path)
    names: dict[str, list[str]] = {}
    with os.scandir(folder or "/") as entries:
        for entry in islice(entries, _MOST_NAMES):
            if entry.name.startswith(name) and (found := _ROTATED.fullmatch(entry.name, len(name))) is not None:
                names.setdefault(found[1], []).append(entry.path)
    return names


def _open_rotated(path: str, files: ExitStack) -> Rotated | None:
    try:
        file, found = opened(path, files)
    except (ValueError, FileNotFoundError):
        return None
    except PermissionError as error:
        raise CouldNotCheck(f"may not read {path}; give our user the right to") from error
    try:
        content = unpacked(file)
    except Foreign:
        return Rotated(path, None, found, packed=True)
    return Rotated(path, content or file, found, packed=content is not None)


def _same_head(file: IO[bytes] | None, memory: Mapping[str, Any]) -> bool:
    try:
        return file is not None and _head(file, int(memory["head_bytes"])) == memory["head"]
    except DAMAGED:
        return False


def _head(file: IO[bytes], size: int) -> str:
    start = bytearray(size)
    return hashlib.sha256(start[: read_at(file, memoryview(start), 0)]).hexdigest()
