"""Triage: what a finished run means. Results, incidents and everything that is to be told commit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.config.configuration import Configuration, ConfiguredCheck
from bot.domain import watching
from bot.domain.incidents import Reason, recover
from bot.domain.runs import Post, Result, Run, RunState, Trigger, worth_posting
from bot.domain.ticking import lay_down
from bot.engine.clock import AHEAD
from bot.engine.overdue import close_overdue
from checks import Outcome
from storage.outbox import DIGEST, INCIDENT
from storage.tx import Tx
from storage.watches import Remembered

NAMED = 10
"""Checks that one line of the log names."""

LINKED_FOR = timedelta(days=1)
"""A new incident points to one that somebody resolved by hand at most this long before."""


def digest_key(run: Run) -> str:
    """The outbox key of a run's own message; one slot, one message."""
    return f"run:{run.checklist}:{run.slot}"


def expect_message(tx: Tx, run: Run, *, reason: str, thread_subject: str | None = None) -> None:
    """The run gets a message of its own: a progress post at first, if it is still running."""
    subject = f"run:{run.id}"
    tx.messages.expect(subject, channel=run.channel, thread_subject=thread_subject)
    priority = INCIDENT if run.trigger is Trigger.HAND else DIGEST
    tx.outbox.add(key=digest_key(run), subject=subject, reason=reason, priority=priority)
    tx.runs.posted(run.id)


def conclude(
    tx: Tx,
    *,
    run: Run,
    token: str,
    results: Sequence[Result],
    configuration: Configuration,
    now: datetime,
    unseen: Sequence[Result] = (),
) -> bool:
    """Finish a run. False when the claim was lost: then somebody else's results count, and nothing is stored.

    Args:
        unseen: of items at which nobody looked; they are stored and told, and move no incident.
    """
    if any(item.manual for item in run.items):  # people may have done some since the claim
        run = tx.runs.hold(run.id) or run
    state = RunState.WAITING if run.open_items else RunState.COMPLETE
    told = [*results, *unseen]
    tx.trail.about(run=run.id, checklist=run.checklist, slot=run.slot)
    if not tx.runs.finish(run.id, token=token, state=state, results=told, now=now):
        return False
    if run.trigger is not Trigger.RHYTHM:
        bad = [result.check for result in told if result.outcome not in (Outcome.OK, Outcome.INFO)]
        tx.trail.note("run done", state=state.value, checks=len(told), not_ok=bad[:NAMED])
    if run.trigger in (Trigger.SCHEDULE, Trigger.START):
        _take_over(tx, run, now)
        tx.runs.name_gaps(run.id, run.checklist)
    _weigh(tx, results, configuration, now)
    if run.trigger is not Trigger.RHYTHM and (finished := tx.runs.get(run.id)) is not None:
        _tell(tx, finished, configuration)
    return True


def _take_over(tx: Tx, run: Run, now: datetime) -> None:
    """An earlier run's open items go on in this one; who had them still has them."""
    held = [tx.runs.hold(earlier_id) for earlier_id in tx.runs.waiting_before(run.checklist, run.id)]
    for earlier in held:
        if earlier is None or not tx.runs.set_state(earlier.id, RunState.CARRIED, expected=RunState.WAITING):
            continue
        owners = {item.item.id: item.owner for item in earlier.open_items if item.owner}
        for item in run.open_items:
            if item.item.id in owners:
                tx.items.save(run.id, replace(item, owner=owners[item.item.id]), was=item.state)
        close_overdue(tx, earlier.id, summary="a later run has taken its items over", now=now)
        tx.messages.touch(f"run:{earlier.id}")
        tx.messages.touch_homes()


