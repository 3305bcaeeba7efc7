"""Hours are rolled up when they are over, each look once, whenever it was stored."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.domain.runs import Result
from checks import Metric, Outcome
from storage.rollups import LATE
from storage.tables import rollup
from tests.storage.records import looked

NINE = datetime(2026, 3, 20, 9, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def look(at, value=1.0, check="db"):
    return Result(check, "disk", Outcome.OK, (), (Metric("size", value),), (), at, 1.0)


async def stored(ledger, *results):
    await ledger.write(lambda tx: looked(tx, *results))


async def rolled(ledger, at):
    """The hours that are rolled up once the engine has done so at that moment, with how many looks are in each."""
    ledger.clock.at = at
    await ledger.roll_up()
    rows = await ledger.read(lambda tx: tx.connection.execute(select(rollup)).all())
    return {(row.check_name, row.hour): row._mapping["count"] for row in rows}


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        pytest.param(NINE + 59 * MINUTE, 0, id="it goes on"),
        pytest.param(NINE + HOUR, 0, id="it is just over, and its last looks are being stored"),
        pytest.param(NINE + HOUR + LATE, 1, id="it is over"),
        pytest.param(NINE + 30 * DAY, 1, id="it is long over"),
    ],
)
async def test_an_hour_is_rolled_up_when_it_is_over(ledger, at, hours):
    await stored(ledger, look(NINE), look(NINE + 59 * MINUTE))
    assert await rolled(ledger, at) == ({("db", NINE): 2} if hours else {})


async def test_without_looks_there_is_nothing_to_roll_up(ledger):
    assert await rolled(ledger, NINE) == {}


async def test_each_look_counts_once_however_often_and_when_it_is_rolled_up(ledger):
    for n in range(0, 600, 7):
        await stored(ledger, look(NINE + n * MINUTE), look(NINE + n * MINUTE, check="web"))
        if n % 3 == 0:
            await rolled(ledger, NINE + n * MINUTE)
    found = await rolled(ledger, NINE + DAY)
    minutes = [n // 60 for n in range(0, 600, 7)]
    expected = {NINE + hour * HOUR: minutes.count(hour) for hour in range(10)}
    assert found == {(check, hour): count for check in ("db", "web") for hour, count in expected.items()}


async def test_a_look_that_was_stored_very_late_counts_with_the_next_hour_that_is_rolled_up(ledger):
    await stored(ledger, look(NINE))
    await rolled(ledger, NINE + HOUR + LATE)
    await stored(ledger, look(NINE + 58 * MINUTE), look(NINE + HOUR))
    assert await rolled(ledger, NINE + HOUR + LATE + 10 * MINUTE) == {("db", NINE): 1}
    assert await rolled(ledger, NINE + 2 * HOUR + LATE) == {("db", NINE): 2, ("db", NINE + HOUR): 1}


async def test_after_days_away_the_hours_before_are_rolled_up(ledger):
    await stored(ledger, *(look(NINE + n * HOUR) for n in range(30)))
    await rolled(ledger, NINE + 2 * HOUR)
    assert len(await rolled(ledger, NINE + 12 * DAY)) == 30


async def test_hours_that_a_clock_ahead_rolled_up_too_early_are_forgotten_and_made_anew_when_they_are_over(ledger):
    await stored(ledger, look(NINE), look(NINE + 5 * HOUR), look(NINE + 5 * HOUR + 59 * MINUTE))
    assert await rolled(ledger, NINE + 6 * HOUR + LATE) == {("db", NINE): 1, ("db", NINE + 5 * HOUR): 2}
    await stored(ledger, look(NINE + HOUR))
    assert await rolled(ledger, NINE + HOUR + 5 * MINUTE) == {("db", NINE): 1}
    assert await rolled(ledger, NINE + 2 * HOUR + LATE) == {("db", NINE): 1, ("db", NINE + HOUR): 1}
    found = await rolled(ledger, NINE + 6 * HOUR + LATE)
    assert found == {("db", NINE): 1, ("db", NINE + HOUR): 1, ("db", NINE + 5 * HOUR): 2}


@pytest.mark.parametrize("since_hour", [timedelta(), MINUTE, 59 * MINUTE])
async def test_an_hour_that_is_over_stays_rolled_up(ledger, since_hour):
    await stored(ledger, look(NINE))
    await rolled(ledger, NINE + HOUR + LATE)
    ledger.clock.at = NINE + HOUR + since_hour
    assert not await ledger.read(lambda tx: tx.rollups.too_early())
