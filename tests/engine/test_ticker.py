"""Every slot is accounted for exactly once, whatever happened to the clock or to us."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.config.load import parse
from bot.domain.runs import RunState, Trigger
from bot.engine.ticker import CHUNK, synchronise, tick
from storage import tables as t
from storage.opening import open_store
from tests.story import SimulatedClock

FILE = """
timezone: {zone}
channel: "#ops"
checks:
  disk: {{kind: disk, path: /}}
checklists:
  morning: {{{schedule}, items: [disk]}}
"""
NEW, MISSED, COALESCED = RunState.NEW.value, RunState.MISSED.value, RunState.COALESCED.value


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def configured(schedule: str, zone: str = "Europe/Amsterdam"):
    return parse(FILE.format(schedule=schedule, zone=zone))


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
async def store(database_url, clock):
    """An open store on each database, on a clock that the test moves."""
    store = open_store(database_url, now=clock.now, synchronous="OFF", database_time=False)
    yield store
    await store.close()


async def learn(store, clock, configuration, at: str | None = None):
    clock.at = utc(at) if at else clock.at
    await store.write(lambda tx: synchronise(tx, configuration, clock.at))


async def ticks(store, clock, configuration, at: datetime | str, times: int = 1):
    clock.at = utc(at) if isinstance(at, str) else at
    for _ in range(times):
        await store.write(lambda tx: tick(tx, configuration, clock.at))


async def rows(store) -> list:
    return await store.read(lambda tx: tx.connection.execute(t.run.select().order_by(t.run.c.due_at)).all())


async def told(store) -> list[tuple[str, str]]:
    """(slot, state) of every run, by due time."""
    return [(row.slot, row.state) for row in await rows(store)]


DST = [
    pytest.param(
        "every day at 02:30",
        "2026-03-28T12:00",
        [("2026-03-29T02:30", "2026-03-29T01:30"), ("2026-03-30T02:30", "2026-03-30T00:30")],
        id="in spring a skipped time is run once, an hour later",
    ),
    pytest.param(
        "every day at 02:30",
        "2026-10-24T12:00",
        [("2026-10-25T02:30", "2026-10-25T00:30"), ("2026-10-26T02:30", "2026-10-26T01:30")],
        id="in autumn a repeated time is run once",
    ),
    pytest.param(
        "every day at 09:00",
        "2026-03-28T12:00",
        [("2026-03-29T09:00", "2026-03-29T07:00"), ("2026-03-30T09:00", "2026-03-30T07:00")],
        id="in spring nine o'clock comes an hour sooner",
    ),
    pytest.param(
        "every day at 09:00",
        "2026-10-24T12:00",
        [("2026-10-25T09:00", "2026-10-25T08:00"), ("2026-10-26T09:00", "2026-10-26T08:00")],
        id="in autumn nine o'clock comes an hour later",
    ),
]


@pytest.mark.parametrize(("schedule", "begin", "expected"), DST)
async def test_a_time_on_the_wall_is_run_once_on_both_days_of_the_clock_change(store, clock, schedule, begin, expected):
    configuration = configured(f"schedule: {schedule}")
    await learn(store, clock, configuration, begin)
    end = clock.at + timedelta(days=2)
    while clock.at < end:
        await ticks(store, clock, configuration, clock.at + timedelta(minutes=10))
    found = await rows(store)
    assert [(row.slot, row.due_at) for row in found] == [(slot, utc(due)) for slot, due in expected]
    assert {row.state for row in found} == {NEW}


async def test_a_slot_is_run_once_however_often_one_looks(store, clock):
    configuration = configured("schedule: every day at 09:00", "UTC")
    await learn(store, clock, configuration, "2026-03-02T08:00")
    await ticks(store, clock, configuration, "2026-03-02T08:59:59", times=2)
    assert await told(store) == []
    await ticks(store, clock, configuration, "2026-03-02T09:00", times=3)
    await ticks(store, clock, configuration, "2026-03-02T09:01", times=3)
    assert await told(store) == [("2026-03-02T09:00", NEW)]


async def test_two_replicas_that_tick_at_once_make_one_run(store, clock):
    configuration = configured("schedule: every day at 09:00", "UTC")
    await learn(store, clock, configuration, "2026-03-02T08:00")
    before = await store.read(lambda tx: tx.schedules.all())
    await ticks(store, clock, configuration, "2026-03-02T09:00")
    # The other one read the row before we moved it on.
    await store.write(lambda tx: tx.schedules.save(before["morning"]))
    await ticks(store, clock, configuration, "2026-03-02T09:00")
    assert await told(store) == [("2026-03-02T09:00", NEW)]


AWAY = [
    pytest.param("10:20", [("10:00", MISSED)], id="too late: missed"),
    pytest.param("10:15", [("10:00", NEW)], id="within its grace: run"),
    pytest.param("10:35", [("10:00", MISSED), ("10:30", NEW)], id="the latest is run, the one before missed"),
    pytest.param("11:05", [("10:00", MISSED), ("10:30", MISSED), ("11:00", NEW)], id="all before are missed"),
]


@pytest.mark.parametrize(("back_at", "expected"), AWAY)
async def test_after_having_been_away_every_slot_is_accounted_for(store, clock, back_at, expected):
    configuration = configured('cron: "0,30 * * * *"', "UTC")
    await learn(store, clock, configuration, "2026-03-02T09:45")
    await ticks(store, clock, configuration, f"2026-03-02T{back_at}", times=3)
    assert [(f"{row.due_at:%H:%M}", row.state) for row in await rows(store)] == expected


async def test_of_several_slots_within_their_grace_the_latest_stands_for_the_others(store, clock):
    configuration = configured("every: 5m")
    await learn(store, clock, configuration, "2026-03-02T09:00")
    await ticks(store, clock, configuration, "2026-03-02T10:00")
    states = [row.state for row in await rows(store)]
    assert states == [MISSED] * 9 + [COALESCED] * 2 + [NEW]


@pytest.mark.parametrize(
    ("length", "missed"),
    [
        pytest.param("5m", 600 - 4, id="most of them long ago"),
        pytest.param("5s", 600 - 181, id="grace on both sides of a chunk"),
    ],
)
async def test_six_hundred_missed_slots_are_accounted_for_once_in_chunks(store, clock, length, missed):
    configuration = configured(f"every: {length}")
    await learn(store, clock, configuration, "2026-03-02T09:00")
    spec = configuration.planned["morning"].schedule
    slots = spec.between(clock.at, clock.at + timedelta(days=3), 600)
    end = slots[-1].due
    await ticks(store, clock, configuration, end)
    assert len(await rows(store)) == CHUNK
    await ticks(store, clock, configuration, end, times=3)
    found = await told(store)
    assert [slot for slot, _ in found] == [slot.key for slot in slots]
    states = [state for _, state in found]
    # The latest alone is run, wherever the chunks end.
    assert states == [MISSED] * missed + [COALESCED] * (599 - missed) + [NEW]


async def test_a_rhythm_catches_up_with_one_run_that_counts_what_it_stands_for(store, clock):
    configuration = parse('timezone: UTC\nchannel: "#ops"\nchecks:\n  disk: {kind: disk, path: /, every: 1m}\n')
    (planned,) = configuration.planned.values()
    await learn(store, clock, configuration, "2026-03-02T09:00")
    await ticks(store, clock, configuration, "2026-03-02T09:10", times=2)
    (run,) = await rows(store)
    assert (run.trigger, run.skipped) == (Trigger.RHYTHM.value, 9)
    assert clock.at - run.due_at < timedelta(minutes=1)
    await ticks(store, clock, configuration, run.due_at + timedelta(minutes=1))
    (_, following) = await rows(store)
    assert (following.skipped, following.due_at - run.due_at) == (0, timedelta(minutes=1))
    assert following.checklist == planned.name


@pytest.mark.parametrize(
    "minutes", [55, 25], ids=["the latest is fresh", "the latest is late, so the next one counts it"]
)
async def test_what_a_rhythm_left_out_is_counted_however_long_ago_it_was(store, clock, minutes):
    configuration = parse('timezone: UTC\nchannel: "#ops"\nchecks:\n  disk: {kind: disk, path: /, every: 1h}\n')
    (planned,) = configuration.planned.values()
    await learn(store, clock, configuration, "2026-03-02T09:00")
    first = planned.schedule.next_after(clock.at)
    await ticks(store, clock, configuration, first.due)
    # Back shortly after the fifth slot, or so late that it is not run any more.
    back = first.due + timedelta(hours=5, minutes=60 - minutes)
    await ticks(store, clock, configuration, back, times=3)
    await ticks(store, clock, configuration, first.due + timedelta(hours=6), times=2)
    found = [(row.due_at - first.due, row.skipped) for row in await rows(store)]
    hours = timedelta(hours=1)
    expected = [(0 * hours, 0), (5 * hours, 4), (6 * hours, 0)] if minutes == 55 else [(0 * hours, 0), (6 * hours, 5)]
    assert found == expected


async def test_a_rhythm_after_days_away_is_one_run_not_thousands(store, clock):
    configuration = parse('timezone: UTC\nchannel: "#ops"\nchecks:\n  disk: {kind: disk, path: /, every: 5s}\n')
    await learn(store, clock, configuration, "2026-03-02T09:00")
    await ticks(store, clock, configuration, "2026-03-09T09:00", times=3)
    (run,) = await rows(store)
    assert (run.state, run.skipped) == (NEW, 7 * 24 * 3600 // 5 - 1)
    assert clock.at - run.due_at < timedelta(seconds=5)


async def test_a_new_schedule_counts_from_now(store, clock):
    configuration = configured("schedule: every day at 09:00", "UTC")
    await learn(store, clock, configuration, "2026-03-02T09:05")
    await ticks(store, clock, configuration, "2026-03-02T09:06")
    assert await told(store) == []


async def test_the_same_schedule_learned_again_after_a_restart_forgets_no_slot(store, clock):
    configuration = configured("schedule: every day at 09:00", "UTC")
    await learn(store, clock, configuration, "2026-03-02T08:00")
    await learn(store, clock, configuration, "2026-03-02T09:05")
    await ticks(store, clock, configuration, "2026-03-02T09:06")
    assert await told(store) == [("2026-03-02T09:00", NEW)]


CHANGES = [
    pytest.param(("every day at 09:00", "UTC"), ("every day at 11:00", "UTC"), "11:00", id="its time"),
    pytest.param(("every day at 13:00", "UTC"), ("every day at 13:00", "Europe/Amsterdam"), "12:00", id="its zone"),
    pytest.param(
        ("every day at 11:00, except: ['2026-03-02']", "UTC"), ("every day at 11:00", "UTC"), "11:00", id="its days off"
    ),
]


@pytest.mark.parametrize(("before", "after", "due"), CHANGES)
async def test_a_changed_schedule_counts_anew_whatever_changed(store, clock, before, after, due):
    old, new = (configured(f"schedule: {words}", zone) for words, zone in (before, after))
    await learn(store, clock, old, "2026-03-02T10:00")
    await learn(store, clock, new, "2026-03-02T10:05")
    for minute in range(0, 240, 10):
        await ticks(store, clock, new, utc("2026-03-02T10:05") + timedelta(minutes=minute))
    (run,) = await rows(store)
    assert (f"{run.due_at:%H:%M}", run.state) == (due, NEW)


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        pytest.param("2026-03-02T09:05", [("2026-03-02T09:00", NEW)], id="late, and run"),
        pytest.param("2026-03-02T09:00:00.5", [("2026-03-02T09:00", NEW)], id="a reload before the tick"),
        pytest.param("2026-03-02T10:05", [("2026-03-02T09:00", MISSED)], id="too late, and missed"),
        pytest.param(
            "2026-03-04T09:05",
            [("2026-03-02T09:00", MISSED), ("2026-03-03T09:00", MISSED), ("2026-03-04T09:00", NEW)],
            id="three days",
        ),
        pytest.param("2026-03-02T08:55", [], id="nothing was due"),
    ],
)
async def test_what_was_due_before_a_schedule_changed_is_accounted_for(store, clock, away, expected):
    old, new = (configured(f"schedule: every day at {words}", "UTC") for words in ("09:00", "11:00 and 17:00"))
    await learn(store, clock, old, "2026-03-02T08:50")
    await learn(store, clock, new, away)
    await ticks(store, clock, new, clock.at, times=2)
    assert await told(store) == expected
    day = clock.at.date().isoformat()
    await ticks(store, clock, new, f"{day}T11:00")
    assert await told(store) == [*expected, (f"{day}T11:00", NEW)]


@pytest.mark.parametrize(
    ("before", "slot"),
    [
        pytest.param("every: 1h", "2026-03-02T", id="an interval"),
        pytest.param("schedule: every 6 hours", "2026-03-02T12:00:00Z", id="an interval in words"),
        pytest.param("cron: 0 12 * * *", "2026-03-02T12:00", id="cron"),
        pytest.param("cron: 0 12 29 2 *", "2028-02-29T12:00", id="a leap day"),
    ],
)
async def test_whatever_was_due_before_a_schedule_changed_has_its_name(store, clock, before, slot):
    old, new = configured(before, "UTC"), configured("schedule: every sunday at 11:00", "UTC")
    await learn(store, clock, old, "2028-02-29T11:00" if "29 2" in before else "2026-03-02T11:00")
    (planned,) = old.planned.values()
    due = planned.schedule.next_after(clock.at)
    await learn(store, clock, new, (due.due + timedelta(minutes=30)).replace(tzinfo=None).isoformat())
    assert [name for name, _ in await told(store)] == [slot if slot[-1] != "T" else due.key]


async def test_what_was_due_by_a_schedule_that_cannot_be_read_any_more_is_named_too(store, clock):
    new = configured("schedule: every day at 09:00", "UTC")
    await learn(store, clock, new, "2026-03-02T10:00")
    was = (await store.read(lambda tx: tx.schedules.all()))["morning"]
    odd = replace(was, spec="as another version wrote it", next_due=utc("2026-03-02T11:00"))
    await store.write(lambda tx: tx.schedules.save(odd))
    await learn(store, clock, new, "2026-03-02T11:05")
    assert await told(store) == [("2026-03-02T11:00:00Z", MISSED)]


async def test_a_day_off_that_a_change_brings_is_not_missed(store, clock):
    old = configured("schedule: every day at 09:00", "UTC")
    new = configured("schedule: every day at 09:00, except: ['2026-03-02']", "UTC")
    await learn(store, clock, old, "2026-03-02T08:50")
    await learn(store, clock, new, "2026-03-02T12:00")
    assert await told(store) == []


async def test_a_removed_schedule_is_forgotten_and_starts_anew_when_it_comes_back(store, clock):
    configuration = configured("schedule: every day at 09:00", "UTC")
    await learn(store, clock, configuration, "2026-03-02T08:00")
    await learn(store, clock, replace(configuration, planned={}))
    assert await store.read(lambda tx: tx.schedules.all()) == {}
    await learn(store, clock, configuration, "2026-03-02T10:00")
    await ticks(store, clock, configuration, "2026-03-02T10:01")
    assert await told(store) == []


async def test_a_schedule_that_another_replica_changed_is_left_to_it(store, clock):
    old = configured("schedule: every day at 09:00", "UTC")
    new = configured("schedule: every day at 10:00", "UTC")
    await learn(store, clock, new, "2026-03-02T08:00")
    await ticks(store, clock, old, "2026-03-02T10:00")
    assert await told(store) == []
    await ticks(store, clock, new, "2026-03-02T10:00")
    assert await told(store) == [("2026-03-02T10:00", NEW)]


async def test_a_run_brings_its_items_its_owner_and_the_moment_at_which_it_is_overdue(store, clock):
    configuration = parse(
        'timezone: UTC\nchannel: "#ops"\nchecks:\n  disk: {kind: disk, path: /}\nchecklists:\n'
        "  morning: {schedule: every day at 09:00, due_in: 30m, channel: '#own',\n"
        "    items: [disk, {manual: Look, owner: 'user:ann'}]}\n"
    )
    await learn(store, clock, configuration, "2026-03-02T08:00")
    await ticks(store, clock, configuration, "2026-03-02T09:00:07")
    run = await store.read(lambda tx: tx.runs.get(1))
    assert [item.item.id for item in run.items] == ["disk", "look"]
    assert (run.items[1].owner, run.channel) == ("user:ann", "#own")
    assert run.overdue_at == utc("2026-03-02T09:30")
