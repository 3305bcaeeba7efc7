"""Whom a configuration can name: `user:ben`, `usergroup:sre`."""

from __future__ import annotations

import re

from bot.domain.near import did_you_mean

LONGEST = 80

_TARGET = re.compile(r"(user|usergroup):\S.*")


def bad_target(target: str) -> str | None:
    """What is wrong with a target; `None` if nothing is."""
    if len(target) > LONGEST:
        return f"is too long; expected at most {LONGEST} characters"
    if _TARGET.fullmatch(target):
        return None
    sort, colon, name = target.partition(":")
    near = did_you_mean(sort, ("user", "usergroup")) if colon and name else ""
    return f"{target!r:.80} is nobody{near}; expected user:NAME or usergroup:HANDLE"
