"""slackblocks builds, or refuses to build, what our validator then accepts, or refuses."""

from collections.abc import Callable
from typing import Any

import pytest
import slackblocks as sb
from hypothesis import given
from hypothesis import strategies as st

from sandbox.block_kit import validate

Json = dict[str, Any]

OPTION = sb.Option(sb.PlainText("One"), "1")
BUTTON = sb.Button("Go", action_id="go", style="danger", confirm=sb.Confirm("Sure?", "Really", "Yes", "No"))
WORDS = sb.RichTextSection(
    [sb.RichText("hi", bold=True), sb.RichTextUser("U1"), sb.RichTextLink("https://example.com")]
)
RICH = sb.RichTextBlock(
    [
        WORDS,
        sb.RichTextList("bullet", [WORDS], indent=1),
        sb.RichTextCodeBlock([sb.RichText("code")]),
        sb.RichTextQuote([sb.RichTextEmoji("wave"), sb.RichTextUserGroup("S1"), sb.RichTextChannel("C1")]),
    ]
)
IMAGE = sb.Image(image_url="https://example.com/a.png", alt_text="a")
CARD = sb.CardBlock(title="t", body="b", actions=[BUTTON], hero_image=IMAGE, slack_icon=sb.SlackIcon("bot"))
AXES = sb.AxisConfig(["Mon", "Tue"], "Day", "ms")
SERIES = sb.DataSeries("eu", [sb.DataPoint("Mon", 1), sb.DataPoint("Tue", 2.5)])
TASK = sb.TaskCardBlock("1", "Look", status="complete", details=sb.RichTextBlock([WORDS]))
INPUTS = [
    sb.PlainTextInput("a", multiline=True, min_length=1, max_length=9, placeholder="x"),
    sb.EmailInput("a"),
    sb.URLInput("a"),
    sb.NumberInput(is_decimal_allowed=True, action_id="a", min_value="1", max_value="2.5"),
    sb.RichTextInput("a"),
    sb.DatePicker("a", initial_date="2026-01-31"),
    sb.TimePicker("a", initial_time="23:59", timezone="Etc/UTC"),
    sb.DateTimePicker("a", initial_datetime=1_700_000_000),
    sb.CheckboxGroup("a", [OPTION], initial_options=[OPTION]),
    sb.RadioButtonGroup("a", [OPTION], initial_option=OPTION),
    sb.StaticSelectMenu("a", options=[OPTION], placeholder="x"),
    sb.StaticSelectMenu("a", option_groups=[sb.OptionGroup("g", [OPTION])]),
    sb.ExternalSelectMenu("a", min_query_length=0),
    sb.UserSelectMenu("a"),
    sb.ConversationSelectMenu("a", filter=sb.ConversationFilter(include=["public"])),
    sb.ChannelSelectMenu("a"),
    sb.StaticMultiSelectMenu("a", options=[OPTION], max_selected_items=2),
    sb.ExternalMultiSelectMenu("a"),
    sb.UserMultiSelectMenu("a"),
    sb.ConversationMultiSelectMenu("a"),
    sb.ChannelMultiSelectMenu("a"),
]
MESSAGE: list[Any] = [
    sb.SectionBlock("hi", fields=["a", "b"], accessory=BUTTON),
    sb.SectionBlock("hi", accessory=sb.OverflowMenu("o", [OPTION])),
    sb.SectionBlock(
        "hi", accessory=sb.WorkflowButton("Run", action_id="w", workflow=sb.Workflow.from_url("https://example.com"))
    ),
    sb.HeaderBlock("hi"),
    sb.DividerBlock(),
    sb.ContextBlock([sb.Text("hi"), IMAGE]),
    sb.ActionsBlock([BUTTON, sb.DatePicker("d"), sb.StaticSelectMenu("s", options=[OPTION])]),
    sb.ImageBlock("https://example.com/a.png", "a", "title"),
    RICH,
    sb.MarkdownBlock("# hi"),
    sb.TableBlock([[sb.RawText("a"), WORDS]], [sb.ColumnSettings("right", is_wrapped=True)]),
    sb.DataTableBlock([[sb.RawText("a")], [sb.RawNumber(1, "one")]], "numbers"),
    sb.DataVisualizationBlock("p95", sb.LineChart([SERIES], AXES)),
    sb.DataVisualizationBlock("share", sb.PieChart([sb.ChartSegment("eu", 3)])),
    CARD,
    sb.CarouselBlock([CARD]),
    sb.ContainerBlock([sb.SectionBlock("hi")], "Details", is_collapsible=True, default_collapsed=True),
    sb.ContextActionsBlock(
        [sb.FeedbackButtons(sb.FeedbackButton("+", "1"), sb.FeedbackButton("-", "0"), "f"), sb.IconButton("Bin")]
    ),
    TASK,
    sb.PlanBlock("Plan", [TASK, sb.TaskCardBlock("2", "Wait", status="pending")]),
    sb.VideoBlock("a", "https://example.com/t.png", "t", "https://example.com/v", author_name="ann"),
    sb.FileBlock("remote-1"),
    *(sb.InputBlock("Label", element, hint="h", optional=True) for element in INPUTS),
]


