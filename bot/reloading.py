"""A running Rounds reads its configuration anew: on SIGHUP, and when a file changes.

A configuration with mistakes is not used: the old one goes on, and the channel of record hears why.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from bot.config.configuration import Configuration
from bot.config.differences import differences
from bot.config.document import UNSET
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.domain.masking import Masker

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often the files are looked at. A file counts as changed when it has been still for one such pause."""

SHOWN = 20
"""Mistakes that a message lists."""

_AS_STARTED = (
    "A running Rounds has the variables that it was started with: set them and restart it, or use `file:/path`, "
    "which is read anew."
)

Signature = dict[Path, tuple[int, int, int]]


def signature(places: Iterable[Path]) -> Signature:
    """Changes when a file does, is replaced, appears or goes; and when that happens to one in a folder."""
    found: Signature = {}
    for place in places:
        try:
            stat = os.stat(place)
        except (OSError, ValueError):  # a name with a zero byte is a `ValueError`
            found[place] = (0, 0, 0)
        else:
            found[place] = (stat.st_ino, stat.st_mtime_ns, 0 if S_ISDIR(stat.st_mode) else stat.st_size)
    return found


class Reloader:
    """Watches, reads, and hands over.

    Args:
        current: the configuration in use.
        use: takes a new one into use, with the sentences about what changed.
        complain: says in the channel of record why a new one cannot be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        current: Callable[[], Configuration],
        use: Callable[[Configuration, str], Awaitable[None]],
        complain: Callable[[str], Awaitable[None]],
    ) -> None:
        self._path = path
        self._current = current
        self._use = use
        self._complain = complain
        self._complained = ""
        """What was said about mistakes that are still there."""
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read it now (SIGHUP)."""
        self._asked.set()

    async def watch(self) -> None:
        """Until cancelled."""
        seen = signature(self._current().places)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._asked.wait()
            asked, now = self._asked.is_set(), signature(seen)
            self._asked.clear()
            if not asked:
                if now == seen:
                    continue
                # Somebody may be in the middle of writing.
                await asyncio.sleep(LOOK_S)
                if signature(seen) != now:
                    continue
            try:
                places = await self.read(asked=asked)
            except Exception:
                log.exception("could not read the configuration anew; the next change or SIGHUP is another try")
                places = {*self._current().places, *seen}
            # What changed after we had looked is a change still to be read.
            seen = {place: now.get(place, stat) for place, stat in signature(places).items()}

    async def read(self, *, asked: bool) -> set[Path]:
        """Read the configuration, and use it if it has no mistakes. Where a change may make another one of it."""
        try:
            new = await asyncio.to_thread(load, self._path, environment=os.environ)
        except ConfigError as error:
            await self._refuse([str(problem) for problem in error.problems], asked=asked)
            # A repair may be made in a file that only the refused one reads, or by what only the old one did.
            return {*self._current().places, *error.places}
        changes = differences(self._current(), new)
        if changes:
            # The log masks what the old one calls secret; the new one's secrets count from now on.
            masker = Masker([*self._current().secrets, *new.secrets])
            log.info("read the configuration anew: %s", masker.mask("; ".join(changes)))
            notice = "The configuration was read anew.\n" + "\n".join(changes)
        else:
            log.info("read the configuration anew; nothing changed")
            notice = "The configuration was read anew; nothing has changed." if asked else ""
            if self._complained:
                notice = "The configuration has no mistakes any more, and means what it meant before them."
        self._complained = ""
        await self._use(new, notice)
        return set(new.places)

    async def _refuse(self, problems: list[str], *, asked: bool) -> None:
        lines = ["The new configuration cannot be used; the old one goes on.", *problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"… and {len(problems) - SHOWN} more")
        if any(UNSET in problem for problem in problems):
            lines.append(_AS_STARTED)
        text = "\n".join(lines)
        log.warning("%s", text)
        if asked or text != self._complained:
            self._complained = text
            await self._complain(text)
