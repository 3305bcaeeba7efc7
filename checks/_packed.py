"""Files that a program packed: which they are, and how they are read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable
from io import FileIO
from typing import IO, Any

GZIP = b"\x1f\x8b"
"""How what gzip packs begins."""

_UNPACK: dict[bytes, Callable[[IO[bytes]], Any]] = {
    GZIP: lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_FOREIGN = {b"\x28\xb5\x2f\xfd": "Zstandard", b"\x04\x22\x4d\x18": "LZ4"}
_LONGEST_MAGIC = 6

DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError)
"""What reading raises where a packed file is damaged."""


class Foreign(Exception):
    """A packing that Python's own library cannot undo; the text is its name."""


def start_of(file: IO[bytes]) -> bytes:
    """The bytes by which a packing is known."""
    return os.pread(file.fileno(), _LONGEST_MAGIC, 0)


def unpacked(file: IO[bytes]) -> IO[bytes] | None:
    """What is in a packed file, as a file; `None` if it is not packed. It is known by its beginning, not its name.

    Raises:
        Foreign: it is packed in a way that we cannot undo.
    """
    start = start_of(file)
    if name := next((name for magic, name in _FOREIGN.items() if start.startswith(magic)), None):
        raise Foreign(name)
    unpack = next((unpack for magic, unpack in _UNPACK.items() if start.startswith(magic)), None)
    return unpack(file) if unpack else None


def read_at(file: IO[bytes], into: memoryview, place: int) -> int:
    """Read from a place of a file, packed or not; the number of bytes read, 0 at the end."""
    if isinstance(file, FileIO):
        return os.preadv(file.fileno(), [into], place)
    if file.tell() != place and file.seek(place) != place:
        return 0
    return int(file.readinto(into))  # type: ignore[attr-defined]
