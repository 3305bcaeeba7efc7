"""What slackblocks refuses to build is refused by our validator: combinations, formats, duplicates, places."""

from collections.abc import Callable
from typing import Any

import pytest
import slackblocks as sb

from sandbox.block_kit import validate
from sandbox.block_kit.layouts import BLOCKS
from tests.sandbox.test_block_kit_oracle import BY_SIZE

Json = dict[str, Any]
PLAIN = {"type": "plain_text", "text": "x"}
OPTION = {"text": PLAIN, "value": "1"}
TEXT_OPTION = {"text": {"type": "mrkdwn", "text": "x"}, "value": "1"}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
}
FILE = {"type": "image", "alt_text": "a", "slack_file": {"id": "F12"}}
IMAGE = {"type": "image", "alt_text": "a", "image_url": "https://example.com/a.png"}
THEIRS = sb.Option(sb.PlainText("x"), "1")
FLOW = sb.Workflow.from_url("https://example.com")
CELL = {"type": "raw_text", "text": "x"}


def entry(**element: Any) -> Json:
    return {"type": "input", "label": PLAIN, "element": {"action_id": "a", **element}}


def row(**element: Any) -> Json:
    return {"type": "actions", "elements": [{"action_id": "a", **element}]}


def chart(**given: Any) -> Json:
    return {"type": "data_visualization", "title": "t", "chart": given}


def lines(*series: tuple[str, list[str]], categories: list[str]) -> Json:
    told = [{"name": name, "data": [{"label": one, "value": 1} for one in labels]} for name, labels in series]
    return chart(type="line", series=told, axis_config={"categories": categories})


def theirs(*series: tuple[str, list[str]], categories: list[str]) -> Any:
    told = [sb.DataSeries(name, [sb.DataPoint(one, 1) for one in labels]) for name, labels in series]
    return sb.LineChart(told, sb.AxisConfig(categories))


def words(text: str) -> sb.RichTextBlock:
    return sb.RichTextBlock([sb.RichTextSection([sb.RichText(text)])])


