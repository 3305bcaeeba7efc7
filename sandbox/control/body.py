"""The JSON body of a control call, read one field at a time; what is wrong is said in a sentence."""

from typing import Any

from aiohttp import web

from sandbox.interactions.parts import Impossible
from sandbox.json_types import Json, parse

LARGEST = 4 << 20
"""Bytes."""


async def read(request: web.Request) -> "Body":
    raw = await request.read()
    if not raw.strip():
        return Body({})
    try:
        given = parse(raw)
    except ValueError:
        raise Impossible("The body is not JSON.") from None
    if not isinstance(given, dict):
        raise Impossible("The body must be an object.")
    return Body(given)


class Body:
    def __init__(self, given: Json) -> None:
        self.given = given

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise Impossible(f"{name} must be a text.")
        return value

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Impossible(f"{name} is missing.")
        return value

    def flag(self, name: str) -> bool | None:
        value = self.given.get(name)
        if value is not None and not isinstance(value, bool):
            raise Impossible(f"{name} must be true or false.")
        return value

    def has(self, name: str) -> bool:
        return self.given.get(name) is not None

    def list(self, name: str) -> "list[Any]":
        value: Any = self.given.get(name, [])
        if not isinstance(value, list):
            raise Impossible(f"{name} must be a list.")
        return value

    def object(self, name: str) -> Json:
        value: Any = self.given.get(name, {})
        if not isinstance(value, dict):
            raise Impossible(f"{name} must be an object.")
        return value
