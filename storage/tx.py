"""One transaction: what it may read and write, by concept."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from storage.daybook import Daybook
from storage.detours import Detours
from storage.gauges import Gauges, read_gauges
from storage.history import History
from storage.incidents import Incidents
from storage.items import Items
from storage.log import Log
from storage.losses import Losses
from storage.messages import Messages
from storage.notices import Notices
from storage.old_incidents import OldIncidents
from storage.old_messages import OldNotices
from storage.old_runs import OldRuns
from storage.outbox import Outbox
from storage.people import Inbox
from storage.pings import Pings
from storage.processes import Processes
from storage.rollups import Rollups
from storage.roster import Roster
from storage.runs import Runs
from storage.schedules import Schedules
from storage.telling import Telling
from storage.trail import Trail
from storage.versions import Versions
from storage.watches import Watches


class Tx:
    """A transaction. `now` is the time that leases and due moments are compared with."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.topics: set[str] = set()
        """What was touched, so that whoever waits for it wakes after the commit: `runs`, `outbox`."""
        self.trail = Trail()
        """What the log says of it after the commit."""

    def settle(self) -> None:
        """Its work is done; what is written last comes now."""
        self.messages.settle()

    @cached_property
    def schedules(self) -> Schedules:
        """When each checklist is due."""
        return Schedules(self.connection)

    @cached_property
    def runs(self) -> Runs:
        """Runs, their items and results."""
        return Runs(self.connection, self.now, self.topics)

    @cached_property
    def watches(self) -> Watches:
        """What is remembered of each check between looks."""
        return Watches(self.connection)

    @cached_property
    def messages(self) -> Messages:
        """What stands in Slack, and what should."""
        return Messages(self.connection, self.now, self.topics)

    @cached_property
    def outbox(self) -> Outbox:
        """What is decided but not told yet."""
        return Outbox(self.connection, self.now, self.topics)

    @cached_property
    def detours(self) -> Detours:
        """Which messages stand elsewhere than they were meant to."""
        return Detours(self.connection, self.now)

    @cached_property
    def losses(self) -> Losses:
        """Messages that were given up."""
        return Losses(self.connection)

    @cached_property
    def notices(self) -> Notices:
        """What Rounds has to say of itself."""
        return Notices(self.connection, self.now, self.messages, self.outbox)

    @cached_property
    def incidents(self) -> Incidents:
        """Incidents with their timeline and steps."""
        return Incidents(self.connection, self.outbox, self.messages, self.trail)

    def gauges(self) -> Gauges:
        """How the ledger stands at this moment."""
        return read_gauges(self.connection, self.now)

    @cached_property
    def items(self) -> Items:
        """What people do by hand."""
        return Items(self.connection)

    @cached_property
    def log(self) -> Log:
        """What people wrote down."""
        return Log(self.connection)

    @cached_property
    def daybook(self) -> Daybook:
        """What a day was made of."""
        return Daybook(self.connection, self.incidents)

    @cached_property
    def telling(self) -> Telling:
        """Why something is as it is."""
        return Telling(self.connection, self.incidents, self.watches, self.versions)

    @cached_property
    def versions(self) -> Versions:
        """Which configuration counted since when."""
        return Versions(self.connection, self.now)

    @cached_property
    def history(self) -> History:
        """What was measured before."""
        return History(self.connection)

    @cached_property
    def rollups(self) -> Rollups:
        """What was measured, taken together by the hour."""
        return Rollups(self.connection, self.now)

    @cached_property
    def old_runs(self) -> OldRuns:
        """Runs that may be forgotten."""
        return OldRuns(self.connection)

    @cached_property
    def old_incidents(self) -> OldIncidents:
        """Incidents that may be forgotten."""
        return OldIncidents(self.connection)

    @cached_property
    def old_notices(self) -> OldNotices:
        """Notices that may be forgotten."""
        return OldNotices(self.connection)

    @cached_property
    def pings(self) -> Pings:
        """What jobs said of themselves."""
        return Pings(self.connection)

    @cached_property
    def roster(self) -> Roster:
        """Who there is in Slack."""
        return Roster(self.connection, self.now)

    @cached_property
    def processes(self) -> Processes:
        """Who shares this ledger with us."""
        return Processes(self.connection, self.now)

    @cached_property
    def inbox(self) -> Inbox:
        """What Slack has told us already."""
        return Inbox(self.connection, self.now)
