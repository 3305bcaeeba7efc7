"""What a message may consist of: text, blocks, attachments, metadata."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.block_kit import limits, validate
from sandbox.block_kit.elements import with_ids
from sandbox.block_kit.shape import Node
from sandbox.json_types import Json
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.refusal import Refused

TEXT_CUT = 40_000
"""Characters of `text`; the rest is cut (docs.slack.dev/reference/methods/chat.postMessage)."""
UPDATE_TEXT = 4_000
"""Characters of `text` in chat.update (its page: msg_too_long)."""
METADATA = 8_000
"""Characters of metadata as JSON. Slack has a limit and does not publish it: a guess."""


@dataclass(frozen=True)
class Content:
    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Json | None

    @property
    def empty(self) -> bool:
        return not (self.text or self.blocks or self.attachments)


def read(args: Arguments, *, text_limit: int = 0, file_ready: validate.FileReady | None = None) -> Content:
    """From the arguments of a call, checked. `text_limit` refuses longer text instead of cutting it."""
    text, blocks = args.text("text"), args.json("blocks")
    if markdown := args.text("markdown_text"):
        if text or blocks:
            raise Refused("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    if text_limit and len(text) > text_limit:
        raise Refused("msg_too_long")
    content = Content(
        text=text[:TEXT_CUT],
        blocks=_blocks(blocks, file_ready),
        attachments=_attachments(args.json("attachments"), file_ready),
        metadata=_metadata(args.json("metadata")),
    )
    together = Node([], "/blocks")
    inside = [block for attachment in content.attachments for block in attachment.get("blocks", [])]
    validate.totals(together, [*content.blocks, *inside])
    if together.problems:
        raise Refused.blocks([problem.sentence for problem in together.problems])
    return content


def _blocks(given: Any, file_ready: validate.FileReady | None) -> list[Json]:
    blocks = _objects(given, "invalid_blocks_format")
    if problems := validate.blocks(blocks, surface="message", file_ready=file_ready):
        raise Refused.blocks([problem.sentence for problem in problems])
    if validate.too_long(blocks):
        raise Refused("msg_blocks_too_long")
    return with_ids(blocks)


def _attachments(given: Any, file_ready: validate.FileReady | None) -> list[Json]:
    """Only the blocks in them are checked; the older fields are left as they are."""
    attachments = _objects(given, "invalid_attachments")
    if len(attachments) > limits.ATTACHMENTS:
        raise Refused("too_many_attachments")
    made: list[Json] = []
    for index, attachment in enumerate(attachments):
        blocks = attachment.get("blocks")
        pointer = f"/attachments/{index}/blocks"
        if blocks is not None:
            problems = validate.blocks(blocks, surface="message", pointer=pointer, file_ready=file_ready)
            if problems:
                raise Refused.blocks([problem.sentence for problem in problems], code="invalid_attachments")
            if validate.too_long(blocks):
                raise Refused("msg_blocks_too_long")
            made.append(attachment | {"id": index + 1, "blocks": with_ids(blocks)})
        else:
            made.append(attachment | {"id": index + 1})
    return made


def _objects(given: Any, code: str) -> list[Json]:
    if given is None or given == "":
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Refused(code)
    return given


def _metadata(given: Any) -> Json | None:
    """Values are words, numbers or yes/no, in one object, or lists of such (@slack/types)."""
    if given is None or given == "":
        return None
    if not isinstance(given, dict) or not isinstance(given.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    payload = given.get("event_payload", {})
    if not given["event_type"] or not isinstance(payload, dict):
        raise Refused("invalid_metadata_format")
    for value in payload.values():
        items = value if isinstance(value, list) else [value]
        if not all(_plain(item) or (isinstance(item, dict) and all(map(_plain, item.values()))) for item in items):
            raise Refused("invalid_metadata_schema")
    if len(json.dumps(given, ensure_ascii=False)) > METADATA:
        raise Refused("metadata_too_large")
    return {"event_type": given["event_type"], "event_payload": payload}


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)
