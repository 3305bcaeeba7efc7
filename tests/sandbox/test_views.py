"""Modals, the Home tab, and response URLs."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.sandbox.town import Connect, Json, Start, Town, until

PLAIN = {"type": "plain_text", "text": "x"}


def modal(title: str = "One", **more: Any) -> Json:
    blocks = [
        {
            "type": "actions",
            "block_id": "go",
            "elements": [{"type": "button", "action_id": "go", "text": PLAIN, "value": "1"}],
        }
    ]
    return {"type": "modal", "title": {"type": "plain_text", "text": title}, "blocks": blocks, **more}


async def error(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def trigger(town: Town, view: str | None = None) -> str:
    return town.slack.triggers.make("U1", view=view)


async def test_a_trigger_opens_one_view_and_only_soon(start: Start) -> None:
    moment = [1_700_000_000.0]
    town = await start(wall=lambda: moment[0])
    client = town.client()
    once = trigger(town)
    assert (await client.views_open(trigger_id=once, view=modal()))["view"]["id"] == "V1"
    assert await error(client.views_open(trigger_id=once, view=modal())) == "trigger_exchanged"
    late = trigger(town)
    moment[0] += 3.1
    assert await error(client.views_open(trigger_id=late, view=modal())) == "trigger_expired"
    assert await error(client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"


async def test_three_modals_stand_on_each_other_and_no_more(town: Town) -> None:
    client = town.client()
    first = (await client.views_open(trigger_id=trigger(town), view=modal()))["view"]
    assert await error(client.views_push(trigger_id=trigger(town), view=modal("Two"))) == "not_found"
    second = (await client.views_push(trigger_id=trigger(town, first["id"]), view=modal("Two")))["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
    third = (await client.views_push(trigger_id=trigger(town, second["id"]), view=modal("Three")))["view"]
    assert await error(client.views_push(trigger_id=trigger(town, third["id"]), view=modal())) == "push_limit_reached"
    stack = (await town.get("state"))["modals"]["U1"]
    assert [view["title"]["text"] for view in stack] == ["One", "Two", "Three"]


async def test_a_view_is_only_changed_by_those_who_know_its_last_state(town: Town) -> None:
    client = town.client()
    view = (await client.views_open(trigger_id=trigger(town), view=modal(external_id="mine")))["view"]
    newer = (await client.views_update(view_id=view["id"], hash=view["hash"], view=modal("Two")))["view"]
    assert newer["hash"] != view["hash"]
    assert await error(client.views_update(view_id=view["id"], hash=view["hash"], view=modal())) == "hash_conflict"
    await client.views_update(view_id=view["id"], view=modal("Three", external_id="mine"))
    assert (await client.views_update(external_id="mine", view=modal("Four")))["view"]["title"]["text"] == "Four"
    await town.control("close", as_="U1", view_id=view["id"])
    assert await error(client.views_update(view_id=view["id"], view=modal())) == "not_found"


async def test_an_external_id_is_used_once(town: Town) -> None:
    client = town.client()
    await client.views_open(trigger_id=trigger(town), view=modal(external_id="mine"))
    again = client.views_open(trigger_id=trigger(town), view=modal(external_id="mine"))
    assert await error(again) == "duplicate_external_id"


async def test_home_is_published_with_a_hash_against_races(town: Town) -> None:
    client = town.client()
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = (await client.views_publish(user_id="U1", view=home))["view"]
    await client.views_publish(user_id="U1", view=home, hash=first["hash"])
    assert await error(client.views_publish(user_id="U1", view=home, hash=first["hash"])) == "hash_conflict"
    assert await error(client.views_publish(user_id="U9", view=home)) == "invalid_arguments"
    assert await error(client.views_publish(user_id="U1", view=modal())) == "invalid_arguments"


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": PLAIN, "element": element, **more}


OPTIONS = [{"text": {"type": "plain_text", "text": f"{hours} h"}, "value": f"{hours}h"} for hours in (1, 2)]
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": PLAIN,
    "submit": PLAIN,
    "notify_on_close": True,
    "blocks": [
        field("why", {"type": "plain_text_input", "action_id": "a", "min_length": 2}),
        field("long", {"type": "static_select", "action_id": "a", "options": OPTIONS, "initial_option": OPTIONS[0]}),
        field("some", {"type": "checkboxes", "action_id": "a", "options": OPTIONS}, optional=True),
        field("who", {"type": "multi_users_select", "action_id": "a"}, optional=True),
        field("day", {"type": "datepicker", "action_id": "a"}, optional=True),
    ],
}


async def test_a_submission_carries_every_input_in_slacks_form(town: Town, bot: AsyncApp, connect: Connect) -> None:
    seen: list[Json] = []

    @bot.view("form")
    async def submitted(ack, body) -> None:
        seen.append(body)
        await ack()

    await connect(town, bot)
    view = (await town.client().views_open(trigger_id=trigger(town), view=FORM))["view"]
    answer = await town.control("submit", as_="U1", view_id=view["id"], values={"why": {"a": "x"}})
    assert answer["errors"] == {"why": "Enter at least 2 characters."}
    values = {"why": {"a": "deploy"}, "some": {"a": ["2h"]}, "who": {"a": ["U2", "U3"]}}
    answer = await town.control("submit", as_="U1", view_id=view["id"], values=values)
    assert answer["acked"]
    assert seen[0]["view"]["state"]["values"] == {
        "why": {"a": {"type": "plain_text_input", "value": "deploy"}},
        "long": {"a": {"type": "static_select", "selected_option": OPTIONS[0]}},
        "some": {"a": {"type": "checkboxes", "selected_options": [OPTIONS[1]]}},
        "who": {"a": {"type": "multi_users_select", "selected_users": ["U2", "U3"]}},
        "day": {"a": {"type": "datepicker", "selected_date": None}},
    }
    assert seen[0]["response_urls"] == []


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({"response_action": "update", "view": modal("New")}, ["New"]),
        ({"response_action": "push", "view": modal("New")}, ["x", "New"]),
        ({"response_action": "clear"}, []),
        ({}, []),
        ({"response_action": "errors", "errors": {"nothing": "x"}}, ["x"]),
        ({"response_action": "update", "view": {"type": "modal"}}, ["x"]),
    ],
)
async def test_the_answer_to_a_submission_decides_what_is_shown(town: Town, answer: Json, titles: list[str]) -> None:
    socket = await town.socket()
    await socket.receive_json()
    view = (await town.client().views_open(trigger_id=trigger(town), view=FORM))["view"]
    values = {"why": {"a": "deploy"}}
    asked = asyncio.create_task(town.control("submit", as_="U1", view_id=view["id"], values=values))
    envelope = await socket.receive_json()
    assert envelope["accepts_response_payload"]
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": answer})
    assert (await asked)["acked"]
    stack = (await town.get("state"))["modals"].get("U1", [])
    assert [one["title"]["text"] for one in stack] == titles
    await socket.close()


async def test_a_view_opened_while_submitting_stays_when_the_submitted_one_closes(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    @bot.view("form")
    async def submitted(ack, body, client) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal("Next"))
        await ack()

    await connect(town, bot)
    view = (await town.client().views_open(trigger_id=trigger(town), view=FORM))["view"]
    await town.control("submit", as_="U1", view_id=view["id"], values={"why": {"a": "deploy"}})
    stack = (await town.get("state"))["modals"]["U1"]
    assert [one["title"]["text"] for one in stack] == ["Next"]


async def test_closing_is_told_to_those_who_ask(town: Town, bot: AsyncApp, connect: Connect) -> None:
    cleared: list[bool] = []

    @bot.view_closed("form")
    async def closed(ack, body) -> None:
        await ack()
        cleared.append(body["is_cleared"])

    await connect(town, bot)
    for everything in (False, True):
        view = (await town.client().views_open(trigger_id=trigger(town), view=FORM))["view"]
        await town.control("close", as_="U1", view_id=view["id"], all=everything)
    await until(lambda: len(cleared) == 2)
    assert cleared == [False, True]
    assert (await town.get("state"))["modals"] == {}


async def test_a_choice_in_a_message_is_sent_and_remembered(town: Town, bot: AsyncApp, connect: Connect) -> None:
    seen: list[Json] = []

    @bot.action("long")
    async def chosen(ack, body) -> None:
        await ack()
        seen.append(body)

    await connect(town, bot)
    select = {"type": "static_select", "action_id": "long", "options": OPTIONS}
    blocks = [{"type": "actions", "block_id": "b", "elements": [select]}]
    ts = (await town.client().chat_postMessage(channel="C1", text="x", blocks=blocks))["ts"]
    await town.control("click", as_="U1", channel="C1", ts=ts, action_id="long", selected="2h")
    await until(lambda: seen)
    assert seen[0]["actions"][0]["selected_option"] == OPTIONS[1]
    assert seen[0]["state"]["values"]["b"]["long"]["selected_option"] == OPTIONS[1]
    assert seen[0]["container"] == {"type": "message", "message_ts": ts, "channel_id": "C1", "is_ephemeral": False}
    status, answer = await town.try_control("click", as_="U1", channel="C1", ts=ts, action_id="long", selected="9h")
    assert (status, answer["error"]) == (400, "long has no option '9h'.")


async def test_a_click_in_a_modal_carries_the_view_and_a_trigger_for_pushing(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    @bot.action("go")
    async def pressed(ack, body, client) -> None:
        await ack()
        assert "channel" not in body
        assert body["container"] == {"type": "view", "view_id": body["view"]["id"]}
        await client.views_push(trigger_id=body["trigger_id"], view=modal("Two"))

    await connect(town, bot)
    view = (await town.client().views_open(trigger_id=trigger(town), view=modal()))["view"]
    await town.control("click", as_="U1", view_id=view["id"], action_id="go")
    await until(lambda: len(town.slack.views.stacks["U1"]) == 2)


async def test_a_click_on_an_ephemeral_message_can_replace_and_delete_it(
    town: Town, bot: AsyncApp, connect: Connect
) -> None:
    seen: list[Json] = []

    @bot.action("go")
    async def pressed(ack, body, respond) -> None:
        await ack()
        seen.append(body)
        await (respond(delete_original=True) if len(seen) == 2 else respond("new", blocks=modal()["blocks"]))

    await connect(town, bot)
    posted = await town.client().chat_postEphemeral(channel="C1", user="U1", text="old", blocks=modal()["blocks"])
    status, _ = await town.try_control("click", as_="U2", channel="C1", ts=posted["message_ts"], action_id="go")
    assert status == 404
    await town.control("click", as_="U1", channel="C1", ts=posted["message_ts"], action_id="go")
    await until(lambda: len(town.sent("response_url")) == 1)
    assert await town.texts("C1") == ["new"]
    assert "message" not in seen[0]
    assert seen[0]["container"]["is_ephemeral"]
    await town.control("click", as_="U1", channel="C1", ts=posted["message_ts"], action_id="go")
    await until(lambda: len(town.sent("response_url")) == 2)
    assert await town.texts("C1") == []


async def test_a_response_url_takes_five_messages_in_thirty_minutes(start: Start) -> None:
    moment = [1_700_000_000.0]
    town = await start(wall=lambda: moment[0])
    url = f"{town.url}/response/{town.slack.response_urls.make(channel='C3', user='U1')}"
    webhook = AsyncWebhookClient(url)
    for _ in range(5):
        assert (await webhook.send(text="x")).body == "ok"
    assert (await webhook.send(text="x")).status_code == 404
    late = AsyncWebhookClient(f"{town.url}/response/{town.slack.response_urls.make(channel='C3', user='U1')}")
    moment[0] += 1801
    assert (await late.send(text="x")).status_code == 404
    fresh = AsyncWebhookClient(f"{town.url}/response/{town.slack.response_urls.make(channel='C3', user='U1')}")
    assert (await fresh.send(text="")).body == "no_text"
    assert (await fresh.send(text="x", blocks=[{"type": "nonsense"}])).status_code == 400
    async with town.http.post(fresh.url, data=b"{") as answer:
        assert (answer.status, await answer.text()) == (400, "invalid_payload")


async def test_the_first_home_has_no_view_and_later_ones_have(town: Town) -> None:
    socket = await town.socket()
    await socket.receive_json()
    seen = []
    for _ in range(2):
        asked = asyncio.create_task(town.control("open_home", as_="U1", tab="home"))
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert (await asked)["acked"]
        seen.append(envelope["payload"]["event"])
        await town.client().views_publish(user_id="U1", view={"type": "home", "blocks": [{"type": "divider"}]})
    assert "view" not in seen[0]
    assert seen[1]["view"]["type"] == "home"
    await socket.close()


async def test_a_button_in_an_attachment_says_which_one(town: Town, bot: AsyncApp, connect: Connect) -> None:
    seen: list[Json] = []

    @bot.action("go")
    async def pressed(ack, body) -> None:
        await ack()
        seen.append(body)

    @bot.options("which")
    async def suggest(ack, body) -> None:
        assert body["container"]["attachment_id"] == 2
        await ack(options=OPTIONS)

    await connect(town, bot)
    select = {"type": "external_select", "action_id": "which", "min_query_length": 0}
    more = [{"type": "actions", "block_id": "b", "elements": [select]}]
    attachments = [{"color": "#d0313d", "blocks": modal()["blocks"]}, {"blocks": more}]
    ts = (await town.client().chat_postMessage(channel="C1", text="x", attachments=attachments))["ts"]
    asked = {"as_": "U1", "channel": "C1", "ts": ts, "block_id": "b", "action_id": "which"}
    assert (await town.control("suggest", **asked, value="h"))["options"] == OPTIONS
    assert (await town.control("click", as_="U1", channel="C1", ts=ts, action_id="go"))["acked"]
    assert seen[0]["container"] == {
        "type": "message_attachment",
        "message_ts": ts,
        "channel_id": "C1",
        "is_ephemeral": False,
        "attachment_id": 1,
        "is_app_unfurl": False,
    }
    assert seen[0]["state"]["values"] == {"b": {"which": {"type": "external_select", "selected_option": None}}}
    assert seen[0]["message"]["attachments"][0]["id"] == 1
