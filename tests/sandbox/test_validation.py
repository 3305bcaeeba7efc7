"""Bad blocks are refused as Slack refuses them, and nothing of them is kept."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.block_kit import validate
from tests.sandbox.town import Json, Town


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def sentences(*blocks: Any, surface: str = "message") -> list[str]:
    return [problem.sentence for problem in validate.blocks(list(blocks), surface=surface)]


async def refused(call: Any) -> Json:
    with pytest.raises(SlackApiError) as caught:
        await call
    assert isinstance(caught.value.response.data, dict)
    return caught.value.response.data


async def test_the_answer_has_slacks_shape(town: Town) -> None:
    answer = await refused(town.client().chat_postMessage(channel="C1", text="x", blocks=[section("x" * 3001)]))
    sentence = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [sentence],
        "response_metadata": {"messages": [f"[ERROR] {sentence}"]},
    }
    assert await town.texts("C1") == []


async def test_a_view_is_refused_with_its_own_pointers(town: Town) -> None:
    view = {"type": "home", "blocks": [{"type": "alert", "text": {"type": "plain_text", "text": "x"}}]}
    answer = await refused(town.client().views_publish(user_id="U1", view=view))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] unsupported type: alert [json-pointer:/view/blocks/0/type]"
    ]
    assert (await town.get("state"))["homes"] == {}


async def test_the_blocks_of_a_message_may_be_long_together_but_not_too_long(town: Town) -> None:
    client = town.client()
    blocks = [section("x" * 2900) for _ in range(4)]
    await client.chat_postMessage(channel="C1", text="x", blocks=blocks)
    answer = await refused(client.chat_postMessage(channel="C1", text="x", blocks=[*blocks, section("x" * 1500)]))
    assert answer["error"] == "msg_blocks_too_long"


async def test_the_text_of_an_update_has_a_limit_and_that_of_a_post_is_cut(town: Town) -> None:
    client = town.client()
    posted = await client.chat_postMessage(channel="C1", text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    await client.chat_update(channel="C1", ts=posted["ts"], text="x" * 4000)
    answer = await refused(client.chat_update(channel="C1", ts=posted["ts"], text="x" * 4001))
    assert answer["error"] == "msg_too_long"


async def test_what_is_no_list_of_blocks_has_an_error_of_its_own(town: Town) -> None:
    client = town.client()
    for blocks in ("[", '{"type": "divider"}', '["divider"]'):
        answer = await refused(client.api_call("chat.postMessage", params={"channel": "C1", "blocks": blocks}))
        assert answer["error"] == "invalid_blocks_format"


async def test_blocks_may_be_validated_without_a_token(town: Town) -> None:
    client = town.client("")
    assert (await client.blocks_validate(blocks=[section("fine")]))["ok"]
    answer = await refused(client.blocks_validate(blocks=[section("")]))
    assert answer["errors"] == [
        {
            "code": "too_short",
            "message": "must be more than 0 characters",
            "field": "text",
            "pointer": "/0/text/text",
            "constraint": 1,
        }
    ]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x" * 25}, "blocks": []}
    assert (await refused(client.blocks_validate(view=view)))["errors"][0]["pointer"] == "/title/text"
    message = {"text": "x", "blocks": [{"type": "nonsense"}]}
    assert (await refused(client.blocks_validate(message=message)))["errors"][0]["pointer"] == "/blocks/0/type"
    assert (await refused(client.blocks_validate(blocks=[], message=message)))["error"] == "invalid_arguments"


def button(action_id: str, **more: Any) -> Json:
    text = {"type": "plain_text", "text": "Go"}
    return {"type": "button", "action_id": action_id, "text": text, **more}


PLAIN = {"type": "plain_text", "text": "x"}


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([{"type": "nonsense"}], "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
        ([{}], "missing required field: type [json-pointer:/blocks/0]"),
        ([{"type": "section"}], "must define either `text` or `fields` [json-pointer:/blocks/0]"),
        ([{"type": "header"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([{"type": "divider", "colour": "red"}], "invalid additional property: colour [json-pointer:/blocks/0]"),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "must be a plain_text object [json-pointer:/blocks/0/text]",
        ),
        (
            [section("x", block_id="a"), section("y", block_id="a")],
            "block_id 'a' already exists [json-pointer:/blocks/1/block_id]",
        ),
        (
            [{"type": "actions", "elements": [button("a"), button("a")]}],
            "action_id 'a' already exists [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        (
            [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}],
            "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
        ),
        ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            [section("x", accessory=button("a", style="green"))],
            "must be a valid enum value: primary, danger [json-pointer:/blocks/0/accessory/style]",
        ),
        (
            [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (
            [{"type": "image", "alt_text": "x"}],
            "must define exactly one of `image_url` or `slack_file` [json-pointer:/blocks/0]",
        ),
        (
            [{"type": "markdown", "text": "x" * 6001}] * 2,
            "markdown must be less than 12001 characters in all [json-pointer:/blocks]",
        ),
        (
            [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
            "only_one_table_allowed [json-pointer:/blocks]",
        ),
        (
            [{"type": "task_card", "task_id": "1", "title": "t", "status": "pending"}],
            "must be a valid enum value: in_progress, complete, error [json-pointer:/blocks/0/status]",
        ),
        (
            [{"type": "container", "title": PLAIN, "child_blocks": [{"type": "alert", "text": PLAIN}]}],
            "unsupported type: alert [json-pointer:/blocks/0/child_blocks/0/type]",
        ),
        (
            [{"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "texts"}]}]}],
            "unsupported type: texts [json-pointer:/blocks/0/elements/0/elements/0/type]",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(blocks: list[Json], expected: str) -> None:
    assert expected in sentences(*blocks)


def test_a_chart_has_a_point_for_every_category_and_there_are_two_at_most() -> None:
    def chart(*points: str) -> Json:
        data = [{"label": point, "value": 1} for point in points]
        axes = {"categories": ["Mon", "Tue"]}
        line = {"type": "line", "series": [{"name": "eu", "data": data}], "axis_config": axes}
        return {"type": "data_visualization", "title": "t", "chart": line}

    assert sentences(*[chart("Mon", "Tue")] * 2) == []
    assert sentences(chart("Mon"))[0].startswith("every series must have exactly one point for every category")
    assert sentences(*[chart("Mon", "Tue")] * 3)[0].startswith("no more than 2 data_visualization blocks")


def test_a_modal_with_an_input_needs_a_submit_button() -> None:
    entry = {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input"}}
    view = {"type": "modal", "title": PLAIN, "blocks": [entry]}
    assert [problem.message for problem in validate.view(view)] == ["missing required field: submit"]
    assert validate.view(view | {"submit": PLAIN}) == []


def test_a_select_starts_with_one_of_its_options() -> None:
    def select(initial: str) -> Json:
        options = [{"text": PLAIN, "value": "1"}]
        initial_option = {"text": PLAIN, "value": initial}
        return {"type": "static_select", "action_id": "a", "options": options, "initial_option": initial_option}

    assert sentences(section("x", accessory=select("1"))) == []
    assert sentences(section("x", accessory=select("2"))) == [
        "initial option must be one of the options [json-pointer:/blocks/0/accessory]"
    ]


@pytest.mark.parametrize(
    "junk", [None, 1, "x", True, [], {}, {"type": 1}, {"type": ["a"]}, [[[]]], {"type": "section"}]
)
def test_junk_anywhere_is_a_problem_and_never_a_crash(junk: Any) -> None:
    for kind in sorted(validate.BLOCKS):
        for name in ("text", "elements", "fields", "accessory", "element", "rows", "chart", "tasks", "child_blocks"):
            block = {"type": kind, name: junk}
            for surface in ("message", "modal", "home", ""):
                validate.blocks([block, junk], surface=surface)
    assert validate.blocks([junk], surface="message")
    assert validate.view(junk)
