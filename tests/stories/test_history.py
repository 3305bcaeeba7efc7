"""A rule that asks what was: judged from the day on which there is enough, and then for what it says."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from bot.domain.rules import CompiledRules
from checks import Check, Context, Look, Measure, Metric, Rules

MEASURES = {"size_bytes": Measure("B", "how large it is", "has {value}")}


class Sized(Check):
    """A database whose size the story sets."""

    kind: Literal["sized"] = "sized"
    sizes: dict[str, float]
    measures = MEASURES

    def about(self) -> str:
        return "shop"

    async def look(self, ctx: Context) -> Look:
        return Look((Metric("size_bytes", self.sizes["now"]),))


YAML = """
channel: "#operations"
checks:
  shop: {kind: disk, path: /, every: 1h, open_after: 1, close_after: 1}
"""


async def sized(story, warning):
    """A shop whose size can be set, judged by that rule."""
    await story.configured(YAML)
    sizes = {"now": 100.0}
    check = Sized(sizes=sizes)
    object.__setattr__(check, "sizes", sizes)
    rules = CompiledRules.compile(Rules(warning=warning), MEASURES)
    configured = replace(story.configuration.checks["shop"], check=check, rules=rules)
    story.configuration = replace(story.configuration, checks={"shop": configured})
    return sizes


async def test_growth_of_a_day_is_judged_from_the_second_day_on(story):
    sizes = await sized(story, 'change(size_bytes, "1d") > 0.10')
    await story.after("3h")
    (result,) = await story.store.read(lambda tx: tx.runs.latest_results("shop"))
    assert "judged from Tuesday 3 March" in result.headline
    sizes["now"] = 109.0
    await story.after("23h")
    assert story.roots() == []
    sizes["now"] = 130.0
    await story.after("2h")
    assert story.the("#1 shop").shows("shop has 130 B", "% more than 1 day ago (limit 10 %)")
    await story.after("25h")
    assert story.the("#1 shop").shows("Recovered")


async def test_what_was_measured_is_rolled_up_before_the_looks_are_forgotten(story):
    await story.configured(YAML.replace("1h", "30m"), scripted=False)
    begun = story.clock.at
    await story.after("3h")
    story.clock.at += timedelta(days=20)
    await story.engine.tidy()
    assert len(await story.store.read(lambda tx: tx.runs.latest_results("shop", limit=9))) == 1  # the newest run stays
    points = await story.store.read(lambda tx: tx.history.series("shop", "used_percent", about=None, since=begun))
    assert len(points) >= 3


@pytest.mark.parametrize("while_stopped", [False, True])
async def test_a_clock_that_was_ahead_and_is_set_right_lets_history_count_again(story, while_stopped):
    sizes = await sized(story, 'average(size_bytes, "3h") > 110')
    await story.after("6h")
    story.clock.at += timedelta(hours=30)
    await story.settle()
    await story.after("6h")
    await story.engine.roll_up()
    story.clock.at -= timedelta(hours=30)
    if while_stopped:
        await story.crashed_and_back_after("1s")
    await story.settle()
    sizes["now"] = 130.0
    await story.after("5h")
    assert story.the("#1 shop")
