"""blocks.validate: what is wrong with blocks, a view or a message, without posting it."""

from typing import Any

from sandbox.block_kit import validate
from sandbox.block_kit.shape import Problem
from sandbox.json_types import Json
from sandbox.rates import SPECIAL
from sandbox.web_api.call import Call, Method
from sandbox.web_api.refusal import Refused


async def blocks_validate(call: Call) -> Json:
    """Exactly one of blocks, view and message. Bare blocks may be for any surface. No token is needed."""
    given = {name: call.args.json(name) for name in ("blocks", "view", "message") if call.args.has(name)}
    if len(given) != 1:
        raise Refused.argument("must provide exactly one of blocks, view or message")
    name, value = next(iter(given.items()))
    problems = _problems(name, value)
    if problems:
        raise Refused("invalid_blocks", errors=[_told(problem) for problem in problems])
    return {}


def _problems(name: str, value: Any) -> list[Problem]:
    if name == "blocks":
        return validate.blocks(value, surface=validate.ANYWHERE, pointer="")
    if name == "view":
        return validate.view(value, pointer="")
    if not isinstance(value, dict):
        return [Problem("wrong_type", "must be an object", "/")]
    return validate.blocks(value.get("blocks", []), surface="message", pointer="/blocks")


def _told(problem: Problem) -> Json:
    return {
        "code": problem.code,
        "message": problem.message,
        "field": problem.pointer.rpartition("/")[2],
        "pointer": problem.pointer,
        "constraint": problem.constraint,
    }


METHODS = {"blocks.validate": Method(blocks_validate, (), SPECIAL, token="")}
