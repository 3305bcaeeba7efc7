"""Something said to us, and where."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.desk import Asked
from bot.slack.cards import Names, PlainNames

PLAIN = PlainNames()


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something said to us.

    Args:
        text: as Slack sends it.
        asked: who said it, how, and the key that makes a repeat harmless.
        channel: where, and where the messages of runs go that it asks for.
        thread_ts: the message in whose thread it was said.
        incident: the incident whose thread that is.
        names: knows where messages stand, so that an answer can lead there.
    """

    text: str
    asked: Asked
    channel: str
    thread_ts: str | None = None
    incident: int | None = None
    names: Names = PLAIN