REFUSED: dict[str, tuple[Callable[[], Any], Json]] = {
    "a section without text": (sb.SectionBlock, {"type": "section"}),
    "an image of two sources": (
        lambda: sb.ImageBlock("https://example.com", "a", slack_file=sb.SlackFile(None, "F12345678")),
        IMAGE | {"slack_file": {"id": "F12345678"}},
    ),
    "an image of no source": (lambda: sb.ImageBlock(alt_text="a"), {"type": "image", "alt_text": "a"}),
    "a file of a strange id": (lambda: sb.SlackFile(None, "F12"), FILE),
    "an alert of a strange level": (
        lambda: sb.AlertBlock("x", "fatal"),
        {"type": "alert", "text": PLAIN, "level": "fatal"},
    ),
    "a card of nothing": (sb.CardBlock, {"type": "card"}),
    "a card of a subtitle alone": (lambda: sb.CardBlock(subtitle="x"), {"type": "card", "subtitle": PLAIN}),
    "a card of two icons": (
        lambda: sb.CardBlock(title="t", icon=sb.Image("a", "https://example.com"), slack_icon=sb.SlackIcon("bot")),
        {"type": "card", "title": PLAIN, "icon": IMAGE, "slack_icon": {"type": "icon", "name": "bot"}},
    ),
    "a strange icon": (
        lambda: sb.SlackIcon("dragon"),
        {"type": "card", "title": PLAIN, "slack_icon": {"type": "icon", "name": "dragon"}},
    ),
    "an empty carousel": (lambda: sb.CarouselBlock([]), {"type": "carousel", "elements": []}),
    "a container without a title": (
        lambda: sb.ContainerBlock([sb.DividerBlock()]),
        {"type": "container", "child_blocks": [{"type": "divider"}]},
    ),
    "an empty container": (
        lambda: sb.ContainerBlock([], "t"),
        {"type": "container", "title": PLAIN, "child_blocks": []},
    ),
    "a container of a strange width": (
        lambda: sb.ContainerBlock([sb.DividerBlock()], "t", width="huge"),
        {"type": "container", "title": PLAIN, "width": "huge", "child_blocks": [{"type": "divider"}]},
    ),
    "a container that is collapsed for ever": (
        lambda: sb.ContainerBlock([sb.DividerBlock()], "t", default_collapsed=True),
        {"type": "container", "title": PLAIN, "default_collapsed": True, "child_blocks": [{"type": "divider"}]},
    ),
    "a line over a container that collapses": (
        lambda: sb.ContainerBlock([sb.DividerBlock()], "t", is_collapsible=True, has_header_divider=True),
        {
            "type": "container",
            "title": PLAIN,
            "is_collapsible": True,
            "has_header_divider": True,
            "child_blocks": [{"type": "divider"}],
        },
    ),
    "a card in a container": (
        lambda: sb.ContainerBlock([sb.CardBlock(title="t")], "t"),
        {"type": "container", "title": PLAIN, "child_blocks": [{"type": "card", "title": PLAIN}]},
    ),
    "a chart in a container": (
        lambda: sb.ContainerBlock([sb.DataVisualizationBlock("t", sb.PieChart([sb.ChartSegment("a", 1)]))], "t"),
        {
            "type": "container",
            "title": PLAIN,
            "child_blocks": [chart(type="pie", segments=[{"label": "a", "value": 1}])],
        },
    ),
    "a data table of one row": (
        lambda: sb.DataTableBlock([[sb.RawText("x")]], "c"),
        {"type": "data_table", "caption": "c", "rows": [[CELL]]},
    ),
    "a ragged data table": (
        lambda: sb.DataTableBlock([[sb.RawText("x")], [sb.RawText("x")] * 2], "c"),
        {"type": "data_table", "caption": "c", "rows": [[CELL], [CELL, CELL]]},
    ),
    "a data table without a caption": (
        lambda: sb.DataTableBlock([[sb.RawText("x")]] * 2, ""),
        {"type": "data_table", "caption": "", "rows": [[CELL]] * 2},
    ),
    "a data table with an empty cell": (
        lambda: sb.DataTableBlock([[sb.RawText("x")], [sb.RawText("")]], "c"),
        {"type": "data_table", "caption": "c", "rows": [[CELL], [{"type": "raw_text", "text": ""}]]},
    ),
    "a data table under a rich head": (
        lambda: sb.DataTableBlock([[words("x")], [sb.RawText("x")]], "c"),
        {"type": "data_table", "caption": "c", "rows": [[RICH], [CELL]]},
    ),
    "a data table of endless text": (
        lambda: sb.DataTableBlock([[sb.RawText("x" * 10_001)]] * 2, "c"),
        {"type": "data_table", "caption": "c", "rows": [[{"type": "raw_text", "text": "x" * 10_001}]] * 2},
    ),
    "a table without rows": (lambda: sb.TableBlock([]), {"type": "table", "rows": []}),
    "a column that leans": (
        lambda: sb.ColumnSettings("middle"),
        {"type": "table", "rows": [[CELL]], "column_settings": [{"align": "middle"}]},
    ),
    "a chart without a title": (
        lambda: sb.DataVisualizationBlock("", sb.PieChart([sb.ChartSegment("a", 1)])),
        chart(type="pie", segments=[{"label": "a", "value": 1}]) | {"title": ""},
    ),
    "a segment of nothing": (
        lambda: sb.ChartSegment("a", 0),
        chart(type="pie", segments=[{"label": "a", "value": 0}]),
    ),
    "a segment of a truth": (
        lambda: sb.ChartSegment("a", True),
        chart(type="pie", segments=[{"label": "a", "value": True}]),
    ),
    "a pie of nothing": (lambda: sb.PieChart([]), chart(type="pie", segments=[])),
    "two series of one name": (
        lambda: theirs(("eu", ["a"]), ("eu", ["a"]), categories=["a"]),
        lines(("eu", ["a"]), ("eu", ["a"]), categories=["a"]),
    ),
    "a series with a gap": (
        lambda: theirs(("eu", ["a"]), categories=["a", "b"]),
        lines(("eu", ["a"]), categories=["a", "b"]),
    ),
    "a series beside the axis": (
        lambda: theirs(("eu", ["c"]), categories=["a"]),
        lines(("eu", ["c"]), categories=["a"]),
    ),
    "a category twice": (
        lambda: theirs(("eu", ["a", "a"]), categories=["a", "a"]),
        lines(("eu", ["a", "a"]), categories=["a", "a"]),
    ),
    "a chart without series": (lambda: theirs(categories=["a"]), lines(categories=["a"])),
    "a task of no state": (
        lambda: sb.TaskCardBlock("1", "t", status="asleep"),
        {"type": "task_card", "task_id": "1", "title": "t", "status": "asleep"},
    ),
    "a task without a title": (
        lambda: sb.TaskCardBlock("1", "", status="error"),
        {"type": "task_card", "task_id": "1", "title": "", "status": "error"},
    ),
    "a plan with one task twice": (
        lambda: sb.PlanBlock("p", [sb.TaskCardBlock("1", "t", status="error")] * 2),
        {
            "type": "plan",
            "title": "p",
            "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "error"}] * 2,
        },
    ),
    "an icon button of another icon": (
        lambda: sb.IconButton("x", icon="star"),
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "star", "text": PLAIN}]},
    ),
    "feedback of one half": (
        lambda: sb.FeedbackButtons(sb.FeedbackButton("+", "1"), None, "f"),
        {
            "type": "context_actions",
            "elements": [{"type": "feedback_buttons", "positive_button": {"text": PLAIN, "value": "1"}}],
        },
    ),
    "a button of another style": (
        lambda: sb.WorkflowButton("b", action_id="a", workflow=FLOW, style="loud"),
        row(type="workflow_button", text=PLAIN, workflow={"trigger": {"url": "https://example.com"}}, style="loud"),
    ),
    "a button with an empty id": (
        lambda: sb.Button("b", ""),
        {"type": "actions", "elements": [{"type": "button", "action_id": "", "text": PLAIN}]},
    ),
    "a prompt that is shown and not there": (
        lambda: sb.Button("b", "a", agent_prompt_display="x"),
        row(type="button", text=PLAIN, agent_prompt_display="x"),
    ),
    "a workflow button without an id": (
        lambda: sb.WorkflowButton("b", workflow=FLOW, action_id=None),
        {
            "type": "actions",
            "elements": [
                {"type": "workflow_button", "text": PLAIN, "workflow": {"trigger": {"url": "https://example.com"}}}
            ],
        },
    ),
    "a confirmation of another style": (
        lambda: sb.Confirm("t", "x", "y", "n", style="loud"),
        row(
            type="button",
            text=PLAIN,
            confirm={"title": PLAIN, "text": PLAIN, "confirm": PLAIN, "deny": PLAIN, "style": "loud"},
        ),
    ),
    "options and groups": (
        lambda: sb.StaticSelectMenu("a", options=[THEIRS], option_groups=[sb.OptionGroup("g", [THEIRS])]),
        row(type="static_select", options=[OPTION], option_groups=[{"label": PLAIN, "options": [OPTION]}]),
    ),
    "no options": (lambda: sb.StaticSelectMenu("a", options=[]), row(type="static_select", options=[])),
    "an empty group": (
        lambda: sb.OptionGroup("g", []),
        row(type="static_select", option_groups=[{"label": PLAIN, "options": []}]),
    ),
    "an option with markup in a select": (
        lambda: sb.StaticSelectMenu("a", options=[sb.Option(sb.Markdown("x"), "1")]),
        row(type="static_select", options=[TEXT_OPTION]),
    ),
    "an option with markup in a long select": (
        lambda: sb.StaticMultiSelectMenu("a", options=[sb.Option(sb.Markdown("x"), "1")]),
        entry(type="multi_static_select", options=[TEXT_OPTION]),
    ),
    "none of many": (
        lambda: sb.StaticMultiSelectMenu("a", options=[THEIRS], max_selected_items=0),
        entry(type="multi_static_select", options=[OPTION], max_selected_items=0),
    ),
    "a focus where there is none": (
        lambda: sb.ExternalMultiSelectMenu("a", focus_on_load=True),
        entry(type="multi_external_select", focus_on_load=True),
    ),
    "a query of less than nothing": (
        lambda: sb.ExternalSelectMenu("a", min_query_length=-1),
        row(type="external_select", min_query_length=-1),
    ),
    "a choice that is not on offer": (
        lambda: sb.RadioButtonGroup("a", [THEIRS], initial_option=sb.Option(sb.PlainText("y"), "2")),
        entry(type="radio_buttons", options=[OPTION], initial_option={"text": PLAIN, "value": "2"}),
    ),
    "boxes without options": (lambda: sb.CheckboxGroup("a", []), entry(type="checkboxes", options=[])),
    "radio buttons without options": (lambda: sb.RadioButtonGroup("a", []), entry(type="radio_buttons", options=[])),
    "an overflow of nothing": (lambda: sb.OverflowMenu("a", []), row(type="overflow", options=[])),
    "a filter that filters nothing": (
        sb.ConversationFilter,
        row(type="conversations_select", filter={}),
    ),
    "a filter of a strange kind": (
        lambda: sb.ConversationFilter(include=["secret"]),
        row(type="conversations_select", filter={"include": ["secret"]}),
    ),
    "a day that is none": (
        lambda: sb.DatePicker("a", initial_date="1/2/2026"),
        entry(type="datepicker", initial_date="1/2/2026"),
    ),
    "an hour that is none": (
        lambda: sb.TimePicker("a", initial_time="24:00"),
        entry(type="timepicker", initial_time="24:00"),
    ),
    "a least length above the greatest": (
        lambda: sb.PlainTextInput("a", min_length=9, max_length=3),
        entry(type="plain_text_input", min_length=9, max_length=3),
    ),
    "a least number above the greatest": (
        lambda: sb.NumberInput(is_decimal_allowed=True, action_id="a", min_value="9", max_value="3"),
        entry(type="number_input", is_decimal_allowed=True, min_value="9", max_value="3"),
    ),
    "a bound that is no number": (
        lambda: sb.NumberInput(is_decimal_allowed=True, action_id="a", min_value="few"),
        entry(type="number_input", is_decimal_allowed=True, min_value="few"),
    ),
    "a number that may or may not be whole": (
        lambda: sb.NumberInput(is_decimal_allowed=None, action_id="a"),
        entry(type="number_input"),
    ),
    "a rich input without an id": (
        lambda: sb.RichTextInput(None),
        {"type": "input", "label": PLAIN, "element": {"type": "rich_text_input"}},
    ),
    "no files at all": (lambda: sb.FileInput("a", max_files=0), entry(type="file_input", max_files=0)),
    "a dispatch at a strange moment": (
        lambda: sb.DispatchActionConfiguration(["on_blur"]),
        entry(type="plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_blur"]}),
    ),
    "a button among the inputs": (
        lambda: sb.InputBlock("l", sb.Button("b", "a")),
        entry(type="button", text=PLAIN),
    ),
    "a button in a context": (
        lambda: sb.ContextBlock([sb.Button("b", "a")]),
        {"type": "context", "elements": [{"type": "button", "text": PLAIN}]},
    ),
    "a list that is indented too far": (
        lambda: sb.RichTextList("bullet", [sb.RichTextSection([sb.RichText("x")])], indent=9),
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": RICH["elements"]}],
        },
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_slackblocks_refuses_is_refused(what: str) -> None:
    build, same = REFUSED[what]
    with pytest.raises(sb.InvalidUsageError):
        build()
    surface = "modal" if same["type"] == "alert" or same.get("element", {}).get("type") == "file_input" else "message"
    assert validate.blocks([same], surface=surface), what


