"""Elements that offer a choice: selects of all kinds, overflow menus, checkboxes, radio buttons."""

from collections.abc import Mapping
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.shape import Node, Rule, flag, listing, number, one_of, shape, string
from sandbox.block_kit.texts import confirm, option, option_group, plain, plain_option, rich_option

COMMON: Mapping[str, Rule] = {"action_id": string(1, limits.ACTION_ID)}
_PICK: Mapping[str, Rule] = {
    **COMMON,
    "confirm": confirm,
    "focus_on_load": flag,
    "placeholder": plain(limits.PLACEHOLDER),
}
_MULTI: Mapping[str, Rule] = {**_PICK, "max_selected_items": number(1, whole=True)}


def _filters_something(node: Node) -> None:
    if not any(node.has(name) for name in ("include", "exclude_external_shared_channels", "exclude_bot_users")):
        node.fail("one_of", "must define at least one filter")


_filter = shape(
    {},
    {
        "include": listing(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
    also=_filters_something,
)
_ids = listing(string(1), 1)


def _same(one: Any, other: Any) -> bool:
    """Whether Slack takes one for the other: value and text."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    words = [part.get("text") for part in (one, other)]
    texts = [part.get("text") if isinstance(part, dict) else None for part in words]
    return one.get("value") == other.get("value") and texts[0] == texts[1]


def _offered(node: Node) -> list[Any]:
    found: list[Any] = []
    groups = node.get("option_groups")
    for holder in (node.value, *(groups if isinstance(groups, list) else [])):
        options = holder.get("options") if isinstance(holder, dict) else None
        found += options if isinstance(options, list) else []
    return found


def _initials_are_offered(node: Node) -> None:
    several = node.get("initial_options")
    chosen = [*(several if isinstance(several, list) else []), *([node.get("initial_option")])]
    options = _offered(node)
    for one in chosen:
        if one is not None and not any(_same(one, other) for other in options):
            node.fail("invalid_initial", "initial option must be one of the options")


def _options_or_groups(node: Node) -> None:
    if node.has("options") == node.has("option_groups"):
        node.fail("one_of", "must define exactly one of `options` or `option_groups`")
    _initials_are_offered(node)


_STATIC: Mapping[str, Rule] = {
    "options": listing(plain_option, 1, limits.SELECT_OPTIONS),
    "option_groups": listing(option_group, 1, limits.SELECT_GROUPS),
}
_EXTERNAL: Mapping[str, Rule] = {"min_query_length": number(0, whole=True)}
_CONVERSATIONS: Mapping[str, Rule] = {"default_to_current_conversation": flag, "filter": _filter}
_URL: Mapping[str, Rule] = {"response_url_enabled": flag}


def _without_focus(rules: Mapping[str, Rule]) -> Mapping[str, Rule]:
    """A multi_external_select alone among the selects has no focus_on_load."""
    return {name: rule for name, rule in rules.items() if name != "focus_on_load"}


SELECTS: Mapping[str, Rule] = {
    "static_select": shape({}, {**_PICK, **_STATIC, "initial_option": plain_option}, also=_options_or_groups),
    "external_select": shape({}, {**_PICK, **_EXTERNAL, "initial_option": plain_option}),
    "users_select": shape({}, {**_PICK, "initial_user": string(1)}),
    "conversations_select": shape({}, {**_PICK, **_CONVERSATIONS, **_URL, "initial_conversation": string(1)}),
    "channels_select": shape({}, {**_PICK, **_URL, "initial_channel": string(1)}),
}
MULTI_SELECTS: Mapping[str, Rule] = {
    "multi_static_select": shape(
        {}, {**_MULTI, **_STATIC, "initial_options": listing(plain_option, 1)}, also=_options_or_groups
    ),
    "multi_external_select": shape(
        {}, _without_focus({**_MULTI, **_EXTERNAL, "initial_options": listing(plain_option, 1)})
    ),
    "multi_users_select": shape({}, {**_MULTI, "initial_users": _ids}),
    "multi_conversations_select": shape({}, {**_MULTI, **_CONVERSATIONS, "initial_conversations": _ids}),
    "multi_channels_select": shape({}, {**_MULTI, "initial_channels": _ids}),
}
_choices = listing(rich_option, 1, limits.CHOICES)
_CHECK: Mapping[str, Rule] = {**COMMON, "confirm": confirm, "focus_on_load": flag}
CHECKS: Mapping[str, Rule] = {
    "checkboxes": shape(
        {"options": _choices}, {**_CHECK, "initial_options": listing(rich_option, 1)}, also=_initials_are_offered
    ),
    "radio_buttons": shape(
        {"options": _choices}, {**_CHECK, "initial_option": rich_option}, also=_initials_are_offered
    ),
}
OVERFLOW: Mapping[str, Rule] = {
    "overflow": shape(
        {"options": listing(option(plain(limits.OPTION_TEXT), link=True), 1, limits.OVERFLOW_OPTIONS)},
        {**COMMON, "confirm": confirm},
    )
}
