"""Whom a configuration can name: `user:ben`, `usergroup:sre`."""

from __future__ import annotations

import re

from bot.domain.near import did_you_mean

LONGEST = 80

_JOINED = re.compile(r"(\S+) - (\S.*)", re.DOTALL)


def joined(entry: str) -> str | None:
    """What to do about two entries of a list that are one to YAML; `None` if it does not look so."""
    if (both := _JOINED.fullmatch(entry)) is None:
        return None
    first, rest = both[1], both[2].split(" - ")[0]
    return f"; is `- {rest:.60}` indented further than `- {first:.60}` above it? then YAML joins them to one"


_TARGET = re.compile(r"(user|usergroup):\S.*")


def bad_target(target: str) -> str | None:
    """What is wrong with a target; `None` if nothing is."""
    if (sentence := joined(target)) is not None:
        return f"{target!r:.120} is nobody{sentence}"
    if len(target) > LONGEST:
        return f"is too long; expected at most {LONGEST} characters"
    if _TARGET.fullmatch(target):
        return None
    sort, colon, name = target.partition(":")
    near = did_you_mean(sort, ("user", "usergroup")) if colon and name else ""
    return f"{target!r:.80} is nobody{near}; expected user:NAME or usergroup:HANDLE"
