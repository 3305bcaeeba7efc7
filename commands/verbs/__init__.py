"""What each verb does: asks the desk, and says what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.engine.desk import Desk
from bot.slack.cards import Card
from commands.grammar import Said
from commands.verbs import incidents, logbook, reading, rounds
from commands.verbs.spoken import Spoken

__all__ = ["DOES", "Spoken"]

Does = Callable[[Desk, Said, Spoken], Awaitable[Card]]

DOES: Mapping[str, Does] = {
    "status": reading.status,
    "show": reading.show,
    "report": reading.report,
    "oncall": reading.oncall,
    "help": reading.help_,
    "run": rounds.run,
    "tick": rounds.tick,
    "skip": rounds.skip,
    "untick": rounds.untick,
    "ack": incidents.ack,
    "unack": incidents.unack,
    "snooze": incidents.snooze,
    "unsnooze": incidents.unsnooze,
    "escalate": incidents.escalate,
    "resolve": incidents.resolve,
    "reopen": incidents.reopen,
    "log": logbook.log,
    "unlog": logbook.unlog,
}
