"""Facts from stored results, against what a plain list of looks says, on both databases."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from bot.domain.history import HistoryNeed, NotEnough
from bot.domain.runs import Result
from checks import Metric, Outcome
from storage.rollups import LATE
from tests.storage.records import looked

NOW = datetime(2026, 3, 20, 9, 17, 30, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def look(at, *metrics, check="db"):
    return Result(check, "disk", Outcome.OK, (), tuple(Metric(*m) for m in metrics), (), at, 1.0)


@pytest.fixture(params=["nothing is rolled up", "a part is rolled up", "all is rolled up"])
async def kept(ledger, request):
    """Stores looks as the engine does; it rolled them up when half of them were there, or when all were, or not yet."""

    async def keep(*results):
        half = len(results) // 2
        await ledger.write(lambda tx: looked(tx, *results[:half]))
        if half and request.param == "a part is rolled up":
            ledger.clock.at = results[half - 1].looked_at + LATE
            await ledger.roll_up()
        await ledger.write(lambda tx: looked(tx, *results[half:]))
        ledger.clock.at = NOW
        if request.param == "all is rolled up":
            await ledger.roll_up()

    return keep


async def facts(ledger, *needs, now=NOW):
    return (await ledger.read(lambda tx: tx.history.facts({"db": needs}, now)))["db"]


def need(function, window=None, about=None, metric="size"):
    return HistoryNeed(function, metric, window, about)


async def test_a_day_ago_is_the_last_look_that_is_at_least_a_day_old(ledger, kept):
    await kept(
        look(NOW - DAY - 2 * HOUR, ("size", 1.0)),
        look(NOW - DAY - MINUTE, ("size", 2.0)),
        look(NOW - DAY + MINUTE, ("size", 3.0)),
        look(NOW - MINUTE, ("size", 4.0)),
    )
    asked = need("change", DAY)
    assert await facts(ledger, asked) == {asked: 2.0}
    assert await facts(ledger, need("previous")) == {need("previous"): 4.0}


async def test_with_too_little_history_it_says_from_when_on_there_will_be_enough(ledger, kept):
    first = NOW - 2 * HOUR - 3 * MINUTE
    await kept(look(first, ("size", 1.0)), look(NOW - MINUTE, ("size", 2.0)))
    asked = need("average", DAY)
    assert await facts(ledger, asked) == {asked: NotEnough(first + DAY)}


async def test_without_any_history_there_is_nothing_to_say(ledger, kept):
    asked = [need("average", DAY), need("previous"), need("missing_for")]
    assert await facts(ledger, *asked) == dict(
        zip(asked, (NotEnough(NOW + DAY), NotEnough(), NotEnough()), strict=True)
    )


async def test_each_object_has_facts_of_its_own(ledger, kept):
    await kept(
        look(NOW - 3 * HOUR, ("size", 10.0, "/"), ("size", 20.0, "/var")),
        look(NOW - HOUR, ("size", 12.0, "/")),
    )
    found = await facts(ledger, need("missing_for"), need("highest", 2 * HOUR))
    assert found == {
        need("missing_for", about="/"): 3600.0,
        need("missing_for", about="/var"): 3 * 3600.0,
        need("highest", 2 * HOUR, "/"): 12.0,
    }


@pytest.mark.parametrize("seed", range(6))
async def test_averages_and_extremes_agree_with_a_plain_list_of_looks(ledger, kept, seed):
    rolled = random.Random(seed)
    at, looks = NOW - 3 * DAY, []
    while at < NOW:
        looks.append(look(at, ("size", rolled.uniform(-5, 5))))
        at += timedelta(seconds=rolled.randint(60, 9000))
    await kept(*looks)
    for window in (5 * MINUTE, HOUR, 3 * HOUR + 7 * MINUTE, DAY, 2 * DAY + HOUR / 2):
        values = [r.metrics[0].value for r in looks if r.looked_at >= NOW - window]
        expected = (
            {"average": sum(values) / len(values), "lowest": min(values), "highest": max(values)} if values else {}
        )
        for function in ("average", "lowest", "highest"):
            found = await facts(ledger, need(function, window))
            assert found == ({need(function, window): pytest.approx(expected[function])} if values else {})


async def test_after_the_looks_are_forgotten_the_hours_still_answer(ledger, kept):
    looks = [look(NOW - 20 * DAY + n * HOUR, ("size", float(n))) for n in range(24 * 20)]
    await kept(*looks)
    await ledger.roll_up()  # as the engine does before it forgets
    while await ledger.write(lambda tx: tx.old_runs.forget(before=NOW - 14 * DAY, long_before=NOW - 400 * DAY)):
        pass
    asked = need("change", 18 * DAY)
    (then,) = (await facts(ledger, asked)).values()
    assert then in (47.0, 48.0)  # to the hour
    asked = need("average", 18 * DAY)
    (average,) = (await facts(ledger, asked)).values()
    assert average == pytest.approx(sum(range(48, 480)) / 432, abs=1.0)


async def test_roll_ups_are_kept_for_so_long_and_no_longer(ledger, kept):
    await kept(look(NOW - 401 * DAY, ("size", 1.0)), look(NOW - 399 * DAY, ("size", 2.0)))
    await ledger.roll_up()
    assert await ledger.write(lambda tx: tx.history.forget(before=NOW - 400 * DAY)) == 1
    points = await ledger.read(lambda tx: tx.history.series("db", "size", about=None, since=NOW - 500 * DAY))
    assert [value for _, value in points] == [2.0]


async def test_a_series_is_thinned_and_ends_with_the_newest(ledger, kept):
    await kept(*(look(NOW - n * HOUR, ("size", float(n), "/")) for n in range(200, 0, -1)))
    points = await ledger.read(lambda tx: tx.history.series("db", "size", about="/", since=NOW - 300 * HOUR, most=50))
    assert len(points) == 50
    assert points[-1] == (datetime(2026, 3, 20, 8, tzinfo=UTC), 1.0)
    assert points == sorted(points)


async def test_names_of_any_length_stay_apart(ledger, kept):
    long = "x" * 500
    await kept(look(NOW - HOUR, ("size", 1.0, long + "a"), ("size", 2.0, long + "b")))
    found = await facts(ledger, need("highest", HOUR))
    assert sorted(found.values()) == [1.0, 2.0]


ALL_SORTS = (
    need("change", DAY),
    need("average", 3 * HOUR),
    need("highest", 3 * HOUR),
    need("previous"),
    need("missing_for"),
)


async def test_forty_checks_are_asked_about_as_often_as_two(ledger, kept):
    checks = [f"c{n}" for n in range(40)]
    hours = [NOW - n * HOUR for n in (30, 4, 2, 1)]
    await kept(*(look(at, ("size", float(n)), check=check) for at in hours for n, check in enumerate(checks)))

    def asked(tx, some):
        statements = []
        heard = lambda *given: statements.append(given[2])  # noqa: E731
        event.listen(tx.connection, "before_cursor_execute", heard)
        try:
            found = tx.history.facts(dict.fromkeys(some, ALL_SORTS), NOW)
        finally:
            event.remove(tx.connection, "before_cursor_execute", heard)
        return len(statements), found

    few, _ = await ledger.read(lambda tx: asked(tx, checks[:2]))
    many, found = await ledger.read(lambda tx: asked(tx, checks))
    assert many == few
    for n, check in enumerate(checks):
        expected = dict.fromkeys(ALL_SORTS, float(n)) | {need("missing_for"): 3600.0}
        assert found[check] == expected


async def test_checks_with_different_needs_do_not_get_each_other_s_facts(ledger, kept):
    await kept(
        look(NOW - 2 * DAY, ("size", 1.0), check="a"),
        look(NOW - 2 * DAY, ("size", 2.0), ("count", 7.0), check="b"),
        look(NOW - HOUR, ("size", 3.0), check="a"),
        look(NOW - HOUR, ("size", 4.0), ("count", 8.0), check="b"),
    )
    needs = {
        "a": (need("change", DAY), need("previous", metric="count")),
        "b": (need("lowest", 2 * HOUR), need("previous", metric="count")),
        "new": (need("change", DAY),),
        "asks for nothing": (),
    }
    assert await ledger.read(lambda tx: tx.history.facts(needs, NOW)) == {
        "a": {need("change", DAY): 1.0, need("previous", metric="count"): NotEnough()},
        "b": {need("lowest", 2 * HOUR): 4.0, need("previous", metric="count"): 8.0},
        "new": {need("change", DAY): NotEnough(NOW + DAY)},
    }


async def test_after_a_clock_that_was_ahead_what_is_seen_from_now_on_counts_at_once(ledger):
    asked = [need("average", DAY), need("highest", DAY), need("previous"), need("missing_for")]
    await ledger.write(lambda tx: looked(tx, look(NOW - 2 * DAY, ("size", 0.0)), look(NOW - HOUR, ("size", 1.0))))
    await ledger.write(
        lambda tx: looked(tx, look(NOW + 5 * HOUR, ("size", 90.0)), look(NOW + 9 * HOUR, ("size", 90.0)))
    )
    ledger.clock.at = NOW + 9 * HOUR
    await ledger.roll_up()
    ledger.clock.at = NOW
    await ledger.roll_up()
    await ledger.write(lambda tx: looked(tx, look(NOW - MINUTE, ("size", 3.0))))
    found = await facts(ledger, *asked)
    assert found == dict(zip(asked, [2.0, 3.0, 3.0, 60.0], strict=True))
    points = await ledger.read(
        lambda tx: tx.history.series("db", "size", about=None, since=NOW - DAY, until=NOW + MINUTE)
    )
    assert [value for _, value in points] == [1.0, 3.0]
