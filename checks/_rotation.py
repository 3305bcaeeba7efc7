"""Which part of a log was written since the last look, whatever was rotated meanwhile."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from checks._contract import CouldNotCheck

HEAD = 1024
_MOST_NAMES = 10_000
_ROTATED = re.compile(r"[.-]\d[\w.:-]*(?<!\.gz)(?<!\.bz2)(?<!\.xz)(?<!\.zst)")


@dataclass(slots=True)
class Part:
    """A stretch of an open file."""

    file: IO[bytes]
    start: int
    end: int


@dataclass(slots=True)
class Stretch:
    """What there is to read, the oldest part first; the last part is the log itself. `lost`: a part is gone."""

    parts: list[Part]
    first_look: bool = False
    lost: bool = False


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
    """What was appended since `memory` was written; at the first look: nothing.

    A log is the same if its inode and its beginning are. Renamed or copied away (logrotate's `copytruncate`), its rest
    is read from where it went, and what was rotated after it, too.
    """
    file, found = opened(path, files)
    whole = Part(file, 0, found.st_size)
    if not memory:
        return Stretch([Part(file, found.st_size, found.st_size)], first_look=True)
    offset = int(memory["offset"])
    if found.st_ino == memory["inode"] and found.st_size >= offset and _same_head(file, memory):
        return Stretch([Part(file, offset, found.st_size)])
    older = sorted(_rotated(path, found, files, memory.get("path")), key=lambda pair: pair[1].st_mtime_ns)
    moved = [place for place, (_, old) in enumerate(older) if old.st_ino == memory["inode"]]
    moved += [place for place, (old, _) in enumerate(older) if _same_head(old, memory)]
    for place in moved:
        rest, size = older[place][0], older[place][1].st_size
        if size >= offset and _same_head(rest, memory):
            later = [Part(file, 0, found.st_size) for file, found in older[place + 1 :]]
            return Stretch([Part(rest, offset, size), *later, whole])
    return Stretch([whole], lost=True)


def remembered(path: str, part: Part, offset: int) -> dict[str, Any]:
    """What to write into the memory after reading up to `offset`."""
    size = min(offset, HEAD)
    return {
        "path": os.path.realpath(path),
        "inode": os.fstat(part.file.fileno()).st_ino,
        "offset": offset,
        "head_bytes": size,
        "head": _head(part.file, size),
    }


def rotated(path: str, files: ExitStack) -> list[tuple[IO[bytes], os.stat_result]]:
    """The rotated logs beside the log that are not compressed, the newest first."""
    found = os.stat(path)
    return sorted(_rotated(path, found, files), key=lambda pair: pair[1].st_mtime_ns, reverse=True)


def _rotated(
    path: str, log: os.stat_result, files: ExitStack, before: str | None = None
) -> Iterator[tuple[IO[bytes], os.stat_result]]:
    """Logs with a rotated name beside it; and `before`, what the name of the log led to at the last look."""
    names = [before] if before else []
    folder, name = os.path.split(path)
    with os.scandir(folder or "/") as entries:
        for entry in islice(entries, _MOST_NAMES):
            if entry.name.startswith(name) and _ROTATED.fullmatch(entry.name, len(name)):
                names.append(entry.path)
    seen = {(log.st_dev, log.st_ino)}
    for candidate in names:
        try:
            file, found = opened(candidate, files)
        except (ValueError, FileNotFoundError):
            continue
        except PermissionError as error:
            raise CouldNotCheck(f"may not read {candidate}; give our user the right to") from error
        if (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            yield file, found


def _same_head(file: IO[bytes], memory: Mapping[str, Any]) -> bool:
    return bool(_head(file, int(memory["head_bytes"])) == memory["head"])


def _head(file: IO[bytes], size: int) -> str:
    return hashlib.sha256(os.pread(file.fileno(), size, 0)).hexdigest()
