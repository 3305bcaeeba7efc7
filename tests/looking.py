"""Checks that do what a test tells them, and one looked at alone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, ClassVar, Literal

from bot.config.configuration import ConfiguredCheck
from bot.domain.rules import CompiledRules
from bot.domain.runs import Result
from bot.domain.watching import Damping
from bot.engine.looking import Looker
from checks import Check, Context, Look, Measure, Rules


async def look_at(looker: Looker, check: ConfiguredCheck, *, memory: dict[str, Any] | None = None) -> Result:
    """Its result; `memory` is what it wrote down the time before."""
    (result,) = await looker.look_at_all([check], memories={check.name: memory or {}})
    return result


class Told(Check):
    """A check that does what the test tells it."""

    kind: Literal["told"] = "told"
    name: str
    does: Any
    measures: ClassVar = {"used": Measure("%", "Used.", "is {value} used")}

    def about(self) -> str:
        return self.name

    async def look(self, ctx: Context) -> Look:
        return await self.does(ctx)


def check(does: Callable[[Context], Awaitable[Look]], name="db", timeout=timedelta(seconds=60)) -> ConfiguredCheck:
    told = Told(name=name, does=does)
    rules = CompiledRules.compile(Rules(critical="used > 90"), told.measured())
    return ConfiguredCheck(name, name, told, rules, timeout, Damping(), "#ops")
