"""Why a check has an incident, or has none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.domain.accounts import CheckAccount
from bot.domain.durations import say
from bot.domain.incident_story import standing
from bot.domain.incidents import Incident
from bot.domain.near import listed
from bot.domain.story import Line, Story, called, chapters, counters, many
from bot.domain.watching import BLIND_AFTER, Damping
from checks import Outcome


def of_check(
    account: CheckAccount,
    *,
    damping: Damping | None,
    configured: bool,
    now: datetime,
    planned: Collection[str] | None = None,
) -> Story:
    """Why this check has an incident, or has none.

    Args:
        planned: the schedules of the configuration that look at it; `None` if that cannot be read.
    """
    looks = [
        Line(
            f"{result.outcome.value}: {result.headline} (in {slot}{_left_out(skipped)})",
            result.looked_at,
            {"outcome": result.outcome.value, "slot": slot, "duration_ms": result.duration_ms, "skipped": skipped},
        )
        for slot, result, skipped in account.looks
    ]
    plans = [Line(f"next by {plan.name}", plan.next_due, {"schedule": plan.name}) for plan in account.plans]
    incidents = [
        Line(_told(one, now), one.opened_at, {"incident": one.id, "called": called(one)}) for one in account.unresolved
    ]
    if account.last is not None:
        facts = {"incident": account.last.id, "called": called(account.last)}
        incidents.append(
            Line(f"the last, #{account.last.id}, was {_told(account.last, now)}", account.last.resolved_at, facts)
        )
    versions = [Line(version.changes, version.at, {"digest": version.digest}) for version in account.versions]
    return Story(
        account.name,
        _answer(account, damping, configured=configured, planned=planned),
        chapters(
            ("Due", plans),
            ("Looks, newest first", looks),
            ("Counters", counters(account.watch) if account.watch is not None else ()),
            ("Incidents", incidents),
            ("Configuration, newest first", versions),
        ),
    )


def _told(incident: Incident, now: datetime) -> str:
    return standing(incident, now) + ("; somebody raised it" if incident.by_hand else "")


def _left_out(skipped: int) -> str:
    """What a look says of the looks before it that did not happen: nobody was there to look."""
    return f"; {many(skipped, 'look')} before it left out" if skipped else ""


def _unplanned(planned: Collection[str] | None) -> str:
    """Why the ledger has no schedule for it."""
    if planned is None:
        return ""
    if not planned:
        return "; no schedule looks at it, only `run` does"
    return f"; `rounds serve` has not taken up {listed(planned)} yet"


def _answer(
    account: CheckAccount, damping: Damping | None, *, configured: bool, planned: Collection[str] | None
) -> str:
    without_one = _without_one(account, damping, configured=configured, planned=planned)
    if not account.unresolved:
        return without_one
    names = [f"{called(one)}{' (raised by hand)' if one.by_hand else ''}" for one in account.unresolved]
    going_on = f"unresolved: {listed(names)}"
    if not all(one.by_hand for one in account.unresolved):
        return going_on
    # What somebody raised says nothing of what the looks came to.
    return f"{going_on}; by its looks {without_one}"


def _without_one(
    account: CheckAccount, damping: Damping | None, *, configured: bool, planned: Collection[str] | None
) -> str:
    """Why its looks have opened none."""
    watch = account.watch
    if not configured and watch is None:
        return "no incident: it is not configured any more, and nobody looks"
    if watch is None or watch.outcome is None:
        seen = (
            "it has not been looked at since its last incident was resolved"
            if account.looks
            else "nobody has looked yet"
        )
        return f"no incident: {seen}" + ("" if account.plans else _unplanned(planned))
    if watch.outcome is Outcome.UNKNOWN:
        count = f"{watch.unknown.count} of {BLIND_AFTER} looks in a row that could not look"
        return f"no incident: {count}; what could not be looked at neither opens nor closes its own"
    if not watch.outcome.is_bad:
        noted = "; info never opens one" if watch.outcome is Outcome.INFO else ""
        return f"no incident: the last look came out {watch.outcome.value}{noted}"
    if damping is None:
        return f"no incident: {many(watch.bad.count, 'bad look')} in a row, and its open_after is not known"
    if isinstance(damping.open_after, int):
        if watch.bad.count < damping.open_after:
            return f"no incident: {watch.bad.count} of {damping.open_after} bad looks in a row (open_after)"
    elif account.looks and watch.bad.since is not None:
        lasted = account.looks[0][1].looked_at - watch.bad.since
        if lasted < damping.open_after:
            return f"no incident: bad for {say(lasted)} of {say(damping.open_after)} (open_after)"
    return "no incident yet, although its counters have reached open_after: the next bad look opens one"
