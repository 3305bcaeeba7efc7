"""However long the history is, what is asked of it often reads a few rows by an index and never a whole table."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from bot.config.load import parse
from bot.domain.history import BARE, WINDOWED, HistoryNeed
from bot.domain.runs import RunState
from bot.engine.views import run_view
from storage.tx import Tx
from tests.storage.records import AT, result, run

CONFIGURATION = parse("channel: '#operations'\nchecks:\n  cache: {kind: disk, path: /}\n")
NEEDS = tuple(
    HistoryNeed(function, "count", timedelta(hours=3) if windowed else None)
    for functions, windowed in ((WINDOWED, True), (BARE, False))
    for function in functions
)
GROWING = ("run", "run_item", "result", "incident", "timeline", "message", "outbox", "rollup")
"""Tables that grow for as long as Rounds is used."""


def two_rounds_and_a_gap(tx: Tx) -> int:
    first = tx.runs.add(run("first"))
    tx.runs.add(run("gap", RunState.MISSED, due_at=AT + timedelta(hours=1), items=()))
    second = tx.runs.add(run("second", due_at=AT + timedelta(hours=2)))
    for number in (first, second):
        assert tx.runs.claim(number, token="t", lease=timedelta(hours=1))
        assert tx.runs.finish(number, token="t", state=RunState.COMPLETE, results=[result()], now=AT)
    tx.runs.name_gaps(second, "morning")
    return second


def plans(tx: Tx, work) -> list[str]:
    """How the database would answer each query of `work`."""
    asked = []

    def heard(*given):
        asked.append(given[2:4])  # the statement and its parameters

    event.listen(tx.connection, "before_cursor_execute", heard)
    try:
        work(tx)
    finally:
        event.remove(tx.connection, "before_cursor_execute", heard)
    assert asked
    explained = []
    postgresql = tx.connection.dialect.name == "postgresql"
    if postgresql:  # of tables of three rows it would read all; now it does so where no index serves
        tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
    for statement, parameters in asked:
        words = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "
        rows = tx.connection.exec_driver_sql(words + statement, parameters).all()
        explained += [str(row[-1]).strip() for row in rows]
    return explained


def whole_tables(explained: list[str]) -> list[str]:
    """The lines by which a whole table, or a whole index of it, is read."""
    lines = (line.removeprefix("->").strip() for line in explained)
    read = [line for line in lines if line.startswith(("SCAN ", "Seq Scan on "))]
    return [line for line in read if any(name in line.replace('"', " ").split() for name in GROWING)]


WORKS = [
    pytest.param(lambda tx, number: tx.history.facts({"cache": NEEDS}, AT + timedelta(days=9)), id="what was"),
    pytest.param(lambda tx, number: run_view(tx, number, CONFIGURATION), id="a digest is drawn"),
    pytest.param(lambda tx, number: tx.runs.name_gaps(number, "morning"), id="a run names the gaps before it"),
    pytest.param(lambda tx, number: tx.runs.before(tx.runs.get(number)), id="the round before it"),
    pytest.param(lambda tx, number: tx.daybook.runs(AT, AT + timedelta(days=1)), id="a day's runs"),
    pytest.param(lambda tx, number: tx.messages.subject_at("C1", "1.1"), id="what a message is about"),
    pytest.param(lambda tx, number: tx.messages.take_over(f"run:{number}", "run:9"), id="a message is taken over"),
    pytest.param(lambda tx, number: tx.old_runs.forget(before=AT, long_before=AT), id="runs are forgotten"),
    pytest.param(lambda tx, number: tx.telling.slot("morning", "second"), id="why"),
]


@pytest.mark.parametrize("work", WORKS)
async def test_no_table_that_grows_is_read_as_a_whole(ledger, work):
    def asked(tx):
        number = two_rounds_and_a_gap(tx)
        tx.messages.expect(f"run:{number}", channel="#operations")
        tx.messages.posted(f"run:{number}", channel_id="C1", ts="1.1", shown=1)
        return plans(tx, lambda tx: work(tx, number))

    assert whole_tables(await ledger.write(asked)) == []


async def test_a_whole_table_that_is_read_would_be_noticed(ledger):
    def asked(tx):
        return plans(tx, lambda tx: tx.connection.execute(text("SELECT * FROM outbox WHERE error = 'x'")))

    assert len(whole_tables(await ledger.write(asked))) == 1


@pytest.mark.parametrize("elsewhere", [(), ("#operations",)], ids=["all channels", "but for one"])
async def test_what_is_sent_next_is_found_without_sorting_all_that_waits(ledger, elsewhere):
    def asked(tx):
        two_rounds_and_a_gap(tx)
        return plans(tx, lambda tx: tx.outbox.due(elsewhere=elsewhere))

    explained = [line.removeprefix("->").strip() for line in await ledger.write(asked)]
    assert len([line for line in explained if "ix_outbox_due" in line]) == 2, "the pending, and those left in hand"
    assert [line for line in explained if line.startswith(("MULTI-INDEX OR", "Bitmap", "Sort  "))] == []
