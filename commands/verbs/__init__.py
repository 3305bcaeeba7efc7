"""What each verb does: asks the desk, and says what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.domain.permissions import May
from bot.engine.desk import Desk
from bot.slack.cards import Card
from commands.grammar import Said
from commands.verbs import incidents, logbook, reading, rounds
from commands.verbs.spoken import Spoken

__all__ = ["DOES", "MAY", "Spoken"]

Does = Callable[[Desk, Said, Spoken], Awaitable[Card]]

MAY: Mapping[str, May] = {
    "status": May.READ,
    "show": May.READ,
    "report": May.READ,
    "oncall": May.READ,
    "help": May.READ,
    "run": May.RUN,
    "tick": May.TICK,
    "skip": May.TICK,
    "untick": May.TICK,
    "ack": May.ACKNOWLEDGE,
    "unack": May.ACKNOWLEDGE,
    "snooze": May.SNOOZE,
    "unsnooze": May.SNOOZE,
    "escalate": May.ESCALATE,
    "resolve": May.RESOLVE,
    "reopen": May.RESOLVE,
    "log": May.LOG,
    "unlog": May.LOG,
}
"""What one needs to be allowed for each. The desk asks for itself; here, so that nobody is first asked what they mean,
or whether they are sure, and then refused."""

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
