"""Promises about what looks bring about: so many in a row, counted anew from the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.simulation.promises.seen import Commit, Seen, of_a_commit
from tests.simulation.team import DAMPING

BLIND_AFTER = 3


@dataclass
class Streaks:
    """How often in a row a check came out like this."""

    bad: int = 0
    good: int = 0
    critical: int = 0
    eased: int = 0
    unknown: int = 0

    def count(self, outcome: str) -> None:
        """One more look; one that could not look breaks no streak but its own."""
        if outcome == "unknown":
            self.unknown += 1
            return
        good, critical = outcome in ("ok", "info"), outcome == "critical"
        self.unknown = 0
        self.bad, self.good = (0, self.good + 1) if good else (self.bad + 1, 0)
        self.critical, self.eased = (self.critical + 1, 0) if critical else (0, self.eased + 1)


@of_a_commit
def so_many_looks_in_a_row_have_their_effect(seen: Seen, commit: Commit) -> Iterator[str]:
    """They open, worsen, ease and close, by the damping that the configuration gives; three unknown ones are blind."""
    for change in commit.of("incident"):
        before, after = change.before, change.after
        what, _, check = after.subject.partition(":")
        over = before is not None and before.state != after.state == "resolved"
        if over and what in ("check", "blind") and after.resolved_by is not None:
            seen.streaks.pop(check, None)  # by hand: the counters start anew
    watched = commit.of("watch")
    if not watched:
        return
    unresolved = {i.subject: i for i in seen.rows["incident"].values() if i.state != "resolved"}
    for change in watched:
        if change.after is None:
            seen.streaks.pop(change.key, None)
            continue
        results = [r for c in commit.of("result") for r in c.after if r.check_name == change.key]
        counted = [r for r in results if r.looked_at == change.after.looked_at]
        if counted:
            streaks = seen.streaks.setdefault(change.key, Streaks())
            streaks.count(counted[0].outcome)
            yield from _wrong(change.key, streaks, counted[0].outcome, unresolved)


def _wrong(check: str, streaks: Streaks, outcome: str, unresolved: dict[str, Any]) -> Iterator[str]:
    own, blind = unresolved.get(f"check:{check}"), unresolved.get(f"blind:{check}")
    if streaks.unknown >= BLIND_AFTER and blind is None:
        yield f"{check} was unknown {streaks.unknown} times in a row, and nobody hears that we are blind"
    if outcome != "unknown" and blind is not None:
        yield f"{check} could be looked at, and counts as blind"
    if outcome == "unknown" or check not in DAMPING:
        return
    open_after, close_after = DAMPING[check]
    if streaks.bad >= open_after and own is None:
        yield f"{check} was bad {streaks.bad} times in a row, and has no incident"
    if streaks.good >= close_after and own is not None:
        yield f"{check} was good {streaks.good} times in a row, and its incident goes on"
    if own is not None and streaks.critical >= open_after and own.severity != "critical":
        yield f"{check} was critical {streaks.critical} times in a row, and #{own.id} is {own.severity}"
    eased = outcome == "warning" and streaks.eased >= close_after
    if own is not None and eased and own.severity == "critical":
        yield f"{check} was not critical {streaks.eased} times in a row, and #{own.id} is"
