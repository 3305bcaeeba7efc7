"""Names that are known in the tests of the language, and what a command means where they are."""

from __future__ import annotations

from bot.domain.naming import Vocabulary
from commands.grammar import Misunderstood, Said, named, parse, worth_saying

KNOWN = Vocabulary(
    checklists={"morning": "Morning <round>", "month-end": "Month’s end"},
    checks={"cache": "The cache", "cachet": "Cachet", "api": "API"},
    incidents={"cache": "The cache"},
    items={"plants": "Water the plants"},
    done={"fish": "Feed the fish"},
    people={"ben": "user:ben", "sre": "usergroup:sre"},
)


def understood(text: str, **where: int) -> Said:
    """What a command means where these names are known."""
    try:
        said = parse(text, **where)
    except Misunderstood as error:
        raise worth_saying(error, KNOWN) from None
    return named(said, KNOWN)


def plainly(said: Said) -> tuple:
    return (said.verb, said.target, said.to, said.rest)
