"""Whether an archive is sound: read to its end, checksums and all, in constant memory and bounded time."""

from __future__ import annotations

import lzma
import tarfile
import time
import zlib
from dataclasses import dataclass
from typing import IO, Literal

from checks._contract import CouldNotCheck
from checks._packed import GZIP, Foreign, start_of, unpacked

_CHUNK = 1 << 20
_END_OF_TAR = bytes(1024)


class _OutOfTime(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading it showed: `complete` if the end was reached, `damage` if something is wrong."""

    read: int
    complete: bool = True
    damage: str | None = None


class _Watched:
    """A file that is read while there is time, and remembers its last bytes."""

    def __init__(self, file: IO[bytes], until: float) -> None:
        self._file, self._until = file, until
        self.count = 0
        self.tail = b""

    def read(self, size: int = _CHUNK) -> bytes:
        if time.monotonic() > self._until:
            raise _OutOfTime
        found = self._file.read(size)
        self.count += len(found)
        self.tail = (self.tail + found)[-1024:]
        return found


def verify(path: str, how: Literal["gzip", "tar"], *, until: float) -> Verdict:
    """Read the archive; `until` is in `time.monotonic()` seconds.

    Raises:
        CouldNotCheck: it is a sort of archive that we cannot read.
        OSError: it cannot be opened.
    """
    with open(path, "rb") as raw:
        if not start_of(raw):
            return Verdict(0, damage="it is empty")
        try:
            content = unpacked(raw)
        except Foreign as packing:
            if how == "gzip":
                return Verdict(0, damage="it is not a gzip file")
            raise CouldNotCheck(
                f"cannot read {packing}, in which {path} is packed; leave out `verify`, or let the job itself verify"
            ) from None
        if how == "gzip" and not start_of(raw).startswith(GZIP):
            return Verdict(0, damage="it is not a gzip file")
        file = _Watched(content or raw, until)
        try:
            damage = _tar(file) if how == "tar" else None
            while file.read():
                pass
        except _OutOfTime:
            return Verdict(raw.tell(), complete=False)
        except EOFError:
            return Verdict(raw.tell(), damage="it ends in the middle")
        except (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, ValueError) as error:
            return Verdict(raw.tell(), damage=str(error))
        if how == "gzip":
            damage = None if file.count else "it holds nothing"
        elif not damage and file.tail != _END_OF_TAR:
            damage = "it lacks the end of the archive"
        return Verdict(raw.tell(), damage=damage)


def _tar(file: _Watched) -> str | None:
    """Read every member; what is wrong, if anything."""
    with tarfile.open(fileobj=file, mode="r|") as archive:  # type: ignore[call-overload]
        count = 0
        for _ in archive:
            count += 1
            archive.members.clear()
    return None if count else "it holds no file"
