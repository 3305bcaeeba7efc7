"""Buttons, pickers and inputs, and which elements belong where."""

import re
from collections.abc import Mapping

from sandbox.block_kit import limits
from sandbox.block_kit.choices import CHECKS, COMMON, MULTI_SELECTS, OVERFLOW, SELECTS
from sandbox.block_kit.rich_texts import rich_text_value
from sandbox.block_kit.shape import Node, Rule, by_type, flag, listing, number, one_of, shape, string
from sandbox.block_kit.texts import confirm, image_element, plain, text

_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_BUTTON: Mapping[str, Rule] = {
    **COMMON,
    "confirm": confirm,
    "style": one_of("primary", "danger"),
    "accessibility_label": string(1, limits.ACCESSIBILITY_LABEL),
}


def _prompt_has_words(node: Node) -> None:
    if node.has("agent_prompt_display") and not node.has("agent_prompt"):
        node.fail("missing_field", "missing required field: agent_prompt")


button = shape(
    {"text": plain(limits.BUTTON_TEXT)},
    {
        **_BUTTON,
        "value": string(0, limits.BUTTON_VALUE),
        "url": string(1, limits.BUTTON_URL),
        "agent_prompt": string(0, limits.AGENT_PROMPT),
        "agent_prompt_display": string(),
    },
    also=_prompt_has_words,
)
_workflow = shape(
    {
        "trigger": shape(
            {"url": string(1)},
            {"customizable_input_parameters": listing(shape({"name": string(1), "value": string()}), 0)},
        )
    }
)
workflow_button = shape({**COMMON, "text": plain(limits.BUTTON_TEXT), "workflow": _workflow}, _BUTTON)
_feedback = shape(
    {"text": plain(limits.BUTTON_TEXT), "value": string(0, limits.BUTTON_VALUE)},
    {"accessibility_label": string(1, limits.ACCESSIBILITY_LABEL)},
)
feedback_buttons = shape({"positive_button": _feedback, "negative_button": _feedback}, COMMON)
icon_button = shape(
    {"icon": one_of("trash"), "text": plain(limits.TEXT)},
    {
        **COMMON,
        "confirm": confirm,
        "value": string(0, limits.BUTTON_VALUE),
        "accessibility_label": string(1, limits.ACCESSIBILITY_LABEL),
        "visible_to_user_ids": listing(string(1), 0, limits.VISIBLE_TO),
    },
)


def _matching(pattern: str, sentence: str) -> Rule:
    compiled = re.compile(pattern)

    def check(node: Node) -> None:
        if not isinstance(node.value, str) or not compiled.fullmatch(node.value):
            node.fail("invalid_format", sentence)

    return check


_PICK: Mapping[str, Rule] = {**COMMON, "confirm": confirm, "focus_on_load": flag}
_HINT: Mapping[str, Rule] = {"placeholder": plain(limits.PLACEHOLDER)}
DATE: Mapping[str, Rule] = {
    "datepicker": shape(
        {}, {**_PICK, **_HINT, "initial_date": _matching(r"\d{4}-\d{2}-\d{2}", "must be in the format YYYY-MM-DD")}
    ),
    "timepicker": shape(
        {},
        {
            **_PICK,
            **_HINT,
            "initial_time": _matching(r"([01]\d|2[0-3]):[0-5]\d", "must be in the format HH:mm"),
            "timezone": string(1),
        },
    ),
}
DATETIME: Mapping[str, Rule] = {
    "datetimepicker": shape({}, {**_PICK, "initial_date_time": number(0, 9_999_999_999, whole=True)})
}
_dispatch = shape({}, {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})
_ENTRY: Mapping[str, Rule] = {
    **COMMON,
    **_HINT,
    "focus_on_load": flag,
    "dispatch_action_config": _dispatch,
    "initial_value": string(),
}


def _lengths(node: Node) -> None:
    least, most = node.get("min_length"), node.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        node.fail("invalid_range", "min_length must not exceed max_length")


def _decimal(node: Node) -> None:
    if not isinstance(node.value, str) or not _DECIMAL.fullmatch(node.value):
        node.fail("invalid_format", "must be a decimal string")


def _bounds(node: Node) -> None:
    bounds = [node.get("min_value"), node.get("max_value")]
    if all(isinstance(one, str) and _DECIMAL.fullmatch(one) for one in bounds) and float(bounds[0]) > float(bounds[1]):
        node.fail("invalid_range", "min_value must not exceed max_value")


_lines = number(1, limits.INPUT_LINES, whole=True)
INPUTS: Mapping[str, Rule] = {
    "plain_text_input": shape(
        {},
        {
            **_ENTRY,
            "initial_value": string(0, limits.INPUT_LENGTH),
            "multiline": flag,
            "min_length": number(0, limits.INPUT_LENGTH, whole=True),
            "max_length": number(1, limits.INPUT_LENGTH, whole=True),
        },
        also=_lengths,
    ),
    "email_text_input": shape({}, _ENTRY),
    "url_text_input": shape({}, _ENTRY),
    "number_input": shape(
        {"is_decimal_allowed": flag},
        {**_ENTRY, "initial_value": _decimal, "min_value": _decimal, "max_value": _decimal},
        also=_bounds,
    ),
    "rich_text_input": shape(
        COMMON,
        {**_ENTRY, "initial_value": rich_text_value, "min_lines": _lines, "max_lines": _lines},
    ),
    "file_input": shape(
        {},
        {**COMMON, "filetypes": listing(string(1), 1), "max_files": number(1, limits.INPUT_FILES, whole=True)},
    ),
}
BUTTONS: Mapping[str, Rule] = {"button": button, "workflow_button": workflow_button}
CONTEXT_BUTTONS: Mapping[str, Rule] = {"feedback_buttons": feedback_buttons, "icon_button": icon_button}
_ALL = {
    *BUTTONS, *CONTEXT_BUTTONS, *DATE, *DATETIME, *INPUTS, *SELECTS, *MULTI_SELECTS, *CHECKS, *OVERFLOW,
    "image", "plain_text", "mrkdwn",
}  # fmt: skip

accessory = by_type({**BUTTONS, **DATE, **SELECTS, **MULTI_SELECTS, **CHECKS, **OVERFLOW, "image": image_element}, _ALL)
action = by_type({**BUTTONS, **DATE, **DATETIME, **SELECTS, **CHECKS, **OVERFLOW}, _ALL)
entry = by_type({**INPUTS, **DATE, **DATETIME, **SELECTS, **MULTI_SELECTS, **CHECKS}, _ALL)
context = by_type({"image": image_element, "plain_text": text(limits.TEXT), "mrkdwn": text(limits.TEXT)}, _ALL)
context_button = by_type(CONTEXT_BUTTONS, _ALL)
