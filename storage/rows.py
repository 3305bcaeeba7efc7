"""Small things that every repository needs: portable upserts, and items and results as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, Table, TextClause, literal
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.runs import Item, ItemState, Result, Run, RunItem, Wanted
from checks import Evidence, Finding, Metric, Outcome


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that are not there yet; returns how many were new."""
    if not rows:
        return 0
    statement = _insert_new(connection.dialect.name, table)
    return sum(len(connection.execute(statement, row).all()) for row in rows)


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    """Made once for each table: making it costs more than executing it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    # Counted by what comes back: with PostgreSQL's driver the row count of such an insert is not known.
    return insert(table).on_conflict_do_nothing().returning(literal(1))


def insert_and_tell(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...]
) -> Sequence[Row[Any]]:
    """Insert the rows that are not there yet, in one statement; returns these columns of those that were new."""
    if not rows:
        return []
    return connection.execute(_insert_and_tell(connection.dialect.name, table, columns), rows).all()


@cache
def _insert_and_tell(dialect: str, table: Table, columns: tuple[str, ...]) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().returning(*(table.c[name] for name in columns))


def insert_unless(
    connection: Connection, table: Table, row: Mapping[str, Any], *, key: Sequence[str], where: TextClause
) -> int | None:
    """Insert a row unless one with the same key is there already, of those that the partial index `where` holds.

    Returns its id; `None` if there is one. On PostgreSQL this waits for whoever is inserting that one just now.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**row).on_conflict_do_nothing(index_elements=list(key), index_where=where)
    new: int | None = connection.scalar(statement.returning(table.c.id))
    return new


def upsert(connection: Connection, table: Table, *rows: Mapping[str, Any], key: Sequence[str]) -> None:
    """Insert the rows, all of the same columns, or update those with the same key."""
    if rows:
        connection.execute(_upsert(connection.dialect.name, table, tuple(rows[0]), tuple(key)), rows)


@cache
def _upsert(dialect: str, table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> Executable:
    """Made once for each table: making it costs more than executing it."""
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    rest = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=rest)


def result_row(run_id: int, result: Result) -> dict[str, Any]:
    """A result as a row."""
    return {
        "run_id": run_id,
        "check_name": result.check,
        "kind": result.kind,
        "outcome": result.outcome.value,
        "findings": [[f.outcome.value, f.text, f.about] for f in result.findings],
        "metrics": [[m.name, m.value, m.about] for m in result.metrics],
        "evidence": [[e.title, e.text] for e in result.evidence],
        "looked_at": result.looked_at,
        "duration_ms": result.duration_ms,
    }


def row_result(row: Any) -> Result:
    """A row as a result."""
    return Result(
        check=row.check_name,
        kind=row.kind,
        outcome=Outcome(row.outcome),
        findings=tuple(Finding(Outcome(outcome), text, about) for outcome, text, about in row.findings),
        metrics=tuple(Metric(name, value, about) for name, value, about in row.metrics),
        evidence=tuple(Evidence(title, text) for title, text in row.evidence),
        looked_at=row.looked_at,
        duration_ms=row.duration_ms,
    )


def run_row(run: Run, skipped: int) -> dict[str, Any]:
    """A new run as a row; `skipped`: slots before it that it stands for."""
    return {
        "checklist": run.checklist,
        "slot": run.slot,
        "title": run.title,
        "due_at": run.due_at,
        "state": run.state.value,
        "trigger": run.trigger.value,
        "channel": run.channel,
        "requested_by": run.requested_by,
        "skipped": skipped,
        "overdue_at": run.overdue_at,
    }


def item_row(run_id: int, position: int, item: RunItem) -> dict[str, Any]:
    """An item of a run as a row."""
    return {
        "run_id": run_id,
        "item_id": item.item.id,
        "position": position,
        "check_name": item.item.check,
        "text": item.item.text,
        "section": item.item.section,
        "link": item.item.link,
        "how": item.item.how,
        "evidence": item.item.evidence.value,
        "meant_for": item.item.owner,
        "state": item.state.value,
        "owner": item.owner,
    }


def row_item(row: Any) -> RunItem:
    """A row as an item of a run, without its result."""
    return RunItem(
        Item(
            row.item_id,
            row.text,
            row.check_name,
            row.section,
            row.link,
            how=row.how,
            owner=row.meant_for,
            evidence=Wanted(row.evidence),
        ),
        state=ItemState(row.state),
        by=row.by,
        at=row.at,
        note=row.note,
        attached=row.attached,
        owner=row.owner,
    )
