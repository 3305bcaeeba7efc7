"""Whom a configuration can name: `user:ben`, `usergroup:sre`."""

from __future__ import annotations

import re

_TARGET = re.compile(r"(user|usergroup):\S.*")


def bad_target(target: str) -> str | None:
    """What is wrong with a target; `None` if nothing is."""
    if _TARGET.fullmatch(target):
        return None
    return f"{target!r} is nobody; expected user:NAME or usergroup:HANDLE"
