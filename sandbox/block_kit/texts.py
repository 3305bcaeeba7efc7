"""Text objects and what is made of them: confirmations, options, images."""

import re

from sandbox.block_kit import limits
from sandbox.block_kit.shape import (
    Node,
    Rule,
    exactly_one,
    flag,
    listing,
    one_of,
    shape,
    string,
    url,
)


def plain(most: int, least: int = 1) -> Rule:
    """A plain_text object."""
    inside = shape({"text": string(least, most)}, {"emoji": flag})

    def check(node: Node) -> None:
        _kind(node, ("plain_text",), inside)

    return check


def text(most: int, least: int = 1) -> Rule:
    """A text object of either kind."""
    inside = {
        "plain_text": shape({"text": string(least, most)}, {"emoji": flag}),
        "mrkdwn": shape({"text": string(least, most)}, {"verbatim": flag}),
    }

    def check(node: Node) -> None:
        _kind(node, tuple(inside), inside.get(str(node.get("type")), inside["plain_text"]))

    return check


def _kind(node: Node, kinds: tuple[str, ...], inside: Rule) -> None:
    if not isinstance(node.value, dict):
        node.fail("wrong_type", "must be an object")
    elif node.get("type") not in kinds:
        node.fail("unsupported_type", f"must be a {' or '.join(kinds)} object")
    else:
        inside(node)


confirm = shape(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": text(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)


def option(words: Rule, *, link: bool = False) -> Rule:
    """Only options of an overflow menu may have a link."""
    more: dict[str, Rule] = {"description": text(limits.OPTION_DESCRIPTION)}
    if link:
        more["url"] = string(1, limits.OPTION_URL)
    return shape({"text": words, "value": string(1, limits.OPTION_VALUE)}, more)


plain_option = option(plain(limits.OPTION_TEXT))
rich_option = option(text(limits.OPTION_TEXT))
option_group = shape(
    {"label": plain(limits.GROUP_LABEL), "options": listing(plain_option, 1, limits.SELECT_OPTIONS)},
)

_FILE_ID = re.compile(r"F[A-Z0-9]{8,}")


def _file_id(node: Node) -> None:
    if not isinstance(node.value, str) or not _FILE_ID.fullmatch(node.value):
        node.fail("invalid_format", "must match the pattern ^F[A-Z0-9]{8,}$")


slack_file = shape({}, {"id": _file_id, "url": url(limits.IMAGE_URL)}, also=exactly_one("id", "url"))
_image = {"image_url": url(limits.IMAGE_URL), "slack_file": slack_file}
image_element = shape(
    {"alt_text": string(1, limits.IMAGE_ALT)},
    _image,
    also=exactly_one("image_url", "slack_file"),
)
image_block = shape(
    {"alt_text": string(1, limits.IMAGE_ALT)},
    {**_image, "block_id": string(1, limits.BLOCK_ID), "title": plain(limits.IMAGE_TITLE)},
    also=exactly_one("image_url", "slack_file"),
)
