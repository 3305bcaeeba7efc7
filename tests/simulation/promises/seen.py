"""How promises are held: against every commit, against every message that is posted, and once all is calm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from tests.simulation.ledger import Change, Ledger
from tests.simulation.slack import Message, Slack

P = TypeVar("P", bound=Callable[..., Iterator[str]])

N = TypeVar("N", bound=Callable[..., None])

_NOTES: list[Callable[[Seen, Commit], None]] = []
_COMMIT: list[Callable[[Seen, Commit], Iterator[str]]] = []
_MESSAGE: list[Callable[[Seen, Message], Iterator[str]]] = []
_CALM: list[Callable[[Seen], Iterator[str]]] = []


def noted(note: N) -> N:
    """Remembers of every commit what promises ask for later."""
    _NOTES.append(note)
    return note


def of_a_commit(promise: P) -> P:
    """Held against every commit, with the rows as they are right after it."""
    _COMMIT.append(promise)
    return promise


def of_a_message(promise: P) -> P:
    """Held against every message when it is posted."""
    _MESSAGE.append(promise)
    return promise


def when_calm(promise: P) -> P:
    """Held once nothing fails any more and nothing is left to do."""
    _CALM.append(promise)
    return promise


class Commit:
    """One commit: what it changed, in whose turn, and what the database's clock showed (microseconds)."""

    def __init__(self, ledger: Ledger, changes: list[Change], *, turn: int, now: int) -> None:
        self._ledger = ledger
        self._changed = {(change.table, change.key): change for change in changes}
        self._of: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            self._of[change.table].append(change)
        self.turn = turn
        self.now = now

    def of(self, table: str) -> list[Change]:
        """What it changed there."""
        return self._of.get(table, [])

    def was(self, table: str, key: Any) -> Any:
        """That row before this commit."""
        change = self._changed.get((table, key))
        return change.before if change is not None else self._ledger.rows[table].get(key)


class Seen:
    """What the promises need to remember of a world."""

    def __init__(self, ledger: Ledger, slack: Slack) -> None:
        self.rows = ledger.rows
        self.slack = slack
        self.commits = 0
        self.turn_of_look: dict[int, int] = {}
        self.turn_of_claim: dict[int, int] = {}
        self.accounted: dict[str, int] = {}
        self.gap_since: dict[int, int] = {}
        self.finished: dict[int, int] = {}
        self.streaks: dict[str, Any] = {}
        self.due_by: dict[int, int] = {}
        self.nobodys_since: dict[int, int] = {}
        self.overdue_told: dict[int, int] = {}
        self.checks: Collection[str] = ()
        """Those that are configured, and the moment: as of when all is calm."""
        self.now = 0
        self.by_key: dict[str, Any] = {}
        self._ledger = ledger
        self._wrong: list[str] = []

    def looked(self, look: int, turn: int) -> None:
        """That look was answered in that turn of a runner."""
        self.turn_of_look[look] = turn

    def commit(self, changes: list[Change], *, turn: int, now: int) -> None:
        """This has just been committed."""
        if changes:
            self.commits += 1
            self.by_key.update({c.after.key: c.after for c in changes if c.table == "outbox" and c.after})
            commit = Commit(self._ledger, changes, turn=turn, now=now)
            for note in _NOTES:
                note(self, commit)
            for promise in _COMMIT:
                self._wrong += _named(promise, promise(self, commit))

    def broken(self) -> list[str]:
        """What does not hold, by the promise's name."""
        posted, self.slack.posted = self.slack.posted, []
        for message in posted:
            for promise in _MESSAGE:
                self._wrong += _named(promise, promise(self, message))
        return self._wrong

    def broken_in_calm(self, *, checks: Collection[str], now: int) -> list[str]:
        """What does not hold now that everything should be settled.

        Args:
            checks: those that every process has in its configuration.
        """
        self.checks, self.now = checks, now
        return [sentence for promise in _CALM for sentence in _named(promise, promise(self))]


def _named(promise: Callable[..., Any], sentences: Iterator[str]) -> list[str]:
    return [f"{promise.__name__}: {sentence}" for sentence in sentences]