def name(block: Any) -> str:
    return f"{block._resolve()['type']}-{block._resolve().get('element', {}).get('type', '')}"


@pytest.mark.parametrize("block", MESSAGE, ids=name)
def test_what_slackblocks_builds_is_accepted_in_a_message(block: Any) -> None:
    assert validate.blocks([block._resolve()], surface="message") == []


@pytest.mark.parametrize("block", [*MESSAGE, sb.AlertBlock("careful", "error")], ids=name)
@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_a_block_is_refused_where_slackblocks_refuses_it(block: Any, surface: Any) -> None:
    from slackblocks._surfaces import validate_surface_blocks

    try:
        validate_surface_blocks([block], surface)
        allowed = True
    except sb.InvalidUsageError:
        allowed = False
    kinds = [problem.code for problem in validate.blocks([block._resolve()], surface=surface)]
    assert ("unsupported_type" in kinds) is not allowed


def test_a_modal_of_slackblocks_is_accepted() -> None:
    view = sb.ModalView(
        "Title", [sb.InputBlock("Files", sb.FileInput("f", ["png"], 2)), sb.AlertBlock("hm")], "No", "Yes", "meta", "cb"
    )
    assert validate.view(view.to_dict()) == []


def words(count: int) -> str:
    return "x" * count


def options(count: int) -> list[sb.Option]:
    return [sb.Option(sb.PlainText(f"o{index}"), str(index)) for index in range(count)]


def labels(count: int) -> list[str]:
    return [f"l{index}" for index in range(count)]


def points(count: int) -> sb.DataVisualizationBlock:
    series = sb.DataSeries("s", [sb.DataPoint(label, 1) for label in labels(count)])
    return sb.DataVisualizationBlock("t", sb.BarChart([series], sb.AxisConfig(labels(count))))


BY_SIZE: dict[str, tuple[int, Callable[[int], Any]]] = {
    "section text": (3000, lambda n: sb.SectionBlock(words(n))),
    "section field": (2000, lambda n: sb.SectionBlock(fields=[words(n)])),
    "section fields": (10, lambda n: sb.SectionBlock(fields=["x"] * n)),
    "header": (150, lambda n: sb.HeaderBlock(words(n))),
    "context": (10, lambda n: sb.ContextBlock([sb.Text("x")] * n)),
    "actions": (25, lambda n: sb.ActionsBlock([sb.Button("b", action_id=f"b{index}") for index in range(n)])),
    "image alt": (2000, lambda n: sb.ImageBlock("https://example.com", words(n))),
    "image title": (2000, lambda n: sb.ImageBlock("https://example.com", "a", words(n))),
    "markdown": (12_000, lambda n: sb.MarkdownBlock(words(n))),
    "label": (2000, lambda n: sb.InputBlock(words(n), sb.EmailInput("a"))),
    "hint": (2000, lambda n: sb.InputBlock("l", sb.EmailInput("a"), hint=words(n))),
    "button text": (75, lambda n: sb.ActionsBlock([sb.Button(words(n), "a")])),
    "button value": (2000, lambda n: sb.ActionsBlock([sb.Button("b", "a", value=words(n))])),
    "button label": (75, lambda n: sb.ActionsBlock([sb.Button("b", "a", accessibility_label=words(n))])),
    "action id": (255, lambda n: sb.ActionsBlock([sb.Button("b", words(n))])),
    "block id": (255, lambda n: sb.DividerBlock(words(n))),
    "confirm title": (100, lambda n: _confirmed(sb.Confirm(words(n), "x", "y", "n"))),
    "confirm text": (300, lambda n: _confirmed(sb.Confirm("t", words(n), "y", "n"))),
    "confirm button": (30, lambda n: _confirmed(sb.Confirm("t", "x", words(n), "n"))),
    "deny button": (30, lambda n: _confirmed(sb.Confirm("t", "x", "y", words(n)))),
    "option text": (75, lambda n: _select([sb.Option(sb.PlainText(words(n)), "1")])),
    "option value": (150, lambda n: _select([sb.Option(sb.PlainText("o"), words(n))])),
    "option description": (75, lambda n: _select([sb.Option(sb.PlainText("o"), "1", words(n))])),
    "select options": (100, lambda n: _select(options(n))),
    "overflow options": (5, lambda n: sb.ActionsBlock([sb.OverflowMenu("a", options(n))])),
    "checkboxes": (10, lambda n: sb.ActionsBlock([sb.CheckboxGroup("a", options(n))])),
    "radio buttons": (10, lambda n: sb.ActionsBlock([sb.RadioButtonGroup("a", options(n))])),
    "placeholder": (150, lambda n: sb.InputBlock("l", sb.PlainTextInput("a", placeholder=words(n)))),
    "input length": (3000, lambda n: sb.InputBlock("l", sb.PlainTextInput("a", max_length=n))),
    "table rows": (100, lambda n: sb.TableBlock([[sb.RawText("x")]] * n)),
    "table columns": (20, lambda n: sb.TableBlock([[sb.RawText("x")] * n])),
    "data table rows": (201, lambda n: sb.DataTableBlock([[sb.RawText("x")]] * n, "c")),
    "data table columns": (20, lambda n: sb.DataTableBlock([[sb.RawText("x")] * n] * 2, "c")),
    "data table page": (100, lambda n: sb.DataTableBlock([[sb.RawText("x")]] * 2, "c", page_size=n)),
    "chart title": (50, lambda n: sb.DataVisualizationBlock(words(n), sb.PieChart([sb.ChartSegment("a", 1)]))),
    "chart label": (20, lambda n: sb.DataVisualizationBlock("t", sb.PieChart([sb.ChartSegment(words(n), 1)]))),
    "segments": (
        12,
        lambda n: sb.DataVisualizationBlock("t", sb.PieChart([sb.ChartSegment(one, 1) for one in labels(n)])),
    ),
    "points": (20, points),
    "card title": (150, lambda n: sb.CardBlock(title=words(n))),
    "card body": (200, lambda n: sb.CardBlock(body=words(n))),
    "card subtitle": (150, lambda n: sb.CardBlock(title="t", subtitle=words(n))),
    "card subtext": (200, lambda n: sb.CardBlock(title="t", subtext=words(n))),
    "card actions": (
        3,
        lambda n: sb.CardBlock(title="t", actions=[sb.Button("b", action_id=f"b{one}") for one in range(n)]),
    ),
    "carousel": (10, lambda n: sb.CarouselBlock([sb.CardBlock(title="t", block_id=f"b{one}") for one in range(n)])),
    "container title": (150, lambda n: sb.ContainerBlock([sb.DividerBlock()], words(n))),
    "container children": (
        10,
        lambda n: sb.ContainerBlock([sb.DividerBlock(f"b{one}") for one in range(n)], "t"),
    ),
    "context actions": (
        5,
        lambda n: sb.ContextActionsBlock([sb.IconButton("b", action_id=f"b{one}") for one in range(n)]),
    ),
    "plan": (50, lambda n: sb.PlanBlock("p", [sb.TaskCardBlock(str(one), "t", status="error") for one in range(n)])),
    "video title": (200, lambda n: sb.VideoBlock("a", "https://example.com", words(n), "https://example.com")),
}


