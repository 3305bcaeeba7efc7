"""The blocks themselves, one rule per type."""

from collections.abc import Mapping

from sandbox.block_kit import limits
from sandbox.block_kit.charts import data_visualization
from sandbox.block_kit.controls import accessory, action, button, context, context_button, entry
from sandbox.block_kit.icons import ICONS
from sandbox.block_kit.rich_texts import rich_text_block, rich_text_value
from sandbox.block_kit.shape import Node, Rule, by_type, flag, listing, number, one_of, shape, string, url
from sandbox.block_kit.tables import data_table, table
from sandbox.block_kit.texts import image_block, image_element, plain, text

_ID: Mapping[str, Rule] = {"block_id": string(1, limits.BLOCK_ID)}


def _text_or_fields(node: Node) -> None:
    if not node.has("text") and not node.has("fields"):
        node.fail("one_of", "must define either `text` or `fields`")


SIMPLE: Mapping[str, Rule] = {
    "section": shape(
        {},
        {
            **_ID,
            "text": text(limits.SECTION_TEXT),
            "fields": listing(text(limits.SECTION_FIELD), 1, limits.SECTION_FIELDS),
            "accessory": accessory,
            "expand": flag,
        },
        also=_text_or_fields,
    ),
    "header": shape({"text": plain(limits.HEADER)}, {**_ID, "level": number(1, limits.HEADER_LEVELS, whole=True)}),
    "divider": shape({}, _ID),
    "context": shape({"elements": listing(context, 1, limits.CONTEXT_ELEMENTS)}, _ID),
    "actions": shape({"elements": listing(action, 1, limits.ACTIONS_ELEMENTS)}, _ID),
    "input": shape(
        {"label": plain(limits.INPUT_LABEL), "element": entry},
        {**_ID, "hint": plain(limits.INPUT_HINT), "optional": flag, "dispatch_action": flag},
    ),
    "image": image_block,
    "rich_text": rich_text_block,
    "table": table,
    "file": shape({"external_id": string(1), "source": one_of("remote")}, _ID),
    "video": shape(
        {
            "alt_text": string(0, limits.VIDEO_ALT),
            "title": plain(limits.VIDEO_TITLE),
            "thumbnail_url": url(limits.VIDEO_URL),
            "video_url": url(limits.VIDEO_URL),
        },
        {
            **_ID,
            "author_name": string(0, limits.VIDEO_AUTHOR),
            "description": plain(limits.VIDEO_DESCRIPTION),
            "provider_icon_url": url(limits.VIDEO_TITLE_URL),
            "provider_name": string(0, limits.VIDEO_PROVIDER),
            "title_url": url(limits.VIDEO_TITLE_URL),
        },
    ),
}
"""Those that may also stand in a container."""


def _card_has_something(node: Node) -> None:
    if not any(node.has(name) for name in ("hero_image", "title", "actions", "body")):
        node.fail("one_of", "must define at least one of `hero_image`, `title`, `actions` or `body`")
    if node.has("icon") and node.has("slack_icon"):
        node.fail("one_of", "must define at most one of `icon` or `slack_icon`")


card = shape(
    {},
    {
        **_ID,
        "hero_image": image_element,
        "icon": image_element,
        "slack_icon": by_type({"icon": shape({"name": one_of(*ICONS)})}),
        "title": text(limits.CARD_TITLE),
        "subtitle": text(limits.CARD_SUBTITLE),
        "body": text(limits.CARD_BODY),
        "subtext": text(limits.CARD_SUBTEXT),
        "actions": listing(by_type({"button": button}), 1, limits.CARD_ACTIONS),
    },
    also=_card_has_something,
)


def _container(node: Node) -> None:
    if not node.has("title") and not node.has("rich_text_title"):
        node.fail("one_of", "must define either `title` or `rich_text_title`")
    if node.get("default_collapsed") and not node.get("is_collapsible"):
        node.fail("invalid_combination", "default_collapsed needs is_collapsible")
    if node.get("has_header_divider") and node.get("is_collapsible"):
        node.fail("invalid_combination", "has_header_divider is only for containers that do not collapse")


def _status(*allowed: str) -> Mapping[str, Rule]:
    return {
        "task_id": string(1),
        "title": string(1),
        "status": one_of(*allowed),
    }


_TASK: Mapping[str, Rule] = {
    **_ID,
    "details": rich_text_value,
    "output": rich_text_value,
    "sources": listing(by_type({"url": shape({"url": string(1), "text": string(1)})}), 0),
}
_task_in_plan = shape(_status("pending", "in_progress", "complete", "error"), _TASK)


def _task_ids_differ(node: Node) -> None:
    tasks = node.get("tasks")
    ids = [task.get("task_id") for task in tasks if isinstance(task, dict)] if isinstance(tasks, list) else []
    if len({str(one) for one in ids}) != len(ids):
        node.fail("duplicate", "task_id must be unique")


SPECIAL: Mapping[str, Rule] = {
    "markdown": shape({"text": string(1, limits.MARKDOWN)}, _ID),
    "alert": shape(
        {"text": text(limits.ALERT)}, {**_ID, "level": one_of("default", "info", "warning", "error", "success")}
    ),
    "card": card,
    "carousel": shape({"elements": listing(by_type({"card": card}), 1, limits.CAROUSEL_CARDS)}, _ID),
    "container": shape(
        {"child_blocks": listing(by_type(SIMPLE), 1, limits.CONTAINER_CHILDREN)},
        {
            **_ID,
            "title": plain(limits.CONTAINER_TITLE),
            "rich_text_title": rich_text_value,
            "subtitle": text(limits.CONTAINER_SUBTITLE),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": image_element,
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
        also=_container,
    ),
    "context_actions": shape({"elements": listing(context_button, 1, limits.CONTEXT_ACTIONS_ELEMENTS)}, _ID),
    "data_table": data_table,
    "data_visualization": data_visualization,
    "task_card": shape(_status("in_progress", "complete", "error"), _TASK),
    "plan": shape(
        {"title": string(1), "tasks": listing(_task_in_plan, 0, limits.PLAN_TASKS)}, _ID, also=_task_ids_differ
    ),
}
BLOCKS: Mapping[str, Rule] = {**SIMPLE, **SPECIAL}
