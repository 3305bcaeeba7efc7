"""The arguments of a Web API call, however they travel: query, form, multipart or JSON."""

from typing import Any

from aiohttp import web

from sandbox.json_types import Json, parse
from sandbox.web_api.refusal import Refused

JSON_ARGUMENTS = frozenset(
    {"blocks", "view", "attachments", "metadata", "files", "message", "changes", "document_content", "channel_ids"}
)
"""Arguments that may come as JSON text."""
TRUE = frozenset({"1", "true", "True", "TRUE"})


async def read(request: web.Request) -> Json:
    """All of them in one object."""
    given: Json = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        raw = await request.read()
        if raw:
            try:
                body = parse(raw)
            except ValueError:
                raise Refused("invalid_json") from None
            if not isinstance(body, dict):
                raise Refused("json_not_object")
            given |= body
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        try:
            given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        except ValueError:
            raise Refused("invalid_form_data") from None
    elif request.can_read_body:
        raise Refused("invalid_post_type")
    return given


class Arguments:
    """Asked for one at a time; one that is missing or of the wrong kind refuses the call as Slack does."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        raise Refused.argument(f"must be a string [json-pointer:/{name}]")

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refused.argument(f"missing required field: {name}")
        return value

    def has(self, name: str) -> bool:
        return self.given.get(name) is not None

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.text(name) in TRUE if self.has(name) else default

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name, str(default))
        try:
            number = int(text)
        except ValueError:
            raise Refused.argument(f"must be an integer [json-pointer:/{name}]") from None
        return max(least, min(most, number))

    def words(self, name: str) -> list[str]:
        """A list, or words with commas between."""
        value = self.given.get(name)
        if isinstance(value, list):
            return [str(one) for one in value]
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def json(self, name: str) -> Any:
        """A JSON argument, decoded if it came as text. None if it is not there."""
        value = self.given.get(name)
        if isinstance(value, str) and name in JSON_ARGUMENTS:
            if not value.strip():
                return None
            try:
                return parse(value)
            except ValueError:
                raise Refused("invalid_blocks_format" if name == "blocks" else "invalid_arguments") from None
        return value
