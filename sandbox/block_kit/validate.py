"""Checks blocks and views as Slack does before it takes them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.elements import interactive
from sandbox.block_kit.layouts import BLOCKS
from sandbox.block_kit.shape import Node, Problem, by_type, flag, listing, one_of, shape, string
from sandbox.block_kit.surfaces import SURFACES
from sandbox.block_kit.tables import characters
from sandbox.block_kit.texts import plain
from sandbox.json_types import Json

FileReady = Callable[[Json], bool]
"""Whether the picture that a `slack_file` names can be shown."""
ANYWHERE = ""


def blocks(given: Any, *, surface: str, pointer: str = "/blocks", file_ready: FileReady | None = None) -> list[Problem]:
    """Problems of blocks on a surface: message, modal, home, or ANYWHERE."""
    node = Node(given, pointer)
    allowed = SURFACES.get(surface, frozenset(BLOCKS))
    rules = {kind: rule for kind, rule in BLOCKS.items() if kind in allowed}
    most = limits.MESSAGE_BLOCKS if surface == "message" else limits.VIEW_BLOCKS
    listing(by_type(rules, BLOCKS), 0, most)(node)
    if isinstance(given, list):
        objects = [one for one in given if isinstance(one, dict)]
        _unique(node, objects)
        _elements(node, objects, surface)
        if surface == "message":
            totals(node, objects)
        if file_ready is not None:
            for place in _slack_files(given, pointer):
                if not file_ready(place.value):
                    node.problems.append(Problem("invalid_file", "invalid slack file", place.pointer))
    return node.problems


def _named(given: list[Json], pointer: str) -> Iterator[tuple[Json, str]]:
    """Every block, those in others too, with its pointer."""
    for index, block in enumerate(given):
        here = f"{pointer}/{index}"
        yield block, here
        for name in ("child_blocks", "elements") if block.get("type") in ("container", "carousel") else ():
            inside = block.get(name)
            if isinstance(inside, list):
                yield from _named([one for one in inside if isinstance(one, dict)], f"{here}/{name}")


def _unique(node: Node, given: list[Json]) -> None:
    seen: set[str] = set()
    for block, pointer in _named(given, node.pointer):
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id:
            if block_id in seen:
                sentence = f"block_id {block_id!r} already exists"
                node.problems.append(Problem("duplicate", sentence, f"{pointer}/block_id"))
            seen.add(block_id)
        _unique_actions(node, block, pointer)


def _unique_actions(node: Node, block: Json, pointer: str) -> None:
    """An action_id is unique within its block."""
    elements = block.get("actions") if block.get("type") == "card" else block.get("elements")
    seen: set[str] = set()
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str):
            if action_id in seen:
                sentence = f"action_id {action_id!r} already exists"
                node.problems.append(Problem("duplicate", sentence, f"{pointer}/elements/{index}/action_id"))
            seen.add(action_id)


def _elements(node: Node, given: list[Json], surface: str) -> None:
    found = [element for _, element in interactive(given)]
    if sum(element.get("focus_on_load") is True for element in found) > 1:
        node.fail("too_many", "only one element can set focus_on_load")
    if surface == "message" and any(element.get("type") == "file_input" for element in found):
        node.fail("unsupported_type", "unsupported type: file_input")
    if surface in ("message", "home") and any(element.get("response_url_enabled") for element in found):
        node.fail("unsupported_field", "response_url_enabled is only for modals")


def totals(node: Node, given: list[Json]) -> None:
    """What a message may hold of some kinds together, its attachments included."""
    of_kind = {
        kind: [block for block, _ in _named(given, "") if block.get("type") == kind]
        for kind in ("markdown", "table", "data_table", "data_visualization")
    }
    if sum(len(str(block.get("text") or "")) for block in of_kind["markdown"]) > limits.MARKDOWN_TOTAL:
        node.fail("too_long", f"markdown must be less than {limits.MARKDOWN_TOTAL + 1} characters in all")
    if sum(characters(block.get("rows")) for block in of_kind["data_table"]) > limits.DATA_TABLE_TOTAL:
        node.fail("too_long", f"data tables must be less than {limits.DATA_TABLE_TOTAL + 1} characters in all")
    if len(of_kind["table"]) > limits.TABLES:
        node.fail("too_many", "only_one_table_allowed", limits.TABLES)
    if len(of_kind["data_visualization"]) > limits.CHARTS:
        node.fail("too_many", f"no more than {limits.CHARTS} data_visualization blocks allowed", limits.CHARTS)


def _slack_files(given: Any, pointer: str) -> Iterator[Node]:
    items = enumerate(given) if isinstance(given, list) else given.items() if isinstance(given, dict) else ()
    for name, value in items:
        here = f"{pointer}/{name}"
        if name == "slack_file" and isinstance(value, dict):
            yield Node(value, here)
        else:
            yield from _slack_files(value, here)


def too_long(given: list[Json]) -> bool:
    """msg_blocks_too_long."""
    return len(json.dumps(given, ensure_ascii=False, separators=(",", ":"))) > limits.MESSAGE_JSON


_COMMON = {
    "type": one_of("modal", "home"),
    "blocks": listing(lambda _: None, 0),
    "private_metadata": string(0, limits.PRIVATE_METADATA),
    "callback_id": string(0, limits.CALLBACK_ID),
    "external_id": string(0, limits.EXTERNAL_ID),
}
_button = plain(limits.VIEW_BUTTON)
_modal = shape(
    {"title": plain(limits.VIEW_TITLE), "blocks": _COMMON["blocks"]},
    {
        **_COMMON,
        "close": _button,
        "submit": _button,
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_home = shape({"blocks": _COMMON["blocks"]}, _COMMON)


def view(given: Any, *, pointer: str = "/view", file_ready: FileReady | None = None) -> list[Problem]:
    """Problems of a modal or Home tab."""
    node = Node(given, pointer)
    by_type({"modal": _modal, "home": _home})(node)
    if not isinstance(given, dict) or given.get("type") not in ("modal", "home"):
        return node.problems
    inside = given.get("blocks")
    node.problems.extend(
        blocks(inside, surface=str(given["type"]), pointer=f"{pointer}/blocks", file_ready=file_ready)
        if isinstance(inside, list)
        else []
    )
    if given["type"] == "modal" and not node.has("submit") and isinstance(inside, list):
        # A container's inputs count, too.
        objects = [one for one in inside if isinstance(one, dict)]
        if any(block.get("type") == "input" for block, _ in _named(objects, "")):
            node.fail("missing_field", "missing required field: submit")
    return node.problems


def view_too_large(given: Json) -> bool:
    """view_too_large."""
    return len(json.dumps(given).encode()) > limits.VIEW_BYTES
