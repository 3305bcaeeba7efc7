"""A running Rounds reads its configuration anew: on SIGHUP, and when a file changes.

A configuration with mistakes is not used: the old one goes on, and the channel of record hears why.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from bot.config.configuration import Configuration
from bot.config.differences import differences
from bot.config.load import load
from bot.config.problems import ConfigError
from bot.domain.masking import Masker

log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often the files are looked at. A file counts as changed when it has been still for one such pause."""

SHOWN = 20
"""Mistakes that a message lists."""

Signature = tuple[tuple[str, int, int], ...]


def signature(configuration: Configuration) -> Signature:
    """Changes when a file that was read does, or when one is added beside an included one."""
    places = {*configuration.files, *(file.parent for file in configuration.files[1:])}
    found: list[tuple[str, int, int]] = []
    for place in sorted(places):
        try:
            stat = os.stat(place)
        except OSError:
            found.append((str(place), 0, 0))
        else:
            found.append((str(place), stat.st_mtime_ns, 0 if place.is_dir() else stat.st_size))
    return tuple(found)


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
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read it now (SIGHUP)."""
        self._asked.set()

    async def watch(self) -> None:
        """Until cancelled."""
        seen = signature(self._current())
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._asked.wait()
            asked, now = self._asked.is_set(), signature(self._current())
            self._asked.clear()
            if not asked:
                if now == seen:
                    continue
                # Somebody may be in the middle of writing.
                await asyncio.sleep(LOOK_S)
                if signature(self._current()) != now:
                    continue
            await self.read(asked=asked)
            seen = signature(self._current())

    async def read(self, *, asked: bool) -> None:
        """Read the configuration, and use it if it has no mistakes."""
        try:
            new = await asyncio.to_thread(load, self._path, environment=os.environ)
        except ConfigError as error:
            problems = [str(problem) for problem in error.problems]
            rest = f"\n… and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
            text = "The new configuration cannot be used; the old one goes on.\n" + "\n".join(problems[:SHOWN]) + rest
            log.warning("the new configuration has %d mistakes; the old one goes on", len(problems))
            if asked or text != self._complained:
                self._complained = text
                await self._complain(text)
            return
        self._complained = ""
        changes = differences(self._current(), new)
        if not changes:
            log.info("read the configuration anew; nothing changed")
            await self._use(new, "The configuration was read anew; nothing has changed." if asked else "")
            return
        # The log masks what the old one calls secret; the new one's secrets count from now on.
        masker = Masker([*self._current().secrets, *new.secrets])
        log.info("read the configuration anew: %s", masker.mask("; ".join(changes)))
        await self._use(new, "The configuration was read anew.\n" + "\n".join(changes))