def _weigh(tx: Tx, results: Sequence[Result], configuration: Configuration, now: datetime) -> None:
    """What the results do to the checks' incidents."""
    results = [result for result in results if result.check in configuration.checks]
    remembered = tx.watches.hold([result.check for result in results])
    standing = tx.incidents.of_subjects(*(subject for result in results for subject in _subjects(result)))
    saved: dict[str, Remembered] = {}
    for result in results:
        check = configuration.checks[result.check]
        before = remembered[result.check]
        # In order of look: a slow result that comes in late changes no counter. A look still to come is no order: the
        # clock was ahead and has been set right, and what is seen from now on must not count for nothing until then.
        if before.looked_at is not None and result.looked_at <= before.looked_at <= now + AHEAD:
            continue
        own, blind = _subjects(result)
        incidents = {subject: standing[subject] for subject in (own, blind) if subject in standing}
        incident = incidents.get(own)
        watch, effects = watching.after(
            result,
            before.watch,
            check=check.watched,
            incident=incident,
            blind=incidents.get(blind),
            previous_id=_resolved_by_hand(tx, check, result) if incident is None and result.outcome.is_bad else None,
        )
        memory = dict(result.memory) if result.memory is not None else before.memory
        saved[result.check] = Remembered(watch, memory, result.looked_at)
        for effect in effects:
            changed = tx.incidents.apply(effect)
            if effect.entry.reason is Reason.OPENED and result.evidence:
                subject = f"incident:{changed.id}"
                key = f"{subject}:evidence"
                tx.outbox.add(key=key, subject=subject, reason="evidence", priority=DIGEST, in_thread=True)
        unmoved = {i.id for i in incidents.values()} - {effect.incident.id for effect in effects}
        if unmoved and _says_something_new(tx, result):
            tx.messages.touch(*(f"incident:{number}" for number in sorted(unmoved)))
    tx.watches.save_all(saved)


def _subjects(result: Result) -> tuple[str, str]:
    """Of the incidents that its results move: its own, and its blindness."""
    return f"check:{result.check}", f"blind:{result.check}"


def _says_something_new(tx: Tx, result: Result) -> bool:
    """Whether the card would read differently; `chat.update` is too scarce to redraw the same words."""
    _, *earlier = tx.runs.latest_results(result.check, limit=2)
    return not earlier or earlier[0].headline != result.headline


def _resolved_by_hand(tx: Tx, check: ConfiguredCheck, result: Result) -> int | None:
    last = tx.incidents.last_resolved(f"check:{check.name}")
    if last is None or last.resolved_by is None or last.resolved_at is None:
        return None
    return last.id if result.looked_at - last.resolved_at <= LINKED_FOR else None


def _tell(tx: Tx, run: Run, configuration: Configuration) -> None:
    subject = f"run:{run.id}"
    if run.open_items:
        tx.messages.touch_homes()
    if not run.posted:
        checklist = configuration.checklists.get(run.checklist)
        if checklist is None:
            return
        previous = tx.runs.before(run)
        if not worth_posting(run, previous, checklist.post):
            if checklist.post is Post.PROBLEMS:
                return
            if previous is not None and tx.messages.take_over(f"run:{previous.id}", subject):
                tx.runs.posted(run.id)
                return
        expect_message(tx, run, reason="digest")
    tx.messages.touch(subject)
    if run.results:
        tx.outbox.add(key=f"evidence:{run.id}", subject=subject, reason="evidence", priority=DIGEST, in_thread=True)


def no_longer_checked(tx: Tx, configuration: Configuration, now: datetime) -> None:
    """Checks and checklists that were taken out of the configuration: their incidents and runs end, and say why.

    What somebody raised by hand against such a check stays: a person asked for help, and a person says that it is over.
    """
    _no_longer_asked(tx, configuration, now)
    checked = {f"{what}:{name}" for name in configuration.checks for what in ("check", "blind")}
    about_checks = {each for each in tx.incidents.subjects() if each.startswith(("check:", "blind:"))}
    for incident in tx.incidents.of_subjects(*sorted(about_checks - checked)).values():
        effect = recover(
            incident, summary="it was taken out of the configuration", now=now, reason=Reason.NO_LONGER_CHECKED
        )
        tx.incidents.apply(effect)
    if gone := tx.watches.names() - configuration.checks.keys():
        tx.watches.forget(gone)


def _no_longer_asked(tx: Tx, configuration: Configuration, now: datetime) -> None:
    """Runs that wait for people, of checklists that are gone: no later run would take their items over."""
    gone = [run.id for run in tx.runs.with_open_items() if run.checklist not in configuration.checklists]
    held = [tx.runs.hold(run_id) for run_id in sorted(gone, reverse=True)]
    why = "its checklist was taken out of the configuration"
    for run in held:
        if run is None or not tx.runs.set_state(run.id, RunState.COMPLETE, expected=RunState.WAITING):
            continue
        for item in run.open_items:
            tx.items.save(run.id, lay_down(item, now=now, reason=why), was=item.state)
        close_overdue(tx, run.id, summary=why, now=now, reason=Reason.NO_LONGER_CHECKED)
        tx.messages.touch(f"run:{run.id}")
        tx.messages.touch_homes()
