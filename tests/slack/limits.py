"""What Slack takes, asked of two strangers: the package `slackblocks` and the sandbox's validator."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import slackblocks

from sandbox.block_kit import validate

BLOCKS = 50
TEXT = 4_000
TOTAL = 12_000

_TOKEN = re.compile(r"<[^<>]*>")


def problems(blocks: list[dict[str, Any]]) -> list[str]:
    """Everything for which Slack would refuse a message of these blocks."""
    found = [f"sandbox: {p.message} at {p.pointer}" for p in validate.blocks(blocks, surface="message")]
    found += [f"slackblocks: {complaint}" for block in blocks if (complaint := _refused(block))]
    if len(blocks) > BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if (total := len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))) > TOTAL:
        found.append(f"{total} characters in all")
    return found


def view_problems(view: dict[str, Any]) -> list[str]:
    """Everything for which Slack would refuse a Home or a dialog."""
    found = [f"sandbox: {p.message} at {p.pointer}" for p in validate.view(view)]
    # The package cannot read `input` blocks (its issue #208).
    known = [block for block in view["blocks"] if block["type"] != "input"]
    found += [f"slackblocks: {complaint}" for block in known if (complaint := _refused(block))]
    return found + (["too large"] if validate.view_too_large(view) else [])


def _refused(block: dict[str, Any]) -> str:
    try:
        again = _rebuilt(block)._resolve()
    except (slackblocks.InvalidUsageError, KeyError, TypeError, ValueError) as error:
        return f"{block['type']}: {type(error).__name__}: {error}"
    return "" if again["type"] == block["type"] else "became another block"


def _rebuilt(block: dict[str, Any]) -> slackblocks.Block:
    """The same block, built by slackblocks, which refuses what Slack would; it cannot read elements from JSON."""
    if block["type"] == "actions":
        return slackblocks.ActionsBlock([_button(**element) for element in block["elements"]])
    if "accessory" in block:
        accessory = _button(**block["accessory"])
        return slackblocks.SectionBlock(slackblocks.Text.from_dict(block["text"]), accessory=accessory)
    if block["type"] == "rich_text":
        return slackblocks.RichTextBlock([_rich_text(element) for element in block["elements"]])
    if block["type"] == "data_visualization":
        return _chart(**block)
    return slackblocks.Block.from_dict(block)


def _chart(*, type: str, title: str, chart: dict[str, Any]) -> Any:  # noqa: A002
    assert (type, chart["type"]) == ("data_visualization", "line")
    series = [
        slackblocks.DataSeries(each["name"], [slackblocks.DataPoint(p["label"], p["value"]) for p in each["data"]])
        for each in chart["series"]
    ]
    return slackblocks.DataVisualizationBlock(
        title, slackblocks.LineChart(series, slackblocks.AxisConfig(**chart["axis_config"]))
    )


def _rich_text(element: dict[str, Any]) -> Any:
    kinds = {
        "rich_text_section": slackblocks.RichTextSection,
        "rich_text_preformatted": slackblocks.RichTextCodeBlock,
    }
    texts = [slackblocks.RichText(each["text"], **each.get("style", {})) for each in element["elements"]]
    return kinds[element["type"]](texts)


def _button(*, text: dict[str, Any], type: str, confirm: dict[str, Any] | None = None, **rest: Any) -> Any:  # noqa: A002
    assert type == "button"
    question = slackblocks.ConfirmationDialogue.from_dict(confirm) if confirm else None
    return slackblocks.Button(slackblocks.Text.from_dict(text), confirm=question, **rest)


def units(text: str) -> int:
    """As Slack's clients count."""
    return len(text.encode("utf-16-le")) // 2


def parsed_texts(part: Any) -> Iterator[dict[str, Any]]:
    """Every text object that Slack parses."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part
        for value in part.values():
            yield from parsed_texts(value)
    elif isinstance(part, list):
        for each in part:
            yield from parsed_texts(each)


def tokens(text: str) -> set[str]:
    """Everything that Slack would make a mention, a date or a link of."""
    return set(_TOKEN.findall(text))


def strings(part: Any) -> Iterator[str]:
    """Every string."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, list):
        for each in part:
            yield from strings(each)


def elements(part: Any) -> Iterator[dict[str, Any]]:
    """Everything that can be pressed."""
    if isinstance(part, dict):
        if "action_id" in part:
            yield part
        for value in part.values():
            yield from elements(value)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from elements(each)
