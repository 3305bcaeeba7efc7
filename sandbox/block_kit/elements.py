"""Finds the blocks and the interactive elements in blocks, however deep, and gives ids to those that have none."""

import copy
import secrets
from collections.abc import Iterator

from sandbox.json_types import Json

INTERACTIVE = frozenset(
    {
        "button",
        "checkboxes",
        "channels_select",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "feedback_buttons",
        "file_input",
        "icon_button",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
        "workflow_button",
    }
)


def nested(block: Json) -> list[Json]:
    """The blocks in a block."""
    inside = block.get({"container": "child_blocks", "carousel": "elements", "plan": "tasks"}.get(_kind(block), ""))
    return [one for one in inside if isinstance(one, dict)] if isinstance(inside, list) else []


def all_blocks(blocks: list[Json]) -> Iterator[Json]:
    """Every block, those in containers and carousels after the one that holds them."""
    for block in blocks:
        yield block
        yield from all_blocks(nested(block))


def of_block(block: Json) -> Iterator[Json]:
    """The interactive elements that belong to this block itself, not to the blocks in it."""
    candidates = [block.get("accessory"), block.get("element")]
    for name in ("elements", "actions"):
        inside = block.get(name)
        if isinstance(inside, list) and _kind(block) != "carousel":
            candidates += inside
    for one in candidates:
        if isinstance(one, dict) and _kind(one) in INTERACTIVE:
            yield one


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) for every element a person can use."""
    for block in all_blocks(blocks):
        for element in of_block(block):
            yield block, element


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id, as Slack stores them."""
    copied = copy.deepcopy(blocks)
    for block in all_blocks(copied):
        if not block.get("block_id"):
            block["block_id"] = secrets.token_urlsafe(4)
    for _, element in interactive(copied):
        if not element.get("action_id"):
            element["action_id"] = secrets.token_urlsafe(4)
    return copied


def _kind(part: Json) -> str:
    kind = part.get("type")
    return kind if isinstance(kind, str) else ""
