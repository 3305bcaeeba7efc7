"""What people enter: turns the plain value of a test or the page into Slack's form, and collects `state.values`."""

from typing import Any

from sandbox.block_kit.elements import interactive
from sandbox.json_types import Json

Filled = dict[str, dict[str, Json]]
"""block id → action id → value in Slack's form."""

ONE_OF = {"static_select", "external_select", "radio_buttons", "overflow"}
SOME_OF = {"multi_static_select", "multi_external_select", "checkboxes"}
ONE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
}
SOME = {
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
TEXT = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
STATEFUL = (
    (ONE_OF - {"overflow"})
    | SOME_OF
    | ONE.keys()
    | SOME.keys()
    | TEXT
    | {"datetimepicker", "rich_text_input", "file_input"}
)
_INITIAL = {
    "users_select": "initial_user",
    "conversations_select": "initial_conversation",
    "channels_select": "initial_channel",
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
    "multi_users_select": "initial_users",
    "multi_conversations_select": "initial_conversations",
    "multi_channels_select": "initial_channels",
}


class BadValue(ValueError):
    """A sentence about a value that this element cannot have."""


def options_of(element: Json) -> list[Json]:
    """All options, those in groups too."""
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group.get("options") or []
    return [option for option in found if isinstance(option, dict)]


def _option(element: Json, given: Any, offered: list[Json]) -> Json:
    if isinstance(given, dict) and "value" in given:
        given = given["value"]
    for option in (*options_of(element), *offered):
        if option.get("value") == given:
            return option
    raise BadValue(f"{element.get('action_id')} has no option {given!r}.")


def typed(element: Json, given: Any, offered: list[Json] | None = None) -> Json:
    """The value in Slack's form. None is "nothing". `offered` are options that the bot suggested."""
    kind = str(element.get("type"))
    offered = offered or []
    if kind in ONE_OF:
        return {"type": kind, "selected_option": None if given is None else _option(element, given, offered)}
    if kind in SOME_OF:
        items = [] if given is None else given if isinstance(given, list) else [given]
        return {"type": kind, "selected_options": [_option(element, item, offered) for item in items]}
    if kind in ONE:
        return {"type": kind, ONE[kind]: _text(element, given)}
    if kind in SOME:
        items = [] if given is None else given if isinstance(given, list) else [given]
        return {"type": kind, SOME[kind]: [str(item) for item in items]}
    if kind in TEXT:
        return {"type": kind, "value": _text(element, given) or None}
    if kind == "datetimepicker":
        if given is not None and not str(given).isdecimal():
            raise BadValue(f"{element.get('action_id')} needs seconds since 1970, not {given!r}.")
        return {"type": kind, "selected_date_time": None if given is None else int(given)}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": _rich_text(given)}
    if kind == "file_input":
        return {"type": kind, "files": given if isinstance(given, list) else []}
    raise BadValue(f"A {kind} holds no value.")


def _text(element: Json, given: Any) -> str | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise BadValue(f"{element.get('action_id')} needs a text.")
    return str(given)


def _rich_text(given: Any) -> Json | None:
    if given is None or isinstance(given, dict):
        return given
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(given)}]}
    return {"type": "rich_text", "elements": [section]}


def initial(element: Json) -> Json:
    """The value before anybody touches it."""
    kind = str(element.get("type"))
    if kind in ONE_OF:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in SOME_OF:
        return {"type": kind, "selected_options": list(element.get("initial_options") or [])}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": element.get("initial_value")}
    if kind in TEXT:
        return {"type": kind, "value": element.get("initial_value")}
    return typed(element, element.get(_INITIAL.get(kind, "")))


def current_conversation(blocks: list[Json], channel: str) -> Filled:
    """What selects with `default_to_current_conversation` hold when a view opens, if it is known where that was."""
    filled: Filled = {}
    for block, element in interactive(blocks):
        kind = str(element.get("type"))
        wanted = element.get("default_to_current_conversation") and not element.get(_INITIAL.get(kind, ""))
        if channel and wanted and kind in ("conversations_select", "multi_conversations_select"):
            filled.setdefault(str(block.get("block_id")), {})[str(element.get("action_id"))] = typed(element, channel)
    return filled


def collect(blocks: list[Json], filled: Filled) -> Filled:
    """`state.values`: every stateful element, those nobody touched with their initial value or null."""
    values: Filled = {}
    for block, element in interactive(blocks):
        if element.get("type") not in STATEFUL:
            continue
        block_id, action_id = str(block.get("block_id")), str(element.get("action_id"))
        entered = filled.get(block_id, {}).get(action_id)
        if entered is None or entered.get("type") != element.get("type"):
            entered = initial(element)
        values.setdefault(block_id, {})[action_id] = entered
    return values


def is_empty(value: Json) -> bool:
    """Whether nothing was entered."""
    return all(not item and item != 0 for name, item in value.items() if name != "type")