def test_every_type_of_block_is_refused_for_something() -> None:
    sized = {build(limit)._resolve()["type"] for limit, build in BY_SIZE.values()}
    # A file block has nothing that slackblocks looks at.
    assert set(BLOCKS) == sized | {same["type"] for _, same in REFUSED.values()} | {"file"}


def test_a_lonely_task_must_have_begun() -> None:
    task = {"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}
    with pytest.raises(sb.InvalidUsageError):
        sb.Message(channel="C", blocks=[sb.TaskCardBlock("1", "t", status="pending")])
    assert validate.blocks([task], surface="message")
    assert validate.blocks([{"type": "plan", "title": "p", "tasks": [task]}], surface="message") == []


@pytest.mark.parametrize(
    ("kind", "build", "same", "count"),
    [
        ("markdown", lambda: sb.MarkdownBlock("x" * 7000), {"type": "markdown", "text": "x" * 7000}, 2),
        (
            "data_visualization",
            lambda: sb.DataVisualizationBlock("t", sb.PieChart([sb.ChartSegment("a", 1)])),
            chart(type="pie", segments=[{"label": "a", "value": 1}]),
            3,
        ),
    ],
)
def test_attachments_count_towards_what_a_message_may_hold(
    kind: str, build: Callable[[], Any], same: Json, count: int
) -> None:
    from sandbox.web_api import content
    from sandbox.web_api.arguments import Arguments
    from sandbox.web_api.refusal import Refused

    with pytest.raises(sb.InvalidUsageError):
        sb.Message(channel="C", blocks=[build()], attachments=[sb.Attachment([build() for _ in range(count - 1)])])
    with pytest.raises(Refused) as caught:
        content.read(Arguments({"blocks": [same], "attachments": [{"blocks": [same] * (count - 1)}]}))
    assert caught.value.code == "invalid_blocks"
    assert kind in str(caught.value.more)
