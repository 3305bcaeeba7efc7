"""rich_text blocks and everything in them."""

from sandbox.block_kit import limits
from sandbox.block_kit.shape import Rule, by_type, flag, listing, number, one_of, shape, string

_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_style = shape({}, dict.fromkeys(_STYLES, flag))


def _inline(required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    return shape(required, {"style": _style, **(optional or {})})


inline = by_type(
    {
        "text": _inline({"text": string(1)}),
        "link": _inline({"url": string(1)}, {"text": string(), "unsafe": flag}),
        "user": _inline({"user_id": string(1)}),
        "usergroup": _inline({"usergroup_id": string(1)}),
        "channel": _inline({"channel_id": string(1)}),
        "team": _inline({"team_id": string(1)}),
        "broadcast": _inline({"range": one_of("here", "channel", "everyone")}),
        "emoji": _inline(
            {"name": string(1)}, {"unicode": string(), "skin_tone": number(1, 6, whole=True), "url": string()}
        ),
        "date": _inline(
            {"timestamp": number(whole=True), "format": string(1)}, {"url": string(1), "fallback": string(1)}
        ),
        "color": _inline({"value": string(1)}),
    }
)
_border = {"border": number(0, 1, whole=True)}
_section = shape({"elements": listing(inline, 1)})
_parts = {
    "rich_text_section": _section,
    "rich_text_preformatted": shape({"elements": listing(inline, 0)}, {**_border, "language": string(1)}),
    "rich_text_quote": shape({"elements": listing(inline, 0)}, _border),
    "rich_text_list": shape(
        {
            "elements": listing(by_type({"rich_text_section": _section}), 1),
            "style": one_of("bullet", "ordered"),
        },
        {"indent": number(0, limits.LIST_INDENT, whole=True), "offset": number(0, whole=True), **_border},
    ),
}
rich_text_block = shape({"elements": listing(by_type(_parts), 1)}, {"block_id": string(1, limits.BLOCK_ID)})
rich_text_value = by_type({"rich_text": rich_text_block})
"""A rich_text object inside something else: a cell, a task, the value of an input."""
