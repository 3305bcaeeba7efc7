"""What the kernel tells in the small files of /proc and /sys: read anew each time, in as few calls as there can be."""

from __future__ import annotations

import os

_AT_ONCE = 65_536


def told(path: str, most: int | None = None) -> bytes:
    """The whole of such a file; with `most`, so many bytes of it at most, in one call.

    Raises:
        OSError: it is not there, or not for us.
    """
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if most is not None:
            return os.read(opened, most)
        parts = []
        while part := os.read(opened, _AT_ONCE):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(opened)