def _confirmed(confirm: sb.Confirm) -> sb.ActionsBlock:
    return sb.ActionsBlock([sb.Button("b", "a", confirm=confirm)])


def _select(chosen: list[sb.Option]) -> sb.ActionsBlock:
    return sb.ActionsBlock([sb.StaticSelectMenu("a", options=chosen)])


@pytest.mark.parametrize("what", BY_SIZE)
def test_the_limit_itself_is_accepted(what: str) -> None:
    limit, build = BY_SIZE[what]
    assert validate.blocks([build(limit)._resolve()], surface="message") == []


@pytest.mark.parametrize("what", BY_SIZE)
def test_one_more_is_refused_by_both(what: str) -> None:
    limit, build = BY_SIZE[what]
    with pytest.raises(sb.InvalidUsageError):
        build(limit + 1)
    built = build(limit)._resolve()
    longer = _one_more(built, limit)
    assert longer != built
    problems = validate.blocks([longer], surface="message")
    assert problems, what


def _one_more(value: Any, limit: int) -> Any:
    """The same with the one thing that stands at the limit one longer: a text, a list or a number."""
    if value == limit and isinstance(value, int) and not isinstance(value, bool):
        return limit + 1
    if isinstance(value, str):
        return value + "x" if len(value) == limit and set(value) == {"x"} else value
    if isinstance(value, list) and len(value) == limit:
        return [*value, _renamed(value[-1])]
    if isinstance(value, list):
        return [_one_more(one, limit) for one in value]
    if isinstance(value, dict):
        return {key: _one_more(one, limit) for key, one in value.items()}
    return value


def _renamed(value: Any) -> Any:
    """Another one of its kind, so that only the number of them is wrong."""
    if not isinstance(value, dict):
        return value
    fresh = {"block_id": "another", "action_id": "another", "task_id": "another", "value": "another"}
    return {key: fresh[key] if key in fresh and isinstance(one, str) else one for key, one in value.items()}


@given(st.integers(1, 4000), st.integers(1, 2500), st.integers(1, 12))
def test_sections_of_any_size_are_judged_alike(text: int, field: int, fields: int) -> None:
    try:
        sb.SectionBlock(words(text), fields=[words(field)] * fields)
        fine = True
    except sb.InvalidUsageError:
        fine = False
    mrkdwn = {"type": "mrkdwn", "text": words(text)}
    section = {
        "type": "section",
        "text": mrkdwn,
        "fields": [{"type": "mrkdwn", "text": words(field)}] * fields,
    }
    assert (validate.blocks([section], surface="message") == []) is fine
