"""Looking: bounded in time, never twice at what hangs, masked, and never raising."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.masking import MASK, Masker
from bot.engine.looking import AT_ONCE, TEXT_LIMIT, Looker
from bot.engine.remembering import LIMIT
from checks import (
    EVIDENCE_LIMIT,
    Context,
    CouldNotCheck,
    Evidence,
    Finding,
    Look,
    Metric,
    Outcome,
)
from tests.looking import check, look_at
from tests.story import SimulatedClock

FINE = Look(metrics=(Metric("used", 1.0),))
SECRET = "tr0ub4dor-and-3-horses"
AT_ONCE_IS_UP = timedelta(milliseconds=10)
"""The deadline of a look that never ends: it is reached whatever the machine does."""


def circle() -> list[Any]:
    around: list[Any] = []
    around.append(around)
    return around


def answers(look: Look) -> Callable[[Context], Awaitable[Look]]:
    async def does(ctx: Context) -> Look:
        return look

    return does


def raises(error: BaseException) -> Callable[[Context], Awaitable[Look]]:
    async def does(ctx: Context) -> Look:
        raise error

    return does


class Hanging:
    """A look that ends when the test says so."""

    def __init__(self, ends_with: Look | Exception):
        self.started = 0
        self.go_on = asyncio.Event()
        self.over = asyncio.Event()
        self.ends_with = ends_with

    async def __call__(self, ctx: Context) -> Look:
        self.started += 1
        await self.go_on.wait()
        ctx.memory["offset"] = 99
        asyncio.get_running_loop().call_soon(self.over.set)
        if isinstance(self.ends_with, Exception):
            raise self.ends_with
        return self.ends_with


@pytest.fixture
def clock():
    return SimulatedClock()


@pytest.fixture
def looker(clock):
    return Looker(clock, Masker([SECRET]))


async def test_metrics_are_judged_by_the_rules(looker):
    found = await look_at(looker, check(answers(Look(metrics=(Metric("used", 95.0, "/"),)))))
    assert found.outcome is Outcome.CRITICAL
    assert found.metrics == (Metric("used", 95.0, "/"),)
    assert "/ is 95 % used" in found.headline


async def test_a_broken_target_is_critical(looker):
    found = await look_at(looker, check(answers(Look.broken("db:5432 refuses connections"))))
    assert (found.outcome, found.headline) == (Outcome.CRITICAL, "db:5432 refuses connections")


FAULTS = [
    pytest.param(CouldNotCheck("no permission"), "could not check: no permission", id="our own side is at fault"),
    pytest.param(ZeroDivisionError("oops"), "the check itself broke: ZeroDivisionError: oops", id="the check crashes"),
    pytest.param(TimeoutError(), "the check itself broke: TimeoutError", id="a time limit inside the check"),
    pytest.param(asyncio.CancelledError(), "the check itself broke: it was cancelled", id="a cancelled part of it"),
]


@pytest.mark.parametrize(("error", "sentence"), FAULTS)
async def test_a_look_that_fails_is_unknown_and_says_why(looker, error, sentence):
    found = await look_at(looker, check(raises(error)))
    assert found.outcome is Outcome.UNKNOWN
    assert sentence in found.headline


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(None, id="nothing at all"),
        pytest.param(Look(metrics=(Metric("used", "much"),)), id="a metric that is no number"),
        pytest.param(Look(evidence=(None,)), id="evidence that is none"),
        pytest.param(Look(findings=(Finding(Outcome.CRITICAL, None),)), id="a finding without words"),
    ],
)
async def test_a_check_that_answers_nonsense_is_unknown_or_judged_but_never_stops_the_run(looker, nonsense):
    fine = check(answers(FINE), name="fine")
    odd, other = await looker.look_at_all([check(answers(nonsense)), fine])
    assert odd.outcome is Outcome.UNKNOWN
    assert other.outcome is Outcome.OK


async def test_a_look_beyond_its_deadline_is_unknown(looker):
    hanging = Hanging(FINE)
    found = await look_at(looker, check(hanging, timeout=AT_ONCE_IS_UP))
    assert (found.outcome, found.headline) == (Outcome.UNKNOWN, "could not check: gave up after 0.01 s")
    hanging.go_on.set()


async def test_what_hangs_is_not_started_twice_and_the_next_look_says_since_when(looker, clock):
    hanging = Hanging(FINE)
    looker.use(Masker([]), timezone="Europe/Amsterdam")
    await look_at(looker, check(hanging, timeout=AT_ONCE_IS_UP))
    clock.at += timedelta(minutes=7)
    found = await look_at(looker, check(hanging, timeout=AT_ONCE_IS_UP))
    assert found.outcome is Outcome.UNKNOWN
    assert found.headline == "could not check: still hanging since 09:00; not started again"
    assert hanging.started == 1
    hanging.go_on.set()


@pytest.mark.parametrize("end", [FINE, OSError("gone")], ids=["it answers after all", "it ends with an error"])
async def test_once_it_came_back_it_is_looked_at_again(looker, end):
    hanging = Hanging(end)
    await look_at(looker, check(hanging, timeout=AT_ONCE_IS_UP))
    hanging.go_on.set()
    await until(lambda: not looker.hanging)
    found = await look_at(looker, check(answers(FINE)))
    assert found.outcome is Outcome.OK


async def test_two_runs_that_hang_at_one_check_both_have_to_come_back(looker):
    first, second = Hanging(FINE), Hanging(FINE)
    await asyncio.gather(*(look_at(looker, check(each, timeout=AT_ONCE_IS_UP)) for each in (first, second)))
    assert (first.started, second.started) == (1, 1)
    second.go_on.set()
    await second.over.wait()
    found = await look_at(looker, check(answers(FINE)))
    assert "still hanging" in found.headline
    first.go_on.set()
    await until(lambda: not looker.hanging)


async def test_what_a_look_remembers_after_its_deadline_does_not_count(looker):
    # It read on and moved its position; what it found there nobody has seen.
    hanging = Hanging(FINE)
    found = await look_at(looker, check(hanging, timeout=AT_ONCE_IS_UP), memory={"offset": 1})
    hanging.go_on.set()
    await until(lambda: not looker.hanging)
    assert found.memory in (None, {"offset": 1})


async def test_a_look_gets_its_own_memory_and_hands_it_on(looker):
    async def does(ctx):
        ctx.memory["offset"] += 1
        return Look()

    kept = {"offset": 1}
    found = await look_at(looker, check(does), memory=kept)
    assert (found.memory, kept) == ({"offset": 2}, {"offset": 1})


def remembering(memory: dict[str, Any], look: Look = FINE) -> Callable[[Context], Awaitable[Look]]:
    async def does(ctx: Context) -> Look:
        ctx.memory.clear()
        ctx.memory.update(memory)
        return look

    return does


def memory_of(size: int) -> dict[str, str]:
    """A memory that is so many bytes of JSON."""
    return {"seen": "é" * ((size - 12) // 2) + "x" * (size % 2)}


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
async def test_a_memory_up_to_the_limit_is_kept(looker, size):
    memory = memory_of(size)
    assert len(json.dumps(memory, ensure_ascii=False).encode()) == size
    found = await look_at(looker, check(remembering(memory)))
    assert (found.memory, found.outcome) == (memory, Outcome.OK)


async def test_a_larger_memory_is_the_check_s_own_mistake_and_the_old_one_stays(looker):
    found = await look_at(looker, check(remembering(memory_of(LIMIT + 1))))
    assert (found.memory, found.outcome) == (None, Outcome.UNKNOWN)
    assert "db wants to remember 65,537 bytes, of which at most 65,536 are kept" in found.headline


@pytest.mark.parametrize(
    "memory",
    [
        pytest.param({"rate": float("nan")}, id="a number that is none"),
        pytest.param({"at": timedelta(seconds=1)}, id="a thing that only Python knows"),
        pytest.param({"deep": circle()}, id="a circle"),
    ],
)
async def test_a_memory_that_cannot_be_stored_is_the_check_s_own_mistake(looker, memory):
    found = await look_at(looker, check(remembering(memory)))
    assert (found.memory, found.outcome) == (None, Outcome.UNKNOWN)
    assert "db wants to remember what cannot be stored" in found.headline


async def test_a_broken_target_is_told_whatever_the_check_wants_to_remember(looker):
    broken = Look(metrics=(Metric("used", 95.0),))
    found = await look_at(looker, check(remembering(memory_of(LIMIT + 1), broken)))
    assert (found.memory, found.outcome) == (None, Outcome.CRITICAL)
    assert [finding.outcome for finding in found.findings] == [Outcome.CRITICAL, Outcome.UNKNOWN]


async def test_at_most_a_hundred_looks_are_in_progress(looker):
    looking, most = 0, 0
    full, go_on = asyncio.Event(), asyncio.Event()

    async def does(ctx):
        nonlocal looking, most
        looking += 1
        most = max(most, looking)
        if looking == AT_ONCE:
            full.set()
        await go_on.wait()
        looking -= 1
        return Look()

    checks = [check(does, name=f"c{n}") for n in range(AT_ONCE + 50)]
    running = asyncio.ensure_future(looker.look_at_all(checks))
    await full.wait()
    for _ in range(10):  # whoever wanted to push in would have done so
        await asyncio.sleep(0)
    go_on.set()
    assert len(await running) == AT_ONCE + 50
    assert most == AT_ONCE == 100


async def test_results_come_in_the_order_of_the_checks_and_are_heard_of_as_they_come(looker):
    slow, heard = Hanging(FINE), []

    def hear(result):
        heard.append(result.check)
        slow.go_on.set()

    both = [check(slow, name="slow"), check(answers(FINE), name="quick")]
    found = await looker.look_at_all(both, on_result=hear)
    assert [result.check for result in found] == ["slow", "quick"]
    assert heard == ["quick", "slow"]


async def test_checks_of_one_run_share_what_is_looked_up_once(looker):
    asked = []

    async def look_up():
        asked.append(1)
        return 5

    async def does(ctx):
        return Look(metrics=(Metric("used", float(await ctx.shared("key", look_up))),))

    found = await looker.look_at_all([check(does, name=f"c{n}") for n in range(5)])
    assert ([r.metrics[0].value for r in found], len(asked)) == ([5.0] * 5, 1)


HIDDEN = [
    pytest.param(SECRET, id="as it is"),
    pytest.param(base64.b64encode(SECRET.encode()).decode(), id="in base64"),
]


@pytest.mark.parametrize("shown", HIDDEN)
async def test_secrets_leave_every_text_before_it_is_stored(looker, shown):
    look = Look(
        metrics=(Metric("used", 1.0, f"disk {shown}"),),
        findings=(Finding(Outcome.INFO, f"text {shown}", f"object {shown}"),),
        evidence=(Evidence(f"title {shown}", f"seen {shown}"),),
    )
    found = await look_at(looker, check(answers(look)))
    assert shown not in repr(found)
    assert repr(found).count(MASK) >= 5


@pytest.mark.parametrize("error", [CouldNotCheck(f"bad {SECRET}"), OSError(f"bad {SECRET}")], ids=["told", "crash"])
async def test_secrets_leave_errors_too(looker, error):
    found = await look_at(looker, check(raises(error)))
    assert SECRET not in repr(found)
    assert MASK in found.headline


async def test_a_secret_across_the_cut_is_masked_before_it_is_cut(looker):
    text = "x" * (EVIDENCE_LIMIT - 5) + SECRET
    finding = "x" * (TEXT_LIMIT - 5) + SECRET
    look = Look(evidence=(Evidence("seen", text),), findings=(Finding(Outcome.INFO, finding),))
    found = await look_at(looker, check(answers(look)))
    assert SECRET[:5] not in repr(found)
    assert len(found.evidence[0].text) == EVIDENCE_LIMIT
    assert len(found.findings[0].text) <= TEXT_LIMIT


async def test_new_secrets_are_masked_from_the_moment_they_are_known(looker):
    looker.use(Masker(["another-secret-entirely"]), timezone="UTC")
    found = await look_at(looker, check(answers(Look.broken("refused another-secret-entirely"))))
    assert found.headline == f"refused {MASK}"


async def test_what_a_database_cannot_keep_is_replaced(looker):
    odd = "bytes \x00 and \ud800 halves"
    look = Look(
        findings=(Finding(Outcome.CRITICAL, odd, odd),),
        metrics=(Metric("used", float("nan")), Metric("used", float("inf"), odd), Metric("used", 1.0)),
        evidence=(Evidence(odd, odd),),
    )
    found = await look_at(looker, check(answers(look)))
    assert "\\x00" not in repr(found)
    repr(found).encode()
    assert "\\ud800" not in repr(found)
    assert found.metrics == (Metric("used", 1.0),)
    assert found.headline.startswith("bytes \ufffd and ")


async def until(true: Callable[[], bool]) -> None:
    """Let what can go on go on, until it is so."""
    for _ in range(100):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to be")
